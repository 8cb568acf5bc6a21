"""What is fuzzed: each parser of something that a stranger writes, by itself, and the pipeline around them."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import tempfile
import zlib
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cbor2

import gateway.containers
from gateway.api import rendering
from gateway.canonical.rdf import canonicalizer
from gateway.demo.issuer import Issuer, badge, base64url, encoded_list, jwk
from gateway.demo.issuer import compact as signed_token
from gateway.model import Outcome, Presented
from gateway.plugins import Container, KeySource
from gateway.projections.ler_rs import PLUGIN as LER_RS
from policies import document as policy_document
from policies import facts as policy_facts
from policies.facts_lines import read_lines
from resolvers import (
    base64url as strict_base64url,
)
from resolvers import (
    certificates,
    did_url,
    documents,
    keys,
    multibase,
    registry,
    strict_cbor,
    strict_json,
    timestamps,
    token_status_list,
)
from resolvers.contexts import ContextStore
from resolvers.did.webvh import PLUGIN as WEBVH
from resolvers.model import ListCredential
from resolvers.problems import Invalid, Unavailable
from resolvers.status_list import decode as decode_bitstring
from resolvers.trust.ctdl import PLUGIN as CTDL
from resolvers.trust.dcc_legacy import PLUGIN as DCC_LEGACY
from resolvers.trust.oidf import PLUGIN as OIDF
from resolvers.trust.oidf_did import PLUGIN as OIDF_DID
from resolvers.trust.trqp import PLUGIN as TRQP
from resolvers.trust_model import TrustQuestion
from tests import certified
from tests.baked import archive, baked_json, baked_token, itxt, pdf, png, svg
from tests.fuzz import mutation
from tests.gateway.containers.opening import opened
from tests.gateway.formats import cose
from tests.gateway.formats.sd_jwt import claim, digest, issue
from tests.gateway.unsigned import ELMO, PESC, blockcerts, resume, velocity
from tests.issuer import EXPECTED, University, entry, university
from tests.policies.files import facts
from tests.resolvers.did.webvh_log import OWNER, WITNESSES, WebvhLog, witness
from tests.resolvers.lookup import FakeLookup
from tests.resolvers.trust.minting import (
    NOW,
    CredentialRegistry,
    DidRegistry,
    Federation,
    TrqpServer,
    lookup_at,
)
from tests.supported import RECORDS, Maker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from resolvers.trust_model import TrustSource, TrustSourceConfig

LIBRARY: Final = Path(policy_document.__file__).parent / "library"
FATES: Final = (Invalid, Unavailable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One thing that is fuzzed."""

    name: str
    make: Callable[[random.Random], Any]
    """Returns a real input, spoiled."""
    take: Callable[[Any], object]
    """Takes it; what it raises beyond `fates` is a crash, and so is a broken assertion."""
    fates: tuple[type[Exception], ...] = FATES
    octets: bool = False
    """Whether its inputs are octets, so that a fuzzer of octets may choose them."""

    def attempt(self, value: Any) -> bool:
        """Whether it was taken; False where it was refused as documented."""
        try:
            self.take(value)
        except self.fates:
            return False
        return True


class World:
    """A university in an event loop of its own, and what it issues; made once for a process."""

    def __init__(self) -> None:
        """Open the verifier."""
        self.loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._folder = tempfile.TemporaryDirectory()
        self.place: University = self.run(self._stack.enter_async_context(university(Path(self._folder.name))))
        self.internet = self.place.internet
        self.run(self.place.publish_list())

    def run(self, work: Awaitable[Any]) -> Any:
        """Return what `work` comes to."""
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        """Free everything."""
        self.run(self._stack.aclose())
        self.loop.close()
        self._folder.cleanup()

    @cached_property
    def records(self) -> list[Any]:
        """A good record of each format that is verified here, and of each that is not."""
        made = [self.run(RECORDS[name](Maker(self.place, _source(name)), None)) for name in RECORDS]
        status = self.run(self.place.badge(status=entry(8)))
        whole = self.run(self.place.clr(status, self.place.issuer.jwt(badge(self.place.issuer.did, "B"))))
        return [*made, status, whole, blockcerts(), velocity(), resume()]

    def verify(self, content: Any) -> None:
        """Verify and render what is presented: nothing raises, and `verified` is what the outcome says."""
        result = self.run(self.place.verify(content, expected=EXPECTED, candidate={"email": "a@b.example"}))
        shown = rendering.result(result)
        json.dumps([shown, rendering.vc_api(result), LER_RS.project(result, "en")])
        assert (result.outcome is Outcome.PASS) is shown["verified"]


