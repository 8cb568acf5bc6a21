"""Key binding: who presents an SD-JWT, now and to whom, by RFC 9901, section 7.3."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import Issuer, base64url, jwk, new_key
from gateway.formats._key_binding import WINDOW
from gateway.model import Expected, Outcome
from tests.gateway.formats.sd_jwt import FAMILY_NAME, HOLDER, NONCE, VERIFIER, bind, digest, issue, vc
from tests.gateway.proving import NOW, credential, proof_tools, proven

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer
    from gateway.model import Proven

PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE
ISSUER = Issuer.did_key()
PRESENTED = issue(ISSUER, vc(ISSUER), [FAMILY_NAME])
EXPECTED = Expected(challenge=NONCE, domain=frozenset({VERIFIER}))


async def shown(
    canonicalizer: RdfCanonicalizer, text: str, expected: Expected | None = EXPECTED, **tools: Any
) -> tuple[Outcome, Outcome | None, list[str]]:
    """Return the outcome of the proof and of the holder's, and the codes of the latter."""
    found, verified = await proven(text, proof_tools(canonicalizer, now=NOW, expected=expected, **tools))
    assert (verified is None) is (found.proof.outcome is not PASS)
    return found.proof.outcome, None if found.holder is None else found.holder.outcome, holder_codes(found)


def holder_codes(found: Proven) -> list[str]:
    """Return the codes of the holder check."""
    return [] if found.holder is None else [problem.code for problem in found.holder.problems]


async def test_holder_is_bound(canonicalizer: RdfCanonicalizer) -> None:
    """The key that `cnf` names signed the nonce, the audience and what is shown."""
    found, verified = await proven(bind(PRESENTED), proof_tools(canonicalizer, now=NOW, expected=EXPECTED))
    assert found.holder is not None
    assert (found.proof.outcome, found.holder.outcome, found.holder.facts) == (PASS, PASS, {"binding": "holder_proof"})
    assert verified is not None
    assert verified.document["family_name"] == "Mustermann"


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384", "RSA"])
async def test_holder_may_have_any_key(canonicalizer: RdfCanonicalizer, kind: str) -> None:
    """Every kind of key that verifies for issuers verifies for holders."""
    key = new_key(kind)
    text = issue(ISSUER, vc(ISSUER, cnf={"jwk": jwk(key)}), [FAMILY_NAME])
    assert await shown(canonicalizer, bind(text, key)) == (PASS, PASS, [])


@pytest.mark.parametrize("algorithm", ["sha-384", "sha-512"])
async def test_sd_hash_is_made_with_sd_alg(canonicalizer: RdfCanonicalizer, algorithm: str) -> None:
    """The hash of the disclosures is that of what the holder signed, too."""
    name = algorithm.replace("-", "")
    text = issue(ISSUER, vc(ISSUER, _sd_alg=algorithm, _sd=[digest(FAMILY_NAME, name)]), [FAMILY_NAME])
    assert await shown(canonicalizer, bind(text, claims={"sd_hash": digest(text, name)})) == (PASS, PASS, [])
    assert await shown(canonicalizer, bind(text)) == (FAIL, FAIL, ["key-binding-invalid"])


async def test_T47_whether_it_is_required_is_not_the_presenters_to_say(canonicalizer: RdfCanonicalizer) -> None:
    """Asked for, it has to be there, whatever is presented; not asked for, it is not looked at, be it good or bad."""
    other = bind(PRESENTED, new_key("P-256"))
    unbound = issue(ISSUER, vc(ISSUER, cnf=None), [FAMILY_NAME])
    for text in (PRESENTED, bind(PRESENTED), other, PRESENTED + "junk", unbound):
        assert await shown(canonicalizer, text, None) == (PASS, None, [])
    for text in (PRESENTED, unbound, bind(unbound)):
        assert await shown(canonicalizer, text) == (FAIL, FAIL, ["key-binding-missing"])
    assert await shown(canonicalizer, other) == (FAIL, FAIL, ["key-binding-invalid"])


