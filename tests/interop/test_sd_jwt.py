"""SD-JWTs of two other implementations verify here, and ours there; and what they accept that is refused here.

`@sd-jwt/sd-jwt-vc` for JavaScript, and the reference implementation `sd-jwt` for Python. A divergence is written
down as what the others do today: a test that begins to fail says that they have become stricter.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from gateway.demo.issuer import Issuer, base64url, compact, jwk, new_key
from gateway.model import CheckName, Expected, Outcome
from tests.gateway.formats.sd_jwt import FAMILY_NAME, bind, claim, digest, disclosure, element, issue
from tests.interop.node import run
from tests.issuer import University, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

ISSUER = "https://issuer.example"
METADATA = "https://issuer.example/.well-known/jwt-vc-issuer"
LIST = "https://issuer.example/statuslists/1"
NOW = 1_780_315_200
"""The instant at which the tests' university stands."""
NONCE, AUDIENCE = "n-0S6_WzA2Mj", "https://verifier.example"
EXPECTED = Expected(challenge=NONCE, domain=frozenset({AUDIENCE}))
ALGORITHMS = {"ES256": "P-256", "ES384": "P-384", "EdDSA": "Ed25519"}
FORMS = ("all", "some", "none", "bound", "valid")


@pytest.fixture(scope="module")
def issued() -> dict[str, dict[str, Any]]:
    """What the JavaScript implementation issues, by algorithm and form."""
    asked = {"iss": ISSUER, "list": LIST, "now": NOW, "nonce": NONCE, "aud": AUDIENCE}
    return {item["name"]: item for item in run("issue_tokens.js", asked)}


