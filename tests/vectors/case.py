"""A case: what is presented and served at one instant, and the verdict that it must get.

A case is `cases/<name>/case.json`, and `<name>` is its id: it ends in `_fail` if and only if the
outcome is not a pass. Unknown, missing and repeated keys are errors, as in C2SP's x509-limbo and in the
age test kit. `Builder` makes what cases hold: it issues what a `Recipe` asks for, and spoils it in
at most one way.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import AwareDatetime, ConfigDict, TypeAdapter

from gateway.demo.issuer import CREDENTIALS_V2, LINKED_DATA_SUITES, OPEN_BADGES, Issuer, compact
from gateway.model import CheckName, Outcome
from gateway.structure import CREDENTIALS_V1
from gateway.validity import rfc3339
from policies import Verdict  # noqa: TC001 — pydantic reads the annotations at run time
from resolvers import strict_json
from resolvers.contexts import ContextStore
from resolvers.problems import TYPES
from tests.didkit_issuer import issue as by_didkit
from tests.gateway.proving import sign_over
from tests.issuer import CLR
from tests.selective_disclosure import issue
from tests.vectors.plans.issuers import DOCUMENT_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.plugins import Canonicalizer

CASES: Final = Path(__file__).parent / "cases"
FAIL: Final = "_fail"
"""How the id of a case ends whose outcome is not a pass."""

DATA_INTEGRITY: Final = "https://w3id.org/security/data-integrity/v2"
SIGNATURE_2020: Final = "https://w3id.org/security/suites/ed25519-2020/v1"
SIGNATURE_2018: Final = "https://w3id.org/security/suites/ed25519-2018/v1"
STATUS_CONTEXTS: Final = {
    "StatusList2021Entry": "https://w3id.org/vc/status-list/2021/v1",
    "RevocationList2020Status": "https://w3id.org/vc-revocation-list-2020/v1",
    "1EdTechRevocationList": "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
}
"""The contexts that define a status type which the data model's own does not."""

CREDENTIAL_ID: Final = "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"
SUBJECT: Final = "did:example:learner"
LIST_URL: Final = "https://university.example/status/1"
INDEX: Final = 8
"""Where in its list a credential's status stands."""

CLEAR: Final = "H4sIAAAAAAACA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
"""131,072 clear bits, compressed, in base64url. Written down, since no two versions of a gzip
compressor need to agree in their output, while what the cases hold is signed."""
SET: Final = "H4sIAAAAAAACA-3BIQEAAAACIKc73RkWIA0AAAAAAAAAAAAAAAAAAABwNjIlqLAAQAAA"
"""The same with the bit at `INDEX` set."""
SHORT: Final = "H4sIAAAAAAACA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAICzAQmvhYr_PwAA"
"""8 clear bits fewer than the specification asks for."""