@pytest.mark.parametrize(
    "cnf", [None, {}, {"kid": "1"}, {"jkt": "x"}, {"jku": "https://holder.example"}, {"x5c": []}], ids=str
)
async def test_T47_cnf_has_to_hold_the_key(canonicalizer: RdfCanonicalizer, cnf: Any) -> None:
    """A mere name of a key, or a place where one might be, binds nobody; nothing is fetched for it."""
    text = issue(ISSUER, vc(ISSUER, cnf=cnf), [FAMILY_NAME])
    assert await shown(canonicalizer, bind(text)) == (FAIL, FAIL, ["key-binding-missing"])


@pytest.mark.parametrize(
    ("holder", "outcome", "code"),
    [
        ({"kty": "oct", "k": base64url(b"k" * 32)}, FAIL, "INVALID_VERIFICATION_METHOD"),
        ({**jwk(HOLDER), "d": "x"}, FAIL, "INVALID_VERIFICATION_METHOD"),
        ({**jwk(HOLDER), "use": "enc"}, FAIL, "INVALID_VERIFICATION_METHOD"),
        ({"kty": "EC", "crv": "brainpoolP256r1", "x": "", "y": ""}, INDETERMINATE, "unsupported-key-type"),
    ],
    ids=["symmetric", "private", "for encryption", "unknown"],
)
async def test_T26_key_in_cnf_is_checked(
    canonicalizer: RdfCanonicalizer, holder: Any, outcome: Outcome, code: str
) -> None:
    """A key that everybody has, or that does not sign, binds nobody."""
    text = issue(ISSUER, vc(ISSUER, cnf={"jwk": holder}), [FAMILY_NAME])
    assert await shown(canonicalizer, bind(text)) == (outcome, outcome, [code])


@pytest.mark.parametrize("typ", [None, "JWT", "dc+sd-jwt", "vp+jwt", "kb"], ids=str)
async def test_T47_typ_is_kb_jwt(canonicalizer: RdfCanonicalizer, typ: str | None) -> None:
    """Another token that the holder once signed is no key binding."""
    text = bind(PRESENTED, header={"typ": typ})
    assert await shown(canonicalizer, text) == (FAIL, FAIL, ["key-binding-invalid"])


@pytest.mark.parametrize("alg", ["none", "HS256", "EdDSA", "ES384"])
async def test_T27_algorithm_is_that_of_the_key(canonicalizer: RdfCanonicalizer, alg: str) -> None:
    """Neither none nor a MAC, and no signature by another algorithm than the key's."""
    text = bind(PRESENTED, header={"alg": alg})
    assert await shown(canonicalizer, text) == (FAIL, FAIL, ["key-binding-invalid"])


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"nonce": "other"}, "INVALID_CHALLENGE_ERROR"),
        ({"nonce": None}, "key-binding-invalid"),
        ({"nonce": [NONCE]}, "key-binding-invalid"),
        ({"aud": "https://other.example"}, "INVALID_DOMAIN_ERROR"),
        ({"aud": f"{VERIFIER}/"}, "INVALID_DOMAIN_ERROR"),
        ({"aud": [VERIFIER]}, "key-binding-invalid"),
        ({"aud": None}, "key-binding-invalid"),
        ({"sd_hash": None}, "key-binding-invalid"),
        ({"sd_hash": digest("other")}, "key-binding-invalid"),
        ({"sd_hash": digest(PRESENTED) + "="}, "key-binding-invalid"),
        ({"iat": None}, "key-binding-invalid"),
        ({"iat": str(NOW.timestamp())}, "key-binding-invalid"),
        ({"iat": True}, "key-binding-invalid"),
        ({"iat": 1e300}, "key-binding-invalid"),
        ({"iat": 253402300799}, "key-binding-invalid"),
        ({"exp": NOW.timestamp() - 60}, "key-binding-invalid"),
        ({"nbf": NOW.timestamp() + 61}, "key-binding-invalid"),
        ({"exp": "never"}, "key-binding-invalid"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,  # keys are new in each process
)
async def test_T47_T38_claims_are_for_this_presentation(
    canonicalizer: RdfCanonicalizer, claims: dict[str, Any], code: str
) -> None:
    """The nonce and the audience are one string each and those of the caller, and `sd_hash` is of what is shown."""
    assert await shown(canonicalizer, bind(PRESENTED, claims=claims)) == (FAIL, FAIL, [code])