@cache
def world() -> World:
    """Return the world of this process."""
    return World()


def close() -> None:
    """Free the world, where there is one."""
    if world.cache_info().currsize:
        if _canonicalizer.cache_info().currsize:
            world().run(_canonicalizer().close())
            _canonicalizer.cache_clear()
        world().close()
        world.cache_clear()


def _source(name: str) -> KeySource | None:
    return KeySource.CERTIFICATE if name == "jades" else KeySource.DID


# What is presented


def _record(choose: random.Random) -> Any:
    return mutation.anything(choose.choice(world().records), choose)


def _record_octets(choose: random.Random) -> bytes:
    record = choose.choice(world().records)
    return mutation.octets(record.encode() if isinstance(record, str) else json.dumps(record).encode(), choose)


def _signed_record(choose: random.Random) -> Any:
    """Return what an issuer signed wrong: a signature makes no shape right."""
    issuer = world().place.issuer
    document = mutation.tree(badge(issuer.did, "Welding", status=entry(8)), choose)
    match choose.randrange(3):
        case 0:
            return signed_token(issuer.key, {"kid": issuer.jose_method, "typ": "vc+jwt"}, document)
        case 1:
            claims = mutation.tree({"iss": issuer.did, "vc": document, "nbf": 1, "exp": 2**31, "sub": "x"}, choose)
            return signed_token(issuer.key, {"kid": issuer.jose_method, "typ": "JWT"}, claims)
        case _:
            return cose.text(cose.message(issuer, document))


def _sd_jwt(choose: random.Random) -> str:
    """Return an SD-JWT whose disclosures and claims are spoiled, and which is signed all the same."""
    issuer = world().place.issuer
    disclosures = [claim("family_name", "Mustermann"), claim("status", {}), claim("a", {"_sd": ["x"]})]
    parts = [base64url(json.dumps(mutation.tree(_decoded(one), choose)).encode()) for one in disclosures]
    claims = {
        "iss": issuer.did,
        "vct": "urn:eudi:diploma:1",
        "iat": 1_700_000_000,
        "cnf": {"jwk": jwk(issuer.key)},
        "status": {"status_list": {"idx": 1, "uri": "https://university.example/statuslists/1"}},
        "_sd": [digest(part) for part in parts[:2]],
        "list": [{"...": digest(parts[2])}, 1],
        "_sd_alg": "sha-256",
    }
    return issue(issuer, mutation.tree(claims, choose), parts)


def _decoded(disclosure: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(disclosure + "=="))


def _cose(choose: random.Random) -> bytes:
    issuer = world().place.issuer
    if choose.randrange(2):
        return mutation.octets(cose.message(issuer, badge(issuer.did, "Welding")), choose)
    header = mutation.tree(
        {"1": -8, "16": "application/vc+cose", "15": {"1": issuer.did, "4": 2**31}, "2": [1]}, choose
    )
    labelled = _labelled(header)
    return cose.message(issuer, badge(issuer.did, "Welding"), protected=cbor2.dumps(labelled))


def _labelled(value: Any) -> Any:
    """Return a CBOR map whose labels that are numbers in text are numbers."""
    if isinstance(value, dict):
        return {int(name) if name.isdecimal() else name: _labelled(member) for name, member in value.items()}
    return value


def _verify_octets(content: bytes) -> None:
    world().verify(content)


def _xml(choose: random.Random) -> bytes:
    return mutation.octets(choose.choice((PESC, ELMO)).encode(), choose)


# Containers

CONTAINERS: Final = registry.scan(gateway.containers, Container, lambda plugin: (plugin.name,))
_INSIDE: Final = {"type": "x"}
_FILES: Final = {
    "zip": archive(("a.json", b'{"type": "x"}'), ("b.png", png(itxt(_INSIDE)))),
    "png": png(itxt(_INSIDE)),
    "svg": svg(baked_json(_INSIDE), baked_token("a.b.c")),
    "pdf": pdf(("credential.json", b'{"type": "x"}')),
}


def _file(name: str) -> Target:
    def take(content: bytes) -> None:
        container = CONTAINERS[name]
        if container.recognize(Presented(content=content)):
            world().run(opened(container, content, max_bytes=100_000))

    return Target(name=name, make=lambda choose: mutation.octets(_FILES[name], choose), take=take, octets=True)


