"""One good record of each format that is verified here, by how its key is found, and with any status."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509

from gateway.demo.issuer import Issuer, badge, jwk
from gateway.plugins import KeySource
from tests import certified
from tests.gateway.formats import cose, open_badges
from tests.gateway.formats.sd_jwt import issue
from tests.issuer import CHALLENGE, DOMAIN, University, credential_1_1, presentation
from tests.sealed import diploma, sealed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HTTPS: Final = "https://university.example/issuer"
AUTHORITY: Final = certified.root()
_SUBJECT: Final = "did:example:learner"


class Maker:
    """Issues at a university by one key source."""

    def __init__(self, place: University, source: KeySource | None) -> None:
        """Let what is issued be by a key that is found at `source`."""
        self.place = place
        self.internet = place.internet
        self.source = source
        self.issuer = Issuer(HTTPS, place.issuer.key, f"{HTTPS}#key-1") if source == KeySource.HTTPS else place.issuer
        open_badges.publish(self.internet)
        if source == KeySource.HTTPS:
            self.internet.serve(HTTPS, self.issuer.document)

    def credential(self, status: Any = None) -> dict[str, Any]:
        """Return an unsecured badge."""
        return badge(self.issuer.did, "Welding", status=status)

    def credential_1_1(self, status: Any = None) -> dict[str, Any]:
        """Return an unsecured credential of VCDM 1.1."""
        members = {} if status is None else {"credentialStatus": status}
        return credential_1_1(self.issuer.did, _SUBJECT, **members)

    def holder(self) -> Issuer:
        """Return a holder whose key is found at `source`."""
        if self.source is not KeySource.HTTPS:
            return Issuer.did_key()
        holder = Issuer("https://learner.example", Issuer.did_key().key, "https://learner.example#key-1")
        methods = holder.document["assertionMethod"]
        self.internet.serve(holder.did, {**holder.document, "authentication": methods})
        return holder

    async def embedded(self, status: Any = None) -> Any:
        """Return a badge with an embedded proof."""
        return await self.issuer.secure(self.credential(status), self.place.verifier.canonicalizer)

    async def vc_jwt(self, status: Any = None) -> Any:
        """Return a VCDM 1.1 credential as JWT."""
        return self.issuer.jwt(self.credential_1_1(status))

    async def vc_plus_jwt(self, status: Any = None) -> Any:
        """Return a badge as `vc+jwt`."""
        return self.issuer.jwt(self.credential(status))

    async def vc_plus_cose(self, status: Any = None) -> Any:
        """Return a badge as COSE_Sign1."""
        return cose.text(cose.message(self.issuer, self.credential(status)))

    async def vc_plus_sd_jwt(self, status: Any = None) -> Any:
        """Return a badge as `vc+sd-jwt`."""
        return issue(self.issuer, self.credential(status), typ="vc+sd-jwt")

    async def sd_jwt_vc(self, status: Any = None) -> Any:
        """Return an SD-JWT VC."""
        claims = {"iss": self.issuer.did, "vct": "https://university.example/learner", "iat": self._seconds() - 60}
        if status is not None:
            claims["status"] = {status["type"]: {name: value for name, value in status.items() if name != "type"}}
        if self.source is not KeySource.CERTIFICATE:
            if self.source is KeySource.HTTPS:
                metadata = "https://university.example/.well-known/jwt-vc-issuer/issuer"
                keys = [{**jwk(self.issuer.key), "kid": self.issuer.jose_method}]
                self.internet.serve(metadata, {"issuer": HTTPS, "jwks": {"keys": keys}})
            return issue(self.issuer, claims)
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(HTTPS)])
        seal = certified.seal(AUTHORITY, extensions=(*certified.Template().extensions, (names, False)))
        x5c = [base64.b64encode(der).decode() for der in seal.der]
        return issue(Issuer(HTTPS, seal.key, ""), {**claims, "iss": HTTPS}, kid=None, x5c=x5c)

    async def jades(self, status: Any = None) -> Any:
        """Return a European Digital Credential."""
        members = {} if status is None else {"credentialStatus": status}
        return sealed(certified.seal(AUTHORITY), document=diploma(**members))

    async def open_badge_hosted(self, _status: Any = None) -> Any:
        """Return an Open Badge 2.0 that its issuer hosts."""
        return open_badges.assertion()

    async def open_badge_signed(self, _status: Any = None) -> Any:
        """Return an Open Badge 2.0 that its issuer has signed, and can revoke."""
        return open_badges.sign(self._revocable(open_badges.assertion(signed=True)))

    async def clr_hosted(self, _status: Any = None) -> Any:
        """Return a CLR 1.0 that its publisher hosts."""
        return open_badges.clr()

    async def clr_signed(self, _status: Any = None) -> Any:
        """Return a CLR 1.0 that its publisher has signed, and can revoke."""
        return open_badges.sign(self._revocable(open_badges.clr(signed=True)))

    async def presented(self, form: str) -> Any:
        """Return a badge in a presentation of one of `tests.issuer.FORMS`."""
        holder = self.holder()
        return await self.place.present(holder, await self.place.held(holder, form), form=form)

    async def vp_data_integrity(self, _status: Any = None) -> Any:
        """Return a presentation with an embedded proof."""
        return await self.presented("data-integrity")

    async def vp_jwt(self, _status: Any = None) -> Any:
        """Return a presentation of VCDM 1.1 as JWT."""
        return await self.presented("vp-jwt")

    async def vp_plus_jwt(self, _status: Any = None) -> Any:
        """Return a presentation of VCDM 2.0 as JWT."""
        return await self.presented("vp+jwt")

    async def vp_plus_cose(self, _status: Any = None) -> Any:
        """Return a presentation of VCDM 2.0 as COSE_Sign1."""
        holder = self.holder()
        document = presentation(holder, await self.place.held(holder, "vp+jwt"))
        claims = {3: DOMAIN, 10: CHALLENGE.encode()}
        return cose.text(cose.message(holder, document, protected={16: "application/vp+cose", 15: claims}))

    async def vp_plus_sd_jwt(self, _status: Any = None) -> Any:
        """Return a presentation of VCDM 2.0 as SD-JWT."""
        holder = self.holder()
        document = presentation(holder, await self.place.held(holder, "vp+jwt"))
        return issue(holder, {**document, "nonce": CHALLENGE, "aud": DOMAIN}, typ="vp+sd-jwt")

    def _revocable(self, record: dict[str, Any]) -> dict[str, Any]:
        open_badges.publish(self.internet, profile=open_badges.profile(revocationList=open_badges.LIST))
        return record

    def _seconds(self) -> int:
        return int(self.place.now.timestamp())


RECORDS: Final[dict[str, Callable[[Maker, Any], Awaitable[Any]]]] = {
    "clr-1": Maker.clr_signed,
    "clr-1-hosted": Maker.clr_hosted,
    "data-integrity": Maker.embedded,
    "data-integrity-presentation": Maker.vp_data_integrity,
    "dc+sd-jwt": Maker.sd_jwt_vc,
    "jades": Maker.jades,
    "open-badges-2": Maker.open_badge_signed,
    "open-badges-2-hosted": Maker.open_badge_hosted,
    "vc+cose": Maker.vc_plus_cose,
    "vc+jwt": Maker.vc_plus_jwt,
    "vc+sd-jwt": Maker.vc_plus_sd_jwt,
    "vc-jwt": Maker.vc_jwt,
    "vp+cose": Maker.vp_plus_cose,
    "vp+jwt": Maker.vp_plus_jwt,
    "vp+sd-jwt": Maker.vp_plus_sd_jwt,
    "vp-jwt": Maker.vp_jwt,
}
"""By the name of the format; `(maker, status entry or None)` makes what is presented."""
