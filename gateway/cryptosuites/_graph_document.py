"""A canonical graph as a document of VCDM 1.1 that needs no context but the data model's own.

didkit is given the graph that was found here to hold all that the presented document says, instead of
that document: so it needs no context that it does not know, and where two JSON-LD processors read
something differently, the signature does not match; nothing is left that one of them overlooked.
Nodes stand side by side in `@included`, each member under its whole IRI; only what didkit insists to
read by name has a name.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from resolvers.problems import Unavailable

_CREDENTIALS_V1: Final = "https://www.w3.org/2018/credentials/v1"
_CREDENTIALS: Final = "https://www.w3.org/2018/credentials#"
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_STATEMENT: Final = re.compile(
    r'(<[^>]*>|_:\w+) <([^>]*)> (<[^>]*>|_:\w+|"(?:[^"\\]|\\.)*"(?:\^\^<[^>]*>|@[a-z0-9-]+)?)(?: (<[^>]*>|_:\w+))? \.'
)
_REWRITTEN: Final = re.compile(r"\.(?!(?:\d{3}|\d{6}|\d{9})(?!\d))")
"""Finds a fraction of a second that didkit would write with another number of digits than it was signed."""


def document_of(nquads: bytes, identifier: str | None, *, presentation: bool) -> dict[str, Any]:
    """Return the document whose graph is `nquads`, a credential or a presentation without its proof.

    `identifier` is the document's own, if it has one.

    Raises:
        Unavailable: `unsupported-cryptosuite`: it is no document of VCDM 1.1.
    """
    graphs = _nodes(nquads)
    nodes = graphs.pop("", {})
    root = nodes.pop(_root(nodes, identifier), None)
    kind = "VerifiablePresentation" if presentation else "VerifiableCredential"
    if root is None or f"{_CREDENTIALS}{kind}" not in root.get("@type", []):
        raise _no_vcdm_1_1()
    types = [name for name in root.pop("@type") if name != f"{_CREDENTIALS}{kind}"]
    del root["@id"]
    document: dict[str, Any] = {"@context": [_CREDENTIALS_V1], "type": [kind, *types]}
    if identifier is not None:
        document["id"] = identifier
    document |= _holder(root) if presentation else _claims(root)
    named = [{"@id": name, "@graph": list(inner.values())} for name, inner in graphs.items()]
    if included := [*nodes.values(), *named]:
        document["@included"] = included
    return {**document, **root}


def _nodes(nquads: bytes) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the node objects by graph ("" for the default one) and subject."""
    graphs: dict[str, dict[str, dict[str, Any]]] = {}
    for line in nquads.decode().split("\n")[:-1]:  # not `splitlines`: a literal may hold line separators of Unicode
        found = _STATEMENT.fullmatch(line)
        if found is None:
            raise ValueError(line)
        subject, predicate, value, graph = found.groups()
        nodes = graphs.setdefault(_name(graph or ""), {})
        node = nodes.setdefault(_name(subject), {"@id": _name(subject)})
        if predicate == _TYPE and value[0] != '"':
            node.setdefault("@type", []).append(_name(value))
        else:
            node.setdefault(predicate, []).append(_value(value))
    return graphs


def _name(term: str) -> str:
    return term[1:-1] if term[:1] == "<" else term


def _value(term: str) -> dict[str, str]:
    if term[0] != '"':
        return {"@id": _name(term)}
    end = term.rindex('"') + 1
    value = {"@value": json.loads(term[:end])}  # the escapes of canonical N-Quads are JSON's
    if term[end:].startswith("^^"):
        value["@type"] = _name(term[end + 2 :])
    elif term[end:]:
        value["@language"] = term[end + 1 :]
    return value


def _root(nodes: dict[str, dict[str, Any]], identifier: str | None) -> str:
    """Return the name of the node that the document is: without an identifier, the one that nothing refers to."""
    if identifier is not None:
        return identifier
    referred = {
        value.get("@id")
        for node in nodes.values()
        for name, values in node.items()
        if name[0] != "@"
        for value in values
    }
    roots = [name for name in nodes if name[:2] == "_:" and name not in referred]
    return roots[0] if len(roots) == 1 else ""


def _claims(root: dict[str, Any]) -> dict[str, Any]:
    """Take out of the credential what didkit has to find under its own name."""
    try:
        [issuer] = root.pop(f"{_CREDENTIALS}issuer")
        [issued] = root.pop(f"{_CREDENTIALS}issuanceDate")
        subjects = root.pop(f"{_CREDENTIALS}credentialSubject")
        named = {"issuer": issuer["@id"], "issuanceDate": issued["@value"]}
        named["credentialSubject"] = [{"id": subject["@id"]} for subject in subjects]
    except (KeyError, ValueError):
        raise _no_vcdm_1_1() from None
    if _REWRITTEN.search(named["issuanceDate"]):
        raise Unavailable(
            "unsupported-cryptosuite", "didkit would not read its issuanceDate as it is", pointer="/proof"
        )
    return named


def _holder(root: dict[str, Any]) -> dict[str, Any]:
    holders = root.pop(f"{_CREDENTIALS}holder", [])
    return {"holder": holders[0].get("@id")} if len(holders) == 1 else {}


def _no_vcdm_1_1() -> Unavailable:
    detail = "only didkit verifies it, which knows credentials of VCDM 1.1 alone"
    return Unavailable("unsupported-cryptosuite", detail, pointer="/proof")