_ISSUED: Final = "2026-01-01T00:00:00Z"
_DATES: Final = {"1.1": "issuanceDate", "2.0": "validFrom"}
_DISCLOSED: Final = frozenset({"ecdsa-sd-2023", "bbs-2023"})
"""Suites under which the holder shows part of the credential."""
_BY_DIDKIT: Final = frozenset(
    {
        "EcdsaSecp256k1RecoverySignature2020",
        "Eip712Signature2021",
        "EthereumEip712Signature2021",
        "TezosSignature2021",
        "Ed25519BLAKE2BDigestSize20Base58CheckEncodedSignature2021",
        "P256BLAKE2BDigestSize20Base58CheckEncodedSignature2021",
    }
)
"""Suites that didkit alone has, as an issuer too."""
_TOKENS: Final = frozenset({"vc-jwt", "open-badge-jwt", "vc+jwt", "enveloped-vc+jwt"})
_DERIVED: Final = ("did:key:", "did:jwk:", "did:pkh:")
"""DIDs whose document follows from the DID, so that none is served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The verdict."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    outcome: Outcome
    decision: Verdict | None
    check: CheckName
    """What the case is about: it has to come to the outcome, and in a `_fail` case for the reason `code`."""
    code: str | None = None
    """The problem's code; in a `_fail` case only."""
    warnings: tuple[str, ...]
    """The codes of all warnings."""

    def __post_init__(self) -> None:
        """Refuse a verdict that could not be reached.

        Raises:
            ValueError: a pass with a code, anything else without, or a code that there is none of.
        """
        if (self.outcome is Outcome.PASS) is not (self.code is None):
            message = "a code is what a _fail case has, and no other"
            raise ValueError(message)
        unknown = {code for code in (self.code, *self.warnings) if code is not None} - set(TYPES)
        if unknown:
            raise ValueError(unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The content of a `case.json`."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    why: str
    """One sentence: the rule that the case holds the gateway to, and whose it is."""
    features: tuple[str, ...]
    """What it takes to verify it: securing mechanism, data model, kind of issuer, status methods."""
    presented: dict[str, Any] | str
    """A credential, or a compact token."""
    documents: dict[str, dict[str, Any] | str]
    """URL → body. Nothing else answers."""
    at: AwareDatetime
    policy: str | None
    """The text of a policy, or null to decide nothing."""
    expect: Expected


_ADAPTER: Final = TypeAdapter(Case)


def parse(text: str) -> Case:
    """Read a case strictly.

    Raises:
        pydantic.ValidationError: a key is unknown or missing, or a value is not of its type.
        resolvers.problems.Invalid: not JSON, or an object has the same key twice.
    """
    strict_json.loads(text.encode())
    return _ADAPTER.validate_json(text, strict=True)


def render(case: Case) -> str:
    """Return the text of a case, which `parse` reads."""
    content = _ADAPTER.dump_python(case, mode="json")
    content["at"] = rfc3339(case.at)
    if case.expect.code is None:
        del content["expect"]["code"]
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def committed() -> dict[str, Path]:
    """Return the file of every case by the case's id."""
    files = sorted(CASES.rglob("case.json"))
    return {path.parent.relative_to(CASES).as_posix(): path for path in files}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What an honest issuer is asked for: a minimal badge, or a record of badges."""

    issuer: Issuer
    form: str = "eddsa-rdfc-2022"
    """A cryptosuite, or vc-jwt, open-badge-jwt, vc+jwt, enveloped-vc+jwt."""
    vcdm: str = "2.0"
    status: str | None = None
    """The type of its status entry."""
    purpose: str = "revocation"
    list_form: str = "eddsa-rdfc-2022"
    """How the status list is secured."""
    further: tuple[str, ...] = ()
    """Suites of further proofs, which make it a proof set."""
    chained: bool = False
    """Whether a second proof covers the first."""
    children: tuple[Recipe, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """What it takes to verify this."""
        did = self.issuer.did
        found = [self.form, *self.further, f"vcdm-{self.vcdm}"]
        found.append("https" if did.startswith("https:") else ":".join(did.split(":")[:2]))
        found += [self.status] if self.status else []
        found += [f"list-{self.list_form}"] if self.list_form in _TOKENS else []
        found += ["proof-chain"] if self.chained else ["proof-set"] if self.further else []
        found += ["clr"] if self.children else []
        return tuple(dict.fromkeys([*found, *(name for child in self.children for name in child.features)]))


class Stage(StrEnum):
    """What can be spoiled while a case is made, in this order."""

    CHILD = "child"
    """The first embedded record, signed already."""
    CREDENTIAL = "credential"
    """The whole, before it is signed."""
    SIGNER = "signer"
    """Who signs it: an `Issuer`."""
    OPTIONS = "options"
    """The members of the embedded proof beside its value, before it is made."""
    HEADER = "header"
    """Of the token."""
    CLAIMS = "claims"
    """Of the token: an object, or the payload's octets."""
    PRESENTED = "presented"
    """The whole, signed."""
    LIST = "list"
    """The status list, before it is signed by whoever it names as its issuer."""
    DOCUMENTS = "documents"
    """Everything that is served, by URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoil:
    """The one thing that is wrong."""

    stage: Stage
    change: Callable[[Any], Any]
    """Takes a copy of what there is at that stage, and returns what is to take its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What is presented, and what is served."""

    presented: dict[str, Any] | str
    documents: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Issues what recipes ask for, from fixed keys, so that the same recipe always makes the same octets."""

    canonicalizer: Canonicalizer
    issuers: Mapping[str, Issuer]
    """By DID; they sign the status lists that name them."""

    async def build(self, recipe: Recipe, spoil: Spoil | None = None) -> Built:
        """Make one case's content, with that one thing wrong."""
        apply = _Spoiler(spoil)
        children: list[Any] = [await self._secured(child, badge(child), _HONEST) for child in recipe.children]
        if children:
            children[0] = apply(Stage.CHILD, children[0])
        credential = apply(Stage.CREDENTIAL, record(recipe, children) if children else badge(recipe))
        presented = apply(Stage.PRESENTED, await self._secured(recipe, credential, apply))
        documents: dict[str, Any] = {}
        for one in (recipe, *recipe.children):
            if not one.issuer.did.startswith(_DERIVED):
                documents[one.issuer.document_url] = one.issuer.document
            if one.status is not None:
                documents[LIST_URL] = await self._list(one, apply)
        documents = apply(Stage.DOCUMENTS, documents)
        if spoil is not None and not apply.applied:
            message = f"there is no {spoil.stage} in this recipe"
            raise ValueError(message)
        return Built(presented=presented, documents=documents)

    async def _secured(self, recipe: Recipe, credential: dict[str, Any], apply: _Spoiler) -> dict[str, Any] | str:
        signer: Issuer = apply(Stage.SIGNER, recipe.issuer)
        if recipe.form in _TOKENS:
            return _token(recipe.form, signer, credential, apply)
        options = apply(Stage.OPTIONS, {"created": _ISSUED, "proofPurpose": "assertionMethod"})
        if recipe.form in _BY_DIDKIT:
            return await asyncio.to_thread(_by_didkit, recipe.form, signer, credential, options)
        if recipe.form in _DISCLOSED:
            return await self._disclosed(recipe, signer, credential, options)
        if recipe.chained:
            first = await sign_over(signer, credential, self.canonicalizer, recipe.form, id="urn:proof:1", **options)
            over = {**credential, "proof": [first]}
            previous = {"previousProof": "urn:proof:1"}
            second = await sign_over(signer, over, self.canonicalizer, recipe.form, **previous, **options)
            return {**credential, "proof": [first, second]}
        for suite in (recipe.form, *recipe.further):
            credential = await signer.secure(credential, self.canonicalizer, suite=suite, options=options)
        return credential

    async def _disclosed(
        self, recipe: Recipe, signer: Issuer, credential: dict[str, Any], options: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the credential as its holder shows it: without the description of the achievement."""
        mandatory = {name: credential[name] for name in ("@context", "id", "type", "issuer", _DATES[recipe.vcdm])}
        made = await issue(
            signer,
            credential,
            mandatory,
            self.canonicalizer,
            suite=recipe.form,
            options=options,
            own=DOCUMENT_KEY,
            seed=b"a holder",
        )
        shown = json.loads(json.dumps(credential))
        del shown["credentialSubject"]["achievement"]["description"]
        return (await made.derive(shown)).credential()

    async def _list(self, recipe: Recipe, apply: _Spoiler) -> Any:
        unsecured = apply(Stage.LIST, status_list(recipe))
        if recipe.status == "1EdTechRevocationList":
            return unsecured
        signer = self.issuers[unsecured["issuer"]]
        form = recipe.list_form
        return await self._secured(Recipe(issuer=signer, form=form, vcdm=recipe.vcdm), unsecured, _HONEST)


class _Spoiler:
    """Applies one spoil where its stage comes by."""

    __slots__ = ("_spoil", "applied")

    def __init__(self, spoil: Spoil | None) -> None:
        self._spoil = spoil
        self.applied = False

    def __call__(self, stage: Stage, value: Any) -> Any:
        if self._spoil is None or self._spoil.stage is not stage:
            return value
        self.applied = True
        # Copied by way of JSON: a list that stands in two places is two lists to whoever changes one.
        return self._spoil.change(value if isinstance(value, Issuer) else json.loads(json.dumps(value)))


_HONEST: Final = _Spoiler(None)


def _by_didkit(form: str, signer: Issuer, credential: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Return the credential with a proof by didkit, which knows few contexts: their texts stand in their places."""
    given = credential
    if form != "EthereumEip712Signature2021":  # signs the JSON, whatever its contexts
        store = ContextStore.bundled()
        first, *others = credential["@context"]
        texts = [text for url in others for text in _listed(store.load(url)["@context"])]
        given = {**credential, "@context": [first, *texts]}
    did, _, fragment = signer.method.partition("#")
    request = {"method": did.removeprefix("did:").rpartition(":")[0], "key": signer.key, "fragment": fragment}
    [answer] = by_didkit({**request, "type": form, "options": options, "credential": given})
    if answer.get("did") != did:
        raise ValueError(answer)
    return {**credential, "proof": answer["secured"]["proof"]}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def badge(recipe: Recipe) -> dict[str, Any]:
    """Return the least that is an Open Badges 3.0 credential, unsecured."""
    contexts = [CREDENTIALS_V1 if recipe.vcdm == "1.1" else CREDENTIALS_V2, OPEN_BADGES]
    suites = {recipe.form, *recipe.further} - _TOKENS
    if "Ed25519Signature2020" in suites:
        contexts.append(SIGNATURE_2020)
    elif "Ed25519Signature2018" in suites and recipe.vcdm == "2.0":
        contexts.append(SIGNATURE_2018)
    elif suites.difference(LINKED_DATA_SUITES, _BY_DIDKIT) and recipe.vcdm == "1.1":
        contexts.append(DATA_INTEGRITY)
    if recipe.status in STATUS_CONTEXTS:
        contexts.append(STATUS_CONTEXTS[recipe.status])
    credential: dict[str, Any] = {
        "@context": contexts,
        "id": CREDENTIAL_ID,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": recipe.issuer.did, "type": ["Profile"], "name": "University"},
        _DATES[recipe.vcdm]: _ISSUED,
        "name": "Welding",
        "credentialSubject": {
            "id": SUBJECT,
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://university.example/achievements/welding",
                "type": ["Achievement"],
                "name": "Welding",
                "description": "Welds.",
                "criteria": {"narrative": "Passed the practical test."},
            },
        },
    }
    if recipe.status is not None:
        credential["credentialStatus"] = _entry(recipe.status, recipe.purpose)
    return credential


def record(recipe: Recipe, children: list[Any]) -> dict[str, Any]:
    """Return the least that is a Comprehensive Learner Record 2.0 of those embedded records, unsecured."""
    return {
        **badge(recipe),
        "@context": [CREDENTIALS_V2, CLR, OPEN_BADGES],
        "id": "urn:uuid:7d1c9d0e-2b8e-4b57-9d53-6f3f0f3f7e11",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Transcript",
        "credentialSubject": {"id": SUBJECT, "type": ["ClrSubject"], "verifiableCredential": children},
    }


def status_list(recipe: Recipe) -> dict[str, Any]:
    """Return the list that the recipe's status entry points into, unsecured, with every bit clear."""
    if recipe.status == "1EdTechRevocationList":
        return {"id": LIST_URL, "issuer": recipe.issuer.did, "revokedCredential": []}
    subject = {"id": f"{LIST_URL}#list", "statusPurpose": recipe.purpose}
    if recipe.status == "RevocationList2020Status":
        return {
            "@context": [CREDENTIALS_V1, STATUS_CONTEXTS[recipe.status], DATA_INTEGRITY],
            "id": LIST_URL,
            "type": ["VerifiableCredential", "RevocationList2020Credential"],
            "issuer": recipe.issuer.did,
            "issuanceDate": _ISSUED,
            "credentialSubject": {"id": f"{LIST_URL}#list", "type": "RevocationList2020", "encodedList": CLEAR},
        }
    if recipe.status == "StatusList2021Entry":
        return {
            "@context": [CREDENTIALS_V1, STATUS_CONTEXTS[recipe.status], DATA_INTEGRITY],
            "id": LIST_URL,
            "type": ["VerifiableCredential", "StatusList2021Credential"],
            "issuer": recipe.issuer.did,
            "issuanceDate": _ISSUED,
            "credentialSubject": {**subject, "type": "StatusList2021", "encodedList": CLEAR},
        }
    return {
        "@context": [CREDENTIALS_V2],
        "id": LIST_URL,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": recipe.issuer.did,
        "validFrom": _ISSUED,
        "credentialSubject": {**subject, "type": "BitstringStatusList", "encodedList": f"u{CLEAR}"},
    }


def _entry(kind: str, purpose: str) -> dict[str, str]:
    if kind == "1EdTechRevocationList":
        return {"id": LIST_URL, "type": kind}
    if kind == "RevocationList2020Status":
        place = {"revocationListIndex": str(INDEX), "revocationListCredential": LIST_URL}
        return {"id": f"{LIST_URL}#{INDEX}", "type": kind, **place}
    return {
        "id": f"{LIST_URL}#{INDEX}",
        "type": kind,
        "statusPurpose": purpose,
        "statusListIndex": str(INDEX),
        "statusListCredential": LIST_URL,
    }


def _token(form: str, signer: Issuer, credential: dict[str, Any], apply: _Spoiler) -> dict[str, Any] | str:
    issued = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    issuer = credential["issuer"] if isinstance(credential["issuer"], str) else credential["issuer"]["id"]
    registered = {"iss": issuer, "jti": credential["id"], "nbf": issued}
    if "id" in credential["credentialSubject"]:
        registered["sub"] = credential["credentialSubject"]["id"]
    header, claims = {"typ": "vc+jwt"}, credential
    if form == "vc-jwt":
        header, claims = {"typ": "JWT"}, {**registered, "vc": credential}
    elif form == "open-badge-jwt":
        header, claims = {"typ": "JWT"}, {**registered, **credential}
    header["kid"] = signer.method if signer.did.startswith(_DERIVED) else signer.jose_method
    token = compact(signer.key, apply(Stage.HEADER, header), apply(Stage.CLAIMS, claims))
    if form != "enveloped-vc+jwt":
        return token
    kind = "EnvelopedVerifiableCredential"
    return {"@context": CREDENTIALS_V2, "type": kind, "id": f"data:application/vc+jwt,{token}"}