@pytest_asyncio.fixture
async def relying_party(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier over the fake internet."""
    async with university(tmp_path) as made:
        assert int(made.now.timestamp()) == NOW
        yield made


async def verified(party: University, key: Any, presented: Any, listed: Any = None, **asked: Any) -> VerificationResult:
    """Return the result, while the issuer publishes that key and that list."""
    party.internet.serve(METADATA, {"issuer": ISSUER, "jwks": {"keys": [key]}})
    if listed is not None:
        party.internet.serve(LIST, listed, media_type="application/statuslist+jwt")
    return await party.verify(presented, **asked)


def problems(result: VerificationResult) -> list[str]:
    """Return the codes of all problems, but for what is not asked after another one."""
    found = [problem.code for check in result.checks for problem in check.problems]
    return [code for code in found if code != "not-asked"]


# The JavaScript implementation


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_what_the_peer_issues_verifies(
    alg: str, form: str, issued: dict[str, dict[str, Any]], relying_party: University
) -> None:
    """Everything shown, something, or nothing; with the holder's key, and with a status."""
    item = issued[f"{alg} {form}"]
    asked = {"expected": EXPECTED} if form == "bound" else {}
    result = await verified(relying_party, item["key"], item["presented"], item.get("list"), **asked)
    assert (result.outcome, problems(result)) == (Outcome.PASS, [])
    assert result.record is not None
    assert result.record.subject["name"] == {"all": "Alex Learner", "none": None}.get(form, "Learner")
    names = [achievement["name"] for achievement in result.record.achievements]
    assert names == ([] if form == "none" else [{"en": "Bachelor of Arts"}])


@pytest.mark.parametrize("alg", ALGORITHMS)
async def test_what_the_peer_issues_does_not_verify_once_it_is_changed(
    alg: str, issued: dict[str, dict[str, Any]], relying_party: University
) -> None:
    """A claim changed or added, the binding's disclosures changed, the status set: none verifies."""
    some, bound, invalid = (issued[f"{alg} {form}"] for form in ("some", "bound", "invalid"))
    token, first, *others = some["presented"].split("~")
    for changed in (
        "~".join((token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB"), first, *others)),
        "~".join((token, claim("family_name", "Surgeon"), *others)),
        "~".join((token, claim("honours", "cum laude"), first, *others)),
    ):
        assert (await verified(relying_party, some["key"], changed)).outcome is Outcome.FAIL
    shown = bound["presented"].split("~")
    withheld = "~".join((shown[0], *shown[2:]))
    result = await verified(relying_party, bound["key"], withheld, expected=EXPECTED)
    assert (result.outcome, result.check(CheckName.PROOF).outcome) == (Outcome.FAIL, Outcome.FAIL)
    result = await verified(relying_party, invalid["key"], invalid["presented"], invalid["list"])
    assert (result.outcome, problems(result)) == (Outcome.FAIL, ["revoked"])


def test_what_is_issued_here_verifies_there() -> None:
    """For each algorithm, with what is disclosed, with a key binding and with a status."""
    asked: list[dict[str, Any]] = []
    expected: list[Any] = []
    for alg, kind in ALGORITHMS.items():
        issuer, holder = Issuer(ISSUER, new_key(kind), "key-1"), new_key("P-256")
        city = claim("city", "Paris")
        claims = {
            "iss": ISSUER,
            "iat": NOW - 60,
            "vct": "urn:eudi:diploma:1",
            "cnf": {"jwk": jwk(holder)},
            "_sd": [digest(FAMILY_NAME), digest("decoy")],
            "_sd_alg": "sha-256",
            "address": {"_sd": [digest(city)]},
            "courses": [{"...": digest(element("Logic"))}, {"...": digest("decoy")}],
        }
        shown = {"family_name": "Mustermann", "address": {"city": "Paris"}, "courses": ["Logic"]}
        plain = issue(issuer, claims, [FAMILY_NAME, city, element("Logic")], kid="key-1")
        item = {"alg": alg, "key": jwk(issuer.key), "now": NOW, "presented": plain}
        bound = bind(plain, key=holder, header={"alg": "ES256"}, claims={"iat": NOW, "nonce": NONCE, "aud": AUDIENCE})
        asked += [item, {**item, "presented": bound, "holder": "ES256", "nonce": NONCE}]
        expected += [shown, shown]
        for octets, shows in ((b"\x00", shown), (b"\x04", False)):
            status = {**claims, "status": {"status_list": {"idx": 1, "uri": LIST}}}
            listed = {"bits": 2, "lst": base64url(zlib.compress(octets))}
            header = {"typ": "statuslist+jwt", "kid": "key-1"}
            token = compact(issuer.key, header, {"sub": LIST, "iat": NOW - 60, "iss": ISSUER, "status_list": listed})
            disclosures = [FAMILY_NAME, city, element("Logic")]
            asked.append({**item, "presented": issue(issuer, status, disclosures, kid="key-1"), "list": token})
            expected.append(shows)
    names = ("family_name", "address", "courses")
    found = [answer and {name: answer[name] for name in names} for answer in run("verify_tokens.js", asked)]
    assert found == expected


# The reference implementation


@pytest.mark.parametrize("serialization", ["compact", "json"])
@pytest.mark.parametrize(("alg", "kind"), ALGORITHMS.items())
async def test_what_the_reference_issues_verifies(
    alg: str, kind: str, serialization: str, relying_party: University
) -> None:
    """With decoys, claims within claims, and the holder's key; in both serializations."""
    key = JWK.generate(kty="OKP", crv=kind) if alg == "EdDSA" else JWK.generate(kty="EC", crv=kind)
    holder = JWK.generate(kty="EC", crv="P-256")
    claims = {
        "iss": ISSUER,
        "iat": NOW - 60,
        "vct": "urn:eudi:diploma:1",
        SDObj("given_name"): "Alex",
        SDObj("family_name"): "Learner",
        SDObj("credentialSubject"): {SDObj("hasClaim"): {"title": {"en": "Bachelor of Arts"}}},
        "courses": [SDObj("Logic"), SDObj("Rhetoric")],
    }
    made = SDJWTIssuer(
        claims,
        key,
        holder,
        sign_alg=alg,
        add_decoy_claims=True,
        serialization_format=serialization,
        extra_header_parameters={"typ": "dc+sd-jwt", "kid": "key-1"},
    )
    held = SDJWTHolder(made.sd_jwt_issuance, serialization_format=serialization)
    shown = {"family_name": True, "credentialSubject": {"hasClaim": True}, "courses": [True, False]}
    held.create_presentation(shown)
    public = {**json.loads(key.export_public()), "kid": "key-1"}
    presented = json.loads(held.sd_jwt_presentation) if serialization == "json" else held.sd_jwt_presentation
    result = await verified(relying_party, public, presented)
    assert (result.outcome, problems(result)) == (Outcome.PASS, [])
    assert result.record is not None
    assert result.record.subject["name"] == "Learner"
    assert [achievement["name"] for achievement in result.record.achievements] == [{"en": "Bachelor of Arts"}]


def by_reference(issuer: Issuer, presented: str) -> Any:
    """Return what the reference implementation takes the claims for; False if it refuses."""
    key = JWK(**jwk(issuer.key))
    try:
        return SDJWTVerifier(presented, lambda *_: key).get_verified_payload()
    except Exception:  # noqa: BLE001 — it refuses by whatever goes wrong in it
        return False


DIVERGENCES: dict[str, tuple[dict[str, Any], list[str], str, tuple[bool, bool]]] = {
    # name → (claims over those of a good token, disclosures, code here, whether Python's and JavaScript's accept)
    "expired": ({"exp": 1}, [FAMILY_NAME], "expired", (True, False)),
    "not yet valid": ({"nbf": NOW + 86_400}, [FAMILY_NAME], "not-yet-valid", (True, False)),
    "changed disclosure": ({}, [claim("family_name", "Surgeon")], "disclosure-invalid", (True, True)),
    "unreferenced disclosure": ({}, [FAMILY_NAME, claim("x", 1)], "disclosure-invalid", (True, True)),
    "disclosure twice": ({}, [FAMILY_NAME, FAMILY_NAME], "disclosure-invalid", (False, True)),
    "digest twice": ({"a": {"_sd": [digest(FAMILY_NAME)]}}, [FAMILY_NAME], "disclosure-invalid", (False, True)),
    "claim there already": ({"family_name": "Surgeon"}, [FAMILY_NAME], "disclosure-invalid", (False, True)),
    "weak hash": ({"_sd_alg": "md5"}, [], "unsupported-algorithm", (False, True)),
    "hidden exp": ({"_sd": [digest(claim("exp", 1))]}, [claim("exp", 1)], "disclosure-invalid", (True, True)),
    "salt is a number": (
        {"_sd": [digest(disclosure(5, "a", 1))]},
        [disclosure(5, "a", 1)],
        "disclosure-invalid",
        (True, True),
    ),
    "name is _sd": ({"_sd": [digest(claim("_sd", []))]}, [claim("_sd", [])], "disclosure-invalid", (True, True)),
}


@pytest.mark.parametrize("name", DIVERGENCES)
async def test_what_others_accept_and_is_refused_here(name: str, relying_party: University) -> None:
    """RFC 9901, section 7.1, and RFC 7519 leave no choice; the others do not take each step."""
    members, disclosures, code, accepted = DIVERGENCES[name]
    issuer = Issuer(ISSUER, new_key("P-256"), "key-1")
    claims = {"iss": ISSUER, "iat": NOW - 60, "vct": "urn:x", "_sd": [digest(FAMILY_NAME)], "_sd_alg": "sha-256"}
    presented = issue(issuer, {**claims, **members}, disclosures, kid="key-1")
    result = await verified(relying_party, {**jwk(issuer.key), "kid": "key-1"}, presented)
    assert (result.outcome, problems(result)) == (Outcome.FAIL, [code])
    (there,) = run("verify_tokens.js", [{"presented": presented, "alg": "ES256", "key": jwk(issuer.key), "now": NOW}])
    assert (by_reference(issuer, presented) is not False, there is not False) == accepted
