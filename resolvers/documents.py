"""Controlled identifier documents: DID documents, and the https documents of issuers without a DID.

Controlled Identifiers 1.0, section 2 (the data model) and section 3.3 (Retrieve Verification Method).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from resolvers import keys, strict_json, timestamps
from resolvers.model import Fetched, Loaded, PublicKey, VerificationMethod
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from resolvers.model import Provenance

RELATIONSHIPS: Final = (
    "assertionMethod",
    "authentication",
    "keyAgreement",
    "capabilityInvocation",
    "capabilityDelegation",
)

_SIZE_FACTOR: Final = 8
"""A parsed document takes about so many times the bytes of its JSON text (measured: 4 to 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """A verification method's own members, checked."""

    type: str
    key: PublicKey
    ends: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerDocument:
    """A conforming document. Its keys are imported when first asked for, and then kept."""

    id: str
    content: Mapping[str, Any]
    """The document as published."""
    methods: Mapping[str, Mapping[str, Any]]
    """Verification methods by absolute id, wherever in the document they stand."""
    relationships: Mapping[str, frozenset[str]]
    """Verification relationship → absolute ids of the methods that it names or holds."""
    _keys: dict[str, _Key] = field(default_factory=dict, repr=False, compare=False)

    def lists(self, url: str, *, purpose: str) -> bool:
        """Whether the document names the method `url` for `purpose`, be it its own or another's."""
        return url in self.relationships.get(purpose, ())

    def retrieve(self, url: str, *, purpose: str, source: Provenance | None) -> VerificationMethod:
        """Return the method `url` (Controlled Identifiers 1.0, section 3.3, steps 7 to 12).

        Raises:
            Invalid: `NOT_FOUND`, `INVALID_VERIFICATION_METHOD`,
                `INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD`.
            Unavailable: `unsupported-key-type`.
        """
        found = self._import(url)
        if not self.lists(url, purpose=purpose):
            raise Invalid("INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD", f"{url[:200]} is not in {purpose[:40]}")
        return VerificationMethod(
            id=url, type=found.type, document=self.id, key=found.key, source=source, ends=found.ends
        )

    def key(self, url: str) -> PublicKey:
        """Return the key of the method `url`, for whatever purpose.

        Raises:
            Invalid, Unavailable: as `retrieve`.
        """
        return self._import(url).key

    def _import(self, url: str) -> _Key:
        found = self._keys.get(url)
        if found is None:
            found = self._keys[url] = self._checked(url)
        return found

    def _checked(self, url: str) -> _Key:
        method = self.methods.get(url)
        if method is None:
            raise Invalid("NOT_FOUND", f"{self.id[:200]} holds no method {url[-100:]!r}")
        if not isinstance(method.get("type"), str):
            raise Invalid("INVALID_VERIFICATION_METHOD", f"{url[:200]} has no type")
        # Step 10. Without it a document could present another controller's key as its own.
        if method.get("controller") != self.id:
            raise Invalid("INVALID_VERIFICATION_METHOD", f"the controller of {url[:200]} is not {self.id[:200]}")
        return _Key(type=method["type"], key=keys.from_verification_method(method), ends=_end(method))


def parse(content: Any) -> ControllerDocument:
    """Return the document that `content`, parsed JSON, is.

    Ids that are only a fragment are read relative to the document's id (DID Core 1.0, section
    3.2.2), which an `@base` in the context may repeat. Whether the id is the one that was asked for
    is the caller's to check.

    Raises:
        Invalid: `INVALID_CONTROLLED_IDENTIFIER_DOCUMENT`, `did-deactivated`.
    """
    identifier = content.get("id") if isinstance(content, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise _malformed("it is not an object with an id")
    # DID Resolution: a deactivated DID has no document, whatever its host still serves.
    if content.get("deactivated") is True:
        raise Invalid("did-deactivated", f"{identifier[:200]} says so itself")
    _check_base(content, identifier)
    methods: dict[str, Mapping[str, Any]] = {}
    for method in _array(content, "verificationMethod"):
        if not isinstance(method, dict):
            raise _malformed("an entry of verificationMethod is not an object")
        _add(methods, method, identifier)
    relationships = {}
    for relationship in RELATIONSHIPS:
        named = set()
        for entry in _array(content, relationship):
            if isinstance(entry, str):
                named.add(_absolute(entry, identifier))
            elif isinstance(entry, dict):
                named.add(_add(methods, entry, identifier))
            else:
                raise _malformed(f"an entry of {relationship} is neither a URL nor an object")
        relationships[relationship] = frozenset(named)
    return ControllerDocument(
        id=identifier,
        content=content,
        methods=MappingProxyType(methods),
        relationships=MappingProxyType(relationships),
    )


async def load(fetched: Fetched) -> Loaded[ControllerDocument]:
    """Parse a fetched document, for `Lookup.get`.

    Raises:
        Invalid: as `parse`.
        Unavailable: `response-malformed`: not even JSON, such as a host's error page.
    """
    try:
        content = strict_json.loads(fetched.body)
    except Invalid as refused:
        problem = refused.problem
        if problem.code in {"not-json", "not-utf8"}:
            raise Unavailable("response-malformed", f"{fetched.url} is not JSON") from None
        raise _malformed(f"{problem.code}: {problem.detail}") from None
    return Loaded(value=parse(content), size=_SIZE_FACTOR * len(fetched.body))


def _array(content: Mapping[str, Any], member: str) -> Iterator[Any]:
    entries = content.get(member, [])
    if not isinstance(entries, list):
        raise _malformed(f"{member} is not an array")
    return iter(entries)


def _add(methods: dict[str, Mapping[str, Any]], method: Mapping[str, Any], document: str) -> str:
    """Note a method under its absolute id, and return that."""
    identifier = method.get("id")
    if not isinstance(identifier, str):
        raise _malformed("a verification method has no id")
    identifier = _absolute(identifier, document)
    if methods.setdefault(identifier, method) != method:
        raise _malformed(f"it holds two different methods {identifier[:200]}")
    return identifier


def _absolute(identifier: str, document: str) -> str:
    return document + identifier if identifier.startswith("#") else identifier


def _check_base(content: Mapping[str, Any], identifier: str) -> None:
    """Refuse an `@base` that would make a relative id name another thing to a reader of JSON-LD than to one of JSON.

    Documents with relative ids carry `{"@base": "did:…"}` so that both read the same.
    """
    context = content.get("@context")
    for entry in context if isinstance(context, list) else [context]:
        if isinstance(entry, dict) and entry.get("@base", identifier) != identifier:
            raise _malformed("the @base of its context is not its id")


def _end(method: Mapping[str, Any]) -> datetime | None:
    """Return the instant from which on nothing verifies (Controlled Identifiers 1.0, section 2.2)."""
    try:
        ends = [timestamps.parse(method[member]) for member in ("expires", "revoked") if member in method]
    except ValueError as error:
        raise Invalid("INVALID_VERIFICATION_METHOD", f"its expires or revoked is {error}") from None
    return min(ends, default=None)


def _malformed(detail: str) -> Invalid:
    return Invalid("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT", detail)
