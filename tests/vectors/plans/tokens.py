"""SD-JWTs and COSE messages, and Token Status Lists; and what spoils them.

A list for a COSE message is octets, which a case cannot serve: tests/gateway/test_pipeline_tokens.py has those.
"""

from __future__ import annotations

import base64
import copy
import json
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.issuer import Issuer, base64url, compact, jwk
from gateway.model import CheckName, Outcome
from tests.gateway.formats.cose import ALGORITHMS, message, text
from tests.gateway.formats.sd_jwt import claim, digest, joined
from tests.vectors.case import Built, Case, Recipe, Spoil, Stage, badge
from tests.vectors.plans.issuers import KEY, KEY_P256, SITE, STRANGER
from tests.vectors.plans.plan import AT, Plan, drop, put

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.vectors.case import Builder

_LIST: Final = "https://academy.example/statuslists/1"
_INDEX: Final = 3
_NAME: Final = claim("family_name", "Learner")
_METADATA: Final = "https://academy.example/.well-known/jwt-vc-issuer/issuers/1"
_ISSUED: Final = int(AT.timestamp()) - 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Plan):
    """A case of a token: `recipe` names its issuer and its form, and `status` whether it has one."""

    status: bool = False

    @property
    def features(self) -> tuple[str, ...]:
        """What it takes to verify it: without version of the data model where it is of none."""
        form = self.recipe.form
        found = [name for name in self.recipe.features if form != "dc+sd-jwt" or not name.startswith("vcdm-")]
        return (*found, *(("status_list",) if self.status else ()))

    async def make(self, _builder: Builder) -> Case:
        """Make the case."""
        return self.case(self._build(self.spoil))

    async def make_unspoiled(self, builder: Builder) -> Case:
        """Make what the case would be with nothing wrong."""
        return await replace(self, spoil=None, outcome=Outcome.PASS, code=None).make(builder)

    def _build(self, spoil: Spoil | None) -> Built:
        def apply(stage: Stage, whole: Any) -> Any:
            return whole if spoil is None or spoil.stage is not stage else spoil.change(copy.deepcopy(whole))

        issuer, form = self.recipe.issuer, self.recipe.form
        claims = _claims(issuer) if form == "dc+sd-jwt" else badge(self.recipe)
        if self.status:
            claims["status"] = {"status_list": {"idx": _INDEX, "uri": _LIST}}
        claims = apply(Stage.CLAIMS, claims)
        signer = apply(Stage.SIGNER, issuer)
        if form == "vc+cose":
            header = {1: ALGORITHMS["Ed25519"], 16: "application/vc+cose"}
            presented: Any = message(signer, claims, **apply(Stage.HEADER, {"protected": header, "unprotected": None}))
            presented = text(apply(Stage.PRESENTED, presented))
        else:
            header = apply(Stage.HEADER, {"typ": form, "kid": signer.jose_method})
            disclosures = [_NAME] if form == "dc+sd-jwt" else []
            presented = apply(Stage.PRESENTED, joined(compact(signer.key, header, claims), disclosures))
        documents: dict[str, Any] = {}
        if issuer is SITE:
            keys = {"keys": [{**jwk(issuer.key), "kid": issuer.jose_method}]}
            documents[_METADATA] = {"issuer": issuer.did, "jwks": keys}
        if self.status:
            documents[_LIST] = _list(issuer, apply)
        return Built(presented=presented, documents=apply(Stage.DOCUMENTS, documents))


def _claims(issuer: Issuer) -> dict[str, Any]:
    """Return the claims of an SD-JWT VC, of which one may be disclosed and another is a decoy."""
    return {
        "iss": issuer.did,
        "vct": "https://academy.example/learner",
        "iat": _ISSUED,
        "given_name": "Alex",
        "_sd": [digest(_NAME), digest("a decoy")],
    }


def _list(issuer: Issuer, apply: Callable[[Stage, Any], Any]) -> str:
    """Return a list of two bits for each value, all of them 0.

    It is not compressed, since no two versions of zlib need to agree in their output: the format has a
    place for octets as they are.
    """
    claims = apply(Stage.LIST, {"sub": _LIST, "iat": _ISSUED, "status_list": _values(b"\0")})
    signer = STRANGER if claims.get("iss") == STRANGER.did else issuer
    return compact(signer.key, {"typ": claims.pop("typ", "statuslist+jwt"), "kid": signer.jose_method}, claims)