def _text(choose: random.Random) -> str:
    inside = base64.b64encode(json.dumps(_INSIDE).encode()).decode()
    seeds = (
        inside,
        f"data:application/json;base64,{inside}",
        '[{"type": "x"}, "a.b.c", 5]',
        "https://wallet.example/1",
    )
    return mutation.text(mutation.text(choose.choice(seeds), choose), choose)


# What is fetched


def _did_document(choose: random.Random) -> Any:
    issuer = Issuer.did_web("issuer.example", kind=choose.choice(("Ed25519", "P-256", "P-384", "secp256k1")))
    service = [{"id": "#s", "type": "LinkedDomains", "serviceEndpoint": {"origins": ["https://a.example"]}}]
    return mutation.tree({**issuer.document, "service": service, "alsoKnownAs": ["did:web:x.example"]}, choose)


def _log(choose: random.Random) -> tuple[str, str, str]:
    """Return a did:webvh, its log and the proofs of its witnesses; spoiled before it is signed, or after."""
    log = _good_log()
    entries, proofs = log.entries, log.proofs
    match choose.randrange(4):
        case 0:
            return log.did, mutation.text(log.text, choose), json.dumps(proofs)
        case 1:
            return log.did, log.text, json.dumps(mutation.tree(proofs, choose))
        case 2:
            spoilt = mutation.tree(entries, choose)
            lines = spoilt if isinstance(spoilt, list) else [spoilt]
            return log.did, "".join(json.dumps(line) + "\n" for line in lines), json.dumps(proofs)
        case _:
            unproven = {name: member for name, member in entries[-1].items() if name != "proof"}
            last = mutation.tree(unproven, choose)
            proof = OWNER.prove(last) if isinstance(last, dict) and _canonical(last) else {}
            body = [*entries[:-1], {**last, "proof": [proof]} if isinstance(last, dict) else last]
            return log.did, "".join(json.dumps(line) + "\n" for line in body), json.dumps(proofs)


@cache
def _good_log() -> WebvhLog:
    log = WebvhLog().add({"witness": witness(2, *WITNESSES), "portable": True}, witnessed_by=WITNESSES)
    return log.add(witnessed_by=WITNESSES).add(witnessed_by=WITNESSES)


def _canonical(value: Any) -> bool:
    """Whether a signer could sign it under JCS."""
    try:
        strict_json.loads(json.dumps(value))
        OWNER.prove(value)
    except (Invalid, ValueError, TypeError):
        return False
    return True


def _resolve_log(given: tuple[str, str, str]) -> None:
    did, log, proofs = given
    lookup = FakeLookup()
    lookup.internet.serve(_good_log().url, log.encode(errors="replace"))
    lookup.internet.serve(_good_log().witness_url, proofs.encode(errors="replace"))
    world().run(WEBVH.resolve(did, lookup))


_LIST_URL: Final = "https://university.example/status/1"


def _bitstring(choose: random.Random) -> Any:
    document = Issuer.did_key().status_list(_LIST_URL, [3])
    if choose.randrange(2):
        document["credentialSubject"]["encodedList"] = _encoded(choose)
        return document
    return mutation.tree(document, choose)


def _encoded(choose: random.Random) -> str:
    good = base64.urlsafe_b64decode(encoded_list(bytes(16_384))[1:] + "==")
    return "u" + base64url(mutation.octets(good, choose))


def _decode_list(document: Any) -> None:
    if isinstance(document, dict):
        found = decode_bitstring(ListCredential(url=_LIST_URL, document=document, issuer="did:example:1")).value
        found.value(0, 1)


def _token_list(choose: random.Random) -> Any:
    listed = base64url(
        mutation.octets(zlib.compress(bytes(64)), choose) if choose.randrange(2) else zlib.compress(b"\x05")
    )
    claims = {
        "sub": _LIST_URL,
        "iat": 1_700_000_000,
        "exp": 2**31,
        "ttl": 60,
        "status_list": {"bits": 2, "lst": listed},
    }
    claims["status_list"] = (
        mutation.tree(claims["status_list"], choose) if choose.randrange(2) else claims["status_list"]
    )
    return claims  # the others were checked when the token was verified


def _decode_token_list(claims: Any) -> None:
    if isinstance(claims, dict):
        credential = ListCredential(url=_LIST_URL, document=claims, issuer="https://issuer.example")
        for decode in (token_status_list.decode, token_status_list.decode_past):
            decode(credential).value.value(0)


# Trust registries

_MEMBER: Final = "did:web:university.example"
_CTID: Final = "ce-0b1b2b3b-0000-4000-8000-000000000001"


