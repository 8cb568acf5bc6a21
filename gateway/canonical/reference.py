"""The reference path: PyLD expands what the direct path declines, and nothing may be lost on the way.

PyLD has no safe mode, so it is watched from three sides: every member name is looked up in the active
context before PyLD reads it, names that no context defines are caught by a sentinel `@vocab`, and the
expanded document is checked whole, because PyLD drops relative and malformed IRIs without a word.
Runs in the worker process only (`gateway.canonical.worker`).
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from pyld import ContextResolver
from pyld.jsonld import JsonLdError, JsonLdProcessor

from gateway.canonical import jcs
from gateway.canonical._pointer import data_loss, escaped, find, walk
from gateway.canonical._terms import IRI, LANGUAGE, RDF, XSD, Quad, quoted
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SENTINEL: Final = "urn:ler-gateway:undefined:"
_LARGEST: Final = 2**53 - 1
"""JSON numbers beyond it are not the same in every implementation (RFC 8785, section 3.2.2.3)."""
_MAP_CONTAINERS: Final = frozenset({"@id", "@index", "@type"})
_CACHED_CONTEXTS: Final = 64


class Reference:
    """Expands documents against one set of context texts, which it compiles once."""

    def __init__(self, contexts: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the text of every context that a document may name, by URL."""
        self._contexts = contexts
        # PyLD's own cache is global and by URL, and would mix up two revisions of one context.
        self._compiled = _Bounded()

    def quads(self, document: Mapping[str, Any]) -> list[Quad]:
        """Return the statements of `document`.

        Raises:
            Invalid: `DATA_LOSS_DETECTION_ERROR`, `number-out-of-range`, or, where it is no JSON-LD,
                `PROOF_TRANSFORMATION_ERROR`.
        """
        options = {
            "base": None,  # "" would become http://example.org/base/
            "documentLoader": self._load,
            "contextResolver": ContextResolver(self._compiled, self._load),
            "expandContext": {"@vocab": _SENTINEL},
        }
        try:
            expanded = _Watched(document).expand(document, options)
            _Expanded(document).graph(expanded)
            del options["expandContext"]
            dataset = JsonLdProcessor().to_rdf(expanded, options)
        except JsonLdError as error:
            raise _no_json_ld(error.code or error.type) from None
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # PyLD takes well-formed JSON-LD for granted: a value such as "@foo" raises TypeError.
            raise _no_json_ld(type(error).__name__) from error
        return [
            (_term(triple["subject"]), _term(triple["predicate"]), _term(triple["object"]), _graph(name))
            for name, triples in dataset.items()
            for triple in triples
        ]

    def _load(self, url: str, _options: object) -> dict[str, Any]:
        document = _guarded(deepcopy(self._contexts[url]))
        return {"contextUrl": None, "documentUrl": url, "document": document, "tag": "static"}


class _Bounded(dict[str, Any]):
    """PyLD's cache of contexts: inline ones come from strangers, so the oldest go."""

    def __setitem__(self, key: str, value: Any) -> None:
        if len(self) >= _CACHED_CONTEXTS:
            del self[next(iter(self))]
        super().__setitem__(key, value)