def _values(octets: bytes) -> dict[str, Any]:
    return {"bits": 2, "lst": base64url(zlib.compress(octets, 0))}


def _passes(name: str, issuer: Issuer, form: str, why: str, check: CheckName = CheckName.PROOF, **more: Any) -> Token:
    return Token(name=f"tokens/{name}", why=why, recipe=Recipe(issuer=issuer, form=form), check=check, **more)


def _fails(
    name: str, form: str, stage: Stage, change: Callable[[Any], Any], check: CheckName, code: str, why: str, **more: Any
) -> Token:
    issuer = SITE if form == "dc+sd-jwt" else KEY
    given = {"outcome": Outcome.FAIL, "code": code, "spoil": Spoil(stage=stage, change=change), **more}
    return _passes(name, issuer, form, why, check, **given)


def _status(name: str, change: Callable[[Any], Any], code: str, why: str, **more: Any) -> Token:
    given = {"stage": Stage.LIST, "outcome": Outcome.FAIL, **more}
    return _fails(name, "dc+sd-jwt", given.pop("stage"), change, CheckName.STATUS, code, why, status=True, **given)


def _renamed(presented: str) -> str:
    """Let the credential be about something else, under the signature that it had."""
    header, payload, signature = presented.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return ".".join((header, base64url(json.dumps({**claims, "name": "Surgery"}).encode()), signature))