async def test_T47_disclosures_are_covered(canonicalizer: RdfCanonicalizer) -> None:
    """Whoever takes a disclosure away, or adds one, breaks the holder's signature."""
    bare = issue(ISSUER, vc(ISSUER))
    key_binding = bind(PRESENTED).removeprefix(PRESENTED)
    assert await shown(canonicalizer, bare + key_binding) == (FAIL, FAIL, ["key-binding-invalid"])
    added = bind(bare).removeprefix(bare)
    assert await shown(canonicalizer, PRESENTED + added) == (FAIL, FAIL, ["key-binding-invalid"])


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (timedelta(seconds=60), PASS),
        (timedelta(seconds=61), FAIL),
        (-WINDOW - timedelta(seconds=59), PASS),
        (-WINDOW - timedelta(seconds=60), FAIL),
    ],
    ids=str,
)
async def test_T47_T41_iat_is_within_the_window(
    canonicalizer: RdfCanonicalizer, step: timedelta, outcome: Outcome
) -> None:
    """It was made minutes ago at most, and not in the future, by as much as clocks may differ."""
    text = bind(PRESENTED, claims={"iat": (NOW + step).timestamp()})
    assert (await shown(canonicalizer, text))[1] is outcome


async def test_window_is_about_now(canonicalizer: RdfCanonicalizer) -> None:
    """Whoever asks about a past instant still holds a presentation of today."""
    past = NOW - timedelta(days=30)
    claims = vc(ISSUER, iat=int(past.timestamp()))
    text = bind(issue(ISSUER, claims, [FAMILY_NAME]))
    assert await shown(canonicalizer, text, as_of=past) == (PASS, PASS, [])


async def test_what_is_not_expected_is_not_compared(canonicalizer: RdfCanonicalizer) -> None:
    """A caller may expect a domain alone; the holder's signature counts all the same."""
    domain = Expected(domain=frozenset({VERIFIER}))
    assert await shown(canonicalizer, bind(PRESENTED, claims={"nonce": "any"}), domain) == (PASS, PASS, [])
    assert await shown(canonicalizer, bind(PRESENTED, new_key("P-256")), domain) == (
        FAIL,
        FAIL,
        ["key-binding-invalid"],
    )


async def test_nothing_is_said_of_the_holder_of_a_forgery(canonicalizer: RdfCanonicalizer) -> None:
    """Whose key `cnf` names is known only where the issuer's signature is good."""
    head, _, signature = PRESENTED.partition("~")[0].rpartition(".")
    forged = f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}~{FAMILY_NAME}~"
    assert await shown(canonicalizer, bind(forged)) == (FAIL, INDETERMINATE, ["CRYPTOGRAPHIC_SECURITY_ERROR"])


@pytest.mark.parametrize("text", ["x", "a.b.c", "..", "é"], ids=repr)
async def test_malformed_key_binding_is_refused(canonicalizer: RdfCanonicalizer, text: str) -> None:
    """What stands after the last tilde is a JWT, and is refused where it is none."""
    assert await shown(canonicalizer, PRESENTED + text) == (FAIL, FAIL, ["key-binding-invalid"])


async def test_credential_of_the_data_model_is_bound_alike(canonicalizer: RdfCanonicalizer) -> None:
    """A vc+sd-jwt with a `cnf` is presented in the same way."""
    document = {**credential(ISSUER.did), "cnf": {"jwk": jwk(HOLDER)}}
    text = issue(ISSUER, document, typ="vc+sd-jwt")
    assert await shown(canonicalizer, bind(text)) == (PASS, PASS, [])
    assert await shown(canonicalizer, text) == (FAIL, FAIL, ["key-binding-missing"])