class _Watched(JsonLdProcessor):  # type: ignore[misc]  # PyLD has no types
    """PyLD's processor, which shows every object to `_check` with the context that is active there."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__(on_property_dropped=self._dropped)
        self._document = document

    def _expand_object(self, active_ctx: Any, *arguments: Any, **options: Any) -> None:
        """Check the names of `element`, then do as PyLD does."""
        element = arguments[2]
        self._check(active_ctx, element)
        super()._expand_object(active_ctx, *arguments, **options)

    def _check(self, active: Mapping[str, Any], element: Mapping[str, Any]) -> None:
        meanings = {name: self._meaning(active, name, element) for name in element if name != "@context"}
        is_value = "@value" in meanings.values()
        allowed = ("@value", "@type", "@language") if is_value else ("@id", "@type")
        seen = set()
        for name, iri in meanings.items():
            if iri in seen and iri[0] == "@":
                raise self._refuse(element, name, f"two members of one object mean {iri}")
            seen.add(iri)
            if iri[0] == "@" and iri not in allowed:
                raise self._refuse(element, name, f"the keyword {iri} is not used in what is signed")
            if is_value and iri[0] != "@":
                raise self._refuse(element, name, "a value object has no members of its own")
            container = (active["mappings"].get(name) or {}).get("@container", ())
            if not _MAP_CONTAINERS.isdisjoint(container) and isinstance(element[name], dict):
                raise self._refuse(element, name, "the signature does not cover the keys of this map as members")
        if is_value and any(iri == "@value" and element[name] is None for name, iri in meanings.items()):
            raise data_loss(
                "a value object without a value is not signed", find(self._document, lambda value: value == element)
            )

    def _meaning(self, active: Mapping[str, Any], name: str, element: Mapping[str, Any]) -> str:
        """Return the IRI or keyword that `name` stands for, if it is a term or under a pinned `@vocab`."""
        mapping = active["mappings"].get(name)
        if mapping is not None:
            iri = mapping["@id"]
        elif ":" in name or name[:1] == "@":
            iri = name if name in ("@id", "@type", "@value", "@language") else None
        else:
            iri = active.get("@vocab", _SENTINEL) + name
        if not isinstance(iri, str) or iri.startswith(_SENTINEL) or not (iri[:1] == "@" or IRI.fullmatch(iri)):
            raise self._refuse(element, name, "it is no term of the contexts that are named")
        return iri

    def _refuse(self, element: Mapping[str, Any], name: str, why: str) -> Invalid:
        pointer = find(self._document, lambda value: value == element)
        return data_loss(f"the member {name!r}: {why}", None if pointer is None else f"{pointer}/{escaped(name)}")

    def _dropped(self, name: str | None) -> None:
        raise data_loss(f"a member ({name!r}) is no term of the contexts that are named")


class _Expanded:
    """Checks an expanded document: what PyLD makes no statement of is refused, and what it writes unlike others."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def graph(self, nodes: list[dict[str, Any]]) -> None:
        """Check the nodes of a graph: nothing refers to them, so each must say something by itself."""
        for node in nodes:
            if "@value" in node or "@list" in node or not any(node[name] for name in node if name != "@id"):
                raise data_loss("a graph holds something that makes no statement")
            self.node(node)

    def node(self, node: dict[str, Any]) -> None:
        """Check a node object."""
        for iri in (*([node["@id"]] if "@id" in node else ()), *node.get("@type", ())):
            self.iri(iri)
        self.graph(node.get("@graph", []))
        self.properties(node)
        # Terms that a pinned context defines as @reverse; the keyword itself never comes so far.
        self.properties(node.get("@reverse", {}))

    def properties(self, node: dict[str, Any]) -> None:
        """Check the properties of a node, and their values."""
        for name, values in node.items():
            if name[0] != "@":
                self.iri(name)
                for value in values:
                    self.value(value)

    def value(self, item: dict[str, Any]) -> None:
        """Check what a property may have: a value, a list or a node object."""
        if "@value" in item:
            self.literal(item)
        elif "@list" in item:
            for member in item["@list"]:
                self.value(member)
        else:
            self.node(item)

    def literal(self, item: dict[str, Any]) -> None:
        """Check a value object, and let RFC 8785 rather than PyLD write JSON literals."""
        if "@direction" in item:
            raise data_loss("the direction of a text is not covered by its signature", self._member("@direction"))
        language = item.get("@language")
        if language is not None and not LANGUAGE.fullmatch(language):
            raise data_loss("a language tag is malformed", self._value(language))
        if item.get("@type") == "@json":
            item["@type"] = f"{RDF}JSON"
            item["@value"] = jcs.canonicalize(item["@value"]).decode()
        elif "@type" in item:
            self.iri(item["@type"])
        value = item["@value"]
        if isinstance(value, int | float) and abs(value) > _LARGEST:
            raise Invalid("number-out-of-range", "a number is beyond 2^53 - 1", pointer=self._value(value))

    def iri(self, text: object) -> None:
        """Check an IRI as it will stand in N-Quads; blank node labels are not signed, so none may be given."""
        if isinstance(text, str) and text.startswith(_SENTINEL):
            name = text.removeprefix(_SENTINEL)
            raise data_loss(f"{name!r} is no term of the contexts that are named", self._value(name))
        if not isinstance(text, str) or not IRI.fullmatch(text):
            raise data_loss("an identifier is no absolute IRI, so its statements are not signed", self._value(text))

    def _value(self, value: object) -> str | None:
        return find(self._document, lambda item: item == value)

    def _member(self, name: str) -> str | None:
        return next((pointer for pointer, _ in walk(self._document) if pointer.endswith(f"/{name}")), None)


def _guarded(value: Any) -> Any:
    """Put the sentinel after every null context, which takes away the outermost one."""
    if isinstance(value, list):
        return [_guarded(item) for item in value]
    if not isinstance(value, dict):
        return value
    guarded = {name: _guarded(member) for name, member in value.items()}
    if "@context" in guarded:
        parts = guarded["@context"] if isinstance(guarded["@context"], list) else [guarded["@context"]]
        if None in parts:
            guarded["@context"] = [
                step for part in parts for step in ([part, {"@vocab": _SENTINEL}] if part is None else [part])
            ]
    return guarded


def _no_json_ld(what: str) -> Invalid:
    return Invalid("PROOF_TRANSFORMATION_ERROR", f"the document is no JSON-LD that can be expanded ({what})")


def _graph(name: str) -> str:
    return "" if name == "@default" else name if name[:2] == "_:" else f"<{name}>"


def _term(term: Mapping[str, str]) -> str:
    if term["type"] != "literal":
        return term["value"] if term["type"] == "blank node" else f"<{term['value']}>"
    text = quoted(term["value"])
    if "language" in term:
        return f"{text}@{term['language']}"
    return text if term["datatype"] == f"{XSD}string" else f"{text}^^<{term['datatype']}>"


def check_watch(expand: Callable[[dict[str, Any]], object]) -> None:
    """Raise RuntimeError if this PyLD no longer shows objects to the watch, so that a loss could pass."""
    try:
        expand({"urn:a:b": "unwatched"})
    except Invalid:
        return
    message = "PyLD does not call _expand_object: data loss would go unseen"
    raise RuntimeError(message)