PLANS: Final[tuple[Plan, ...]] = (
    _passes(
        "sd_jwt_vc_https_issuer",
        SITE,
        "dc+sd-jwt",
        "SD-JWT VC, section 4: the issuer's keys are at its well-known address, and what is not disclosed is left out.",
        CheckName.ISSUER,
    ),
    _passes("sd_jwt_vc_did_key", KEY, "dc+sd-jwt", "SD-JWT VC, section 2.5: iss and kid may be those of a DID."),
    _passes(
        "sd_jwt_of_a_w3c_credential",
        KEY_P256,
        "vc+sd-jwt",
        "VC-JOSE-COSE, section 3.2.1: the payload is the credential, and typ is vc+sd-jwt.",
    ),
    _passes("cose_eddsa", KEY, "vc+cose", "VC-JOSE-COSE, section 3.3.1: a COSE_Sign1 over the credential."),
    _passes(
        "status_valid",
        SITE,
        "dc+sd-jwt",
        "Token Status List, section 7.1: the value 0 is VALID.",
        CheckName.STATUS,
        status=True,
    ),
    _fails(
        "disclosure_changed",
        "dc+sd-jwt",
        Stage.PRESENTED,
        lambda presented: presented.replace(_NAME, claim("family_name", "Surgeon")),
        CheckName.STRUCTURE,
        "disclosure-invalid",
        "RFC 9901, section 7.1: a disclosure that no digest refers to means that the SD-JWT is rejected.",
    ),
    _fails(
        "disclosure_added",
        "dc+sd-jwt",
        Stage.PRESENTED,
        lambda presented: presented + claim("honours", "summa cum laude") + "~",
        CheckName.STRUCTURE,
        "disclosure-invalid",
        "RFC 9901, section 7.1: a disclosure that no digest refers to means that the SD-JWT is rejected.",
    ),
    _fails(
        "digest_twice",
        "dc+sd-jwt",
        Stage.CLAIMS,
        put({"_sd": [digest(_NAME)]}, "address"),
        CheckName.STRUCTURE,
        "disclosure-invalid",
        "RFC 9901, section 7.1, step 4: no digest occurs more than once.",
    ),
    _fails(
        "disclosure_over_a_claim",
        "dc+sd-jwt",
        Stage.CLAIMS,
        put("Other", "family_name"),
        CheckName.STRUCTURE,
        "disclosure-invalid",
        "RFC 9901, section 7.1, step 3: a claim name that is there already means that the SD-JWT is rejected.",
    ),
    _fails(
        "unknown_digest_algorithm",
        "dc+sd-jwt",
        Stage.CLAIMS,
        put("md5", "_sd_alg"),
        CheckName.STRUCTURE,
        "unsupported-algorithm",
        "RFC 9901, section 7.1, step 2: the hash algorithm has to be one that is understood and deemed secure.",
    ),
    _fails(
        "sd_jwt_vc_expired",
        "dc+sd-jwt",
        Stage.CLAIMS,
        put(1, "exp"),
        CheckName.VALIDITY,
        "expired",
        "RFC 7519, section 4.1.4: after exp a token is not accepted, whoever reads it as SD-JWT.",
    ),
    _fails(
        "sd_jwt_vc_without_a_type",
        "dc+sd-jwt",
        Stage.CLAIMS,
        drop("vct"),
        CheckName.STRUCTURE,
        "MALFORMED_VALUE_ERROR",
        "SD-JWT VC, section 2.2.2.1: vct is required.",
    ),
    _fails(
        "sd_jwt_vc_by_a_stranger",
        "dc+sd-jwt",
        Stage.SIGNER,
        lambda issuer: Issuer(issuer.did, STRANGER.key, issuer.method),
        CheckName.PROOF,
        "CRYPTOGRAPHIC_SECURITY_ERROR",
        "T33: whoever signs it, the key is the one that its issuer publishes.",
    ),
    _fails(
        "metadata_of_another_issuer",
        "dc+sd-jwt",
        Stage.DOCUMENTS,
        put("https://academy.example/issuers/2", _METADATA, "issuer"),
        CheckName.PROOF,
        "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID",
        "SD-JWT VC, section 4.3: the metadata's issuer has to be the same as iss.",
    ),
    _fails(
        "sd_jwt_of_a_w3c_credential_tampered",
        "vc+sd-jwt",
        Stage.PRESENTED,
        _renamed,
        CheckName.PROOF,
        "CRYPTOGRAPHIC_SECURITY_ERROR",
        "RFC 9901, section 7.1, step 1: the signature over the issuer-signed JWT is validated.",
    ),
    _fails(
        "cose_tampered",
        "vc+cose",
        Stage.PRESENTED,
        lambda octets: octets.replace(b"Welding", b"Surgery"),
        CheckName.PROOF,
        "CRYPTOGRAPHIC_SECURITY_ERROR",
        "RFC 9052, section 4.4: the signature is over the payload.",
    ),
    _fails(
        "cose_algorithm_unprotected",
        "vc+cose",
        Stage.HEADER,
        lambda _header: {
            "protected": {16: "application/vc+cose", 1: None},
            "unprotected": {1: -8, 4: KEY.method.encode()},
        },
        CheckName.STRUCTURE,
        "token-malformed",
        "RFC 9052, section 3.1: alg has to be authenticated where that is possible.",
    ),
    _status("status_invalid", put(_values(b"\x40"), "status_list"), "revoked", "Section 7.1: the value 1 is INVALID."),
    _status(
        "status_suspended", put(_values(b"\x80"), "status_list"), "suspended", "Section 7.1: the value 2 is SUSPENDED."
    ),
    _status(
        "status_of_no_meaning",
        put(_values(b"\xc0"), "status_list"),
        "unknown-status-type",
        "Section 7.1: a value that nobody gave a meaning to is not VALID.",
        outcome=Outcome.INDETERMINATE,
    ),
    _status(
        "status_index_out_of_range",
        put(4, "status", "status_list", "idx"),
        "RANGE_ERROR",
        "Section 8.3, step 7: no statement can be made, and the token has to be rejected.",
        stage=Stage.CLAIMS,
    ),
    _status(
        "status_list_of_another_address",
        put("https://academy.example/statuslists/2", "sub"),
        "STATUS_VERIFICATION_ERROR",
        "Section 8.3, step 4: sub has to be the uri of the token's status claim.",
        outcome=Outcome.INDETERMINATE,
    ),
    _status(
        "status_list_expired",
        put(_ISSUED + 1, "exp"),
        "STATUS_VERIFICATION_ERROR",
        "Section 8.3, step 4: a list that has expired is not used.",
        outcome=Outcome.INDETERMINATE,
    ),
    _status(
        "status_list_by_another_issuer",
        put(STRANGER.did, "iss"),
        "status-issuer-mismatch",
        "T12: a list by somebody whom nobody named says nothing for the credential.",
        outcome=Outcome.INDETERMINATE,
    ),
    _status(
        "status_list_unreachable",
        drop(_LIST),
        "STATUS_RETRIEVAL_ERROR",
        "T13: an outage makes nothing valid.",
        stage=Stage.DOCUMENTS,
        outcome=Outcome.INDETERMINATE,
    ),
    _status(
        "status_of_an_unknown_mechanism",
        put({"uri": "https://academy.example/status"}, "status", "future_status"),
        "unknown-status-type",
        "Section 6.1: a mechanism that nobody here knows is unknown, and never skipped.",
        stage=Stage.CLAIMS,
        outcome=Outcome.INDETERMINATE,
    ),
)
