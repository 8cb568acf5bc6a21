"""Older texts of a context under the same URL, where they matter to a document.

Contexts were published under one URL and changed later, and old credentials are still about. An older
text is tried only if it defines a name differently that the document uses.
"""

from __future__ import annotations

import json
from itertools import islice, product
from typing import TYPE_CHECKING, Any, Final

from gateway.related_resources import matches, pinned
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from resolvers.contexts import Revision

_MOST: Final = 3
"""Sets that are tried after the newest; each costs a forged document one more canonicalization."""


def older_sets(
    document: Mapping[str, Any], known: Mapping[str, Sequence[Revision]]
) -> Iterator[Mapping[str, Revision]]:
    """Yield at most three choices of older revisions, by URL, that may give `document` another meaning.

    `known` is every revision of each context that `document` uses, the newest first. What a choice
    does not name is the newest.
    """
    names = _strings(document)
    choices = [_choices(url, revisions, names) for url, revisions in known.items() if len(revisions) > 1]
    # The first of the product is the newest of everything, which has been tried.
    for picked in islice(product(*choices), 1, _MOST + 1):
        yield {url: revision for url, revision in picked if revision is not None}


def named_by_digest(
    document: Mapping[str, Any], known: Mapping[str, Sequence[Revision]]
) -> tuple[Mapping[str, Revision], bool]:
    """Return the revisions that `document` names by their digests, and whether that is every one that matters.

    "A digest given for a context URL": VC Data Model 2.0, section 5.3, has `relatedResource` for that. It
    says which text was meant, so no other is tried. What the choice does not name is the newest.

    Raises:
        Unavailable: `unknown-context`: no text that is pinned here has that digest; `unsupported-digest`.
        Invalid: `MALFORMED_VALUE_ERROR`.
    """
    chosen: dict[str, Revision] = {}
    everything = True
    for url, revisions in known.items():
        digests = pinned(document, url, {})
        if not digests:
            everything = everything and len(revisions) == 1
            continue
        fitting = [each for each in revisions if all(_has(each, member, value) for member, value in digests)]
        if not fitting:
            detail = f"of the JSON-LD context {url[:200]} no text is pinned here that has the digest in relatedResource"
            raise Unavailable("unknown-context", detail, pointer="/relatedResource")
        if fitting[0] is not revisions[0]:
            chosen[url] = fitting[0]
    return chosen, everything


def _has(revision: Revision, member: str, value: str) -> bool:
    digests = {"sha256": bytes.fromhex(revision.sha256), **revision.other_digests}
    return matches(member, value, digests.get)


def _choices(url: str, revisions: Sequence[Revision], names: set[str]) -> list[tuple[str, Revision | None]]:
    """Return the revisions that define the names differently, None for the newest."""
    chosen: dict[str, tuple[str, Revision | None]] = {}
    for index, revision in enumerate(revisions):
        meaning = json.dumps(_relevant(revision.document.get("@context"), names), sort_keys=True)
        chosen.setdefault(meaning, (url, revision if index else None))
    return list(chosen.values())


def _relevant(context: Any, names: set[str]) -> Any:
    """Return a context without the definitions of names that the document does not use."""
    if isinstance(context, list):
        return [_relevant(part, names) for part in context]
    if not isinstance(context, dict):
        return context
    kept: dict[str, Any] = {}
    for name, definition in context.items():
        if name[:1] == "@" or name in names or f"{name}:" in names:
            kept[name] = definition
            if isinstance(definition, dict) and "@context" in definition:
                kept[name] = {**definition, "@context": _relevant(definition["@context"], names)}
    return kept


def _strings(document: object) -> set[str]:
    """Return every name in a document, and every string that may stand for one, whole and up to its colon."""
    found: set[str] = set()
    pending: list[Any] = [document]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            found.update(item)
            pending += item.values()
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, str):
            found.update((item, item.partition(":")[0] + ":"))
    return found