def _registry_answer(choose: random.Random) -> tuple[str, int]:
    """Return which registry, and with what its answer is spoiled: the fuzzer's own number, so that it repeats."""
    return choose.choice(("oidf_did", "oidf", "trqp", "ctdl", "dcc_legacy")), choose.getrandbits(32)


def _ask_registry(given: tuple[str, int]) -> None:
    kind, number = given
    choose = random.Random(number)  # noqa: S311 — what to spoil is no secret
    lookup = lookup_at()
    source, config, entity = _published(kind, lookup, choose)
    _spoil_page(lookup, choose)
    answer = world().run(source.ask(config, TrustQuestion(entity=entity, at=NOW), lookup))
    assert answer.kind == kind


def _published(kind: str, lookup: FakeLookup, choose: random.Random) -> tuple[TrustSource, TrustSourceConfig, str]:
    internet = lookup.internet
    match kind:
        case "oidf_did":
            signed = DidRegistry(internet=internet, listed={_MEMBER: {"institution_additional_information": {"x": 1}}})
            signed.publish(**_claims(choose, signed.signer.configuration()))
            signed.state(_MEMBER, **_claims(choose, signed.signer.statement(_MEMBER)))
            return OIDF_DID, signed.config(), _MEMBER
        case "oidf":
            federation = Federation(internet=internet)
            for claims in (*federation.configurations.values(), *federation.statements.values()):
                claims.update(_claims(choose, claims))
            federation.publish()
            return OIDF, federation.config(), federation.university.id
        case "trqp":
            server = TrqpServer(internet=internet, granted={(_MEMBER, "issue", "nursing-licence")})
            server.changed = _claims(
                choose, {"authorized": True, "entity_id": "x", "time_evaluated": "x", "message": 1}
            )
            server.publish()
            return TRQP, server.config(), _MEMBER
        case "ctdl":
            credentials = CredentialRegistry(internet=internet)
            credentials.publish(_CTID, "University", accreditedBy=[_CTID])
            config = replace(Federation(internet=internet).config(), kind="ctdl", id="ctdl", entities={_MEMBER: _CTID})
            return CTDL, replace(config, url=credentials.url, key=None), _MEMBER
        case _:
            url = "https://registry.example/registry.json"
            listed = {
                "meta": {"created": "2020-12-02"},
                "registry": {_MEMBER: {"name": "U", "url": "https://u.example"}},
            }
            internet.serve(url, listed)
            return (
                DCC_LEGACY,
                replace(Federation(internet=internet).config(), kind=kind, id=kind, url=url, key=None),
                _MEMBER,
            )


def _claims(choose: random.Random, claims: dict[str, Any]) -> dict[str, Any]:
    """Return claims that are spoiled before they are signed; half the time, none."""
    spoilt = mutation.tree(claims, choose) if choose.randrange(2) else {}
    return spoilt if isinstance(spoilt, dict) and all(isinstance(name, str) for name in spoilt) else {}


def _spoil_page(lookup: FakeLookup, choose: random.Random) -> None:
    """Spoil what one address answers, as it is served; half the time, none."""
    pages = sorted(lookup.internet.pages)
    if pages and choose.randrange(2):
        url = choose.choice(pages)
        body = lookup.internet.pages[url]().body
        try:
            lookup.internet.serve(url, json.dumps(mutation.tree(json.loads(body), choose)).encode())
        except ValueError:
            lookup.internet.serve(url, mutation.compact(body.decode(), choose).encode(errors="replace"))


# What an operator writes


def _policy(choose: random.Random) -> bytes:
    paths = sorted(LIBRARY.rglob("*.yaml"))
    return mutation.octets(choose.choice(paths).read_bytes(), choose)


def _read_policy(content: bytes) -> None:
    reading = policy_document.read("fuzz.yaml", content)
    assert (reading.document is None) is bool(reading.findings)


def _facts(choose: random.Random) -> bytes:
    document = policy_facts.to_json(facts())
    spoilt = json.dumps(mutation.tree(document, choose)).encode()
    return mutation.octets(spoilt, choose) if choose.randrange(3) == 0 else spoilt


def _read_facts(content: bytes) -> None:
    """Each way of reading facts says the same of them."""
    found: list[object] = []
    for read in (policy_facts.loads, lambda text: next(read_lines([text.decode("utf-8", "replace")]))[1]):
        try:
            found.append(read(content))
        except policy_facts.FactsError:
            found.append(None)
    assert b"\n" in content or b"\r" in content or not content.strip() or _undecodable(content) or found[0] == found[1]


def _undecodable(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False


# Small parsers

_LEAF: Final = certified.seal(certified.root())


def _small(choose: random.Random) -> bytes:
    seeds = (
        json.dumps({"a": [1, 2.5, "é", None, True], "b": {"c": {}}}).encode(),
        cbor2.dumps({1: -7, "a": [1, 2.5, b"x", None], 3: {4: "b"}}),
        b"did:web:university.example%3A8443:a?versionId=1-x&versionTime=2026-01-01T00:00:00Z#key-1",
        b"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        b"2026-01-01T00:00:00.123+02:00",
        json.dumps(jwk(_LEAF.key)).encode(),
        base64.b64encode(_LEAF.der[0]),
    )
    return mutation.octets(choose.choice(seeds), choose)


_OF_OCTETS: Final[tuple[Callable[[bytes], object], ...]] = (
    strict_json.loads,
    strict_cbor.loads,
    certificates.from_pem,
    certificates.read,
    lambda content: keys.from_jwk(strict_json.loads(content)),
)
_OF_TEXT: Final[tuple[Callable[[str], object], ...]] = (
    strict_json.loads,
    did_url.parse,
    did_url.split_method_url,
    did_url.split_version,
    did_url.is_https_url,
    multibase.decode,
    strict_base64url.decode,
    timestamps.parse,
    keys.from_multikey,
    keys.from_pem,
    certificates.from_base64,
)
_VALUE_ERROR: Final = (strict_cbor.loads, multibase.decode, strict_base64url.decode, timestamps.parse)
"""Those whose documented error is a ValueError."""


def _parse_small(content: bytes) -> None:
    """Every small parser takes it; each alone may refuse."""
    text = content.decode("utf-8", "replace")
    for parse in (*(partial(one, content) for one in _OF_OCTETS), *(partial(one, text) for one in _OF_TEXT)):
        try:
            parse()
        except FATES:
            continue
        except ValueError:
            if parse.func not in _VALUE_ERROR:
                raise


def _der(choose: random.Random) -> bytes:
    return mutation.octets(_LEAF.der[0], choose)


def _read_der(content: bytes) -> None:
    certificates.read(content).public_key()


# Canonicalization


def _linked_data(choose: random.Random) -> Any:
    document = mutation.tree(badge("did:example:1", "Welding"), choose, 4)
    if isinstance(document, dict) and choose.randrange(3) == 0:
        inline = mutation.tree(
            {"x": "https://x.example/x", "y": {"@id": "x:y", "@type": "@id"}, "@vocab": "u:"}, choose
        )
        contexts = document.get("@context")
        document["@context"] = [*(contexts if isinstance(contexts, list) else [contexts]), inline]
    return document


@cache
def _canonicalizer() -> Any:
    return canonicalizer(ContextStore.bundled())


def _canonicalize(document: Any) -> None:
    if isinstance(document, dict):
        world().run(_canonicalizer().canonicalize(document))


TARGETS: Final = {
    target.name: target
    for target in (
        Target(name="records", make=_record, take=lambda value: world().verify(value)),
        Target(name="octets", make=_record_octets, take=_verify_octets, octets=True),
        Target(name="signed-wrong", make=_signed_record, take=lambda value: world().verify(value)),
        Target(name="sd-jwt", make=_sd_jwt, take=lambda value: world().verify(value)),
        Target(name="cose", make=_cose, take=lambda value: world().verify(cose.text(value)), octets=True),
        Target(name="xml", make=_xml, take=_verify_octets, octets=True),
        Target(name="texts", make=_text, take=lambda value: world().verify(value)),
        *(_file(name) for name in _FILES),
        Target(name="did-documents", make=_did_document, take=documents.parse),
        Target(name="did-logs", make=_log, take=_resolve_log),
        Target(name="status-lists", make=_bitstring, take=_decode_list),
        Target(name="token-status-lists", make=_token_list, take=_decode_token_list),
        Target(name="trust-registries", make=_registry_answer, take=_ask_registry),
        Target(name="policies", make=_policy, take=_read_policy, fates=(), octets=True),
        Target(name="facts", make=_facts, take=_read_facts, fates=(), octets=True),
        Target(name="small-parsers", make=_small, take=_parse_small, octets=True),
        Target(name="certificates", make=_der, take=_read_der, octets=True),
        Target(name="linked-data", make=_linked_data, take=_canonicalize),
    )
}
