"""A rewritten credential either reads as it did, or no longer has the graph that was signed, or is refused."""

from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from gateway.canonical.loss import _READ
from resolvers.problems import Invalid, Unavailable
from tests.gateway.canonical.paths import PATHS
from tests.gateway.canonical.test_hidden_statements import CRED, OTHER_NAMES_URL, WORLD, credential_1, credential_2

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = dict[str, Any]

CONTEXTS: list[Any] = [
    {"x": {"@id": f"{CRED}credentialStatus", "@type": "@id"}},
    {"x": "@nest"},
    {"x": "urn:x:x"},
    {"c": CRED},
    {"urn": "urn:x:"},
    {"@vocab": CRED},
    {"issuer": None},
    OTHER_NAMES_URL,
    None,
]


def objects(document: JSON) -> list[JSON]:
    """Return every object of a document that is no context."""
    found, pending = [], [document]
    while pending:
        item = pending.pop()
        found.append(item)
        for name, value in item.items():
            if name != "@context":
                values = value if isinstance(value, list) else [value]
                pending += [part for part in values if isinstance(part, dict)]
    return found


def renamed(item: JSON, name: str, choose: random.Random) -> None:
    """Give a member another name."""
    new = choose.choice([f"{CRED}{name}", f"c:{name}", f"cred:{name}", "x", "revocationEntry", f"@{name}"])
    item[new] = item.pop(name, None)


def wrapped(item: JSON, name: str, choose: random.Random) -> None:
    """Put a member into an object beside the others."""
    wrapper = choose.choice(["@nest", "nested", "@included", "more", "@graph", "@set", "@reverse", "x"])
    item[wrapper] = {"type": item.get("type"), "id": item.get("id"), name: item.pop(name, None)}


def boxed(item: JSON, name: str, choose: random.Random) -> None:
    """Put a value into an object or an array of its own."""
    value = item.get(name)
    item[name] = choose.choice([{choose.choice(["@set", "@list", "@value", "@id", "id"]): value}, [value]])


def repeated(item: JSON, name: str, choose: random.Random) -> None:
    """Put something beside a value."""
    value = item.get(name)
    item[name] = [value, choose.choice([None, value, {"id": value.get("id")} if isinstance(value, dict) else value])]


def replaced(item: JSON, name: str, choose: random.Random) -> None:
    """Put something in place of a value."""
    value = item.get(name)
    same = value.get("id") if isinstance(value, dict) else {"id": value}
    item[name] = choose.choice([None, [], {}, same])


def contextualized(item: JSON, _name: str, choose: random.Random) -> None:
    """Name one more context, somewhere."""
    contexts = item.get("@context", [])
    if isinstance(contexts, list):
        item["@context"] = [*contexts]
        item["@context"].insert(choose.randrange(len(contexts) + 1), choose.choice(CONTEXTS))


def rewrite(document: JSON, choose: random.Random) -> JSON:
    """Move, rename, wrap or repeat one thing, as a holder might."""
    copied: JSON = json.loads(json.dumps(document))
    item, other = choose.choice(objects(copied)), choose.choice(objects(copied))
    name = choose.choice([name for name in item if name != "@context"] or ["x"])
    match choose.randrange(8):
        case 0:
            other[choose.choice([name, "evidence"])] = {"id": str(copied.get("id")), name: item.pop(name, None)}
        case 1:
            other[name] = item.pop(name, None)
        case number:
            (renamed, wrapped, boxed, repeated, replaced, contextualized)[number - 2](item, name, choose)
    return copied


def read(document: JSON) -> dict[str, list[Any]]:
    """Return the members on which a verdict rests, as code that reads JSON sees them."""
    seen: dict[str, list[Any]] = {}
    for name in _READ:
        value = document.get(name)
        parts = value if isinstance(value, list) else [value]
        unique: list[Any] = []
        for part in parts:
            identifier = part.get("id", "") if isinstance(part, dict) else part
            if part is not None and identifier not in unique:
                unique.append(identifier)
        seen[name] = sorted(map(repr, unique))
    return {name: values for name, values in seen.items() if values}


def accepted(path: str, document: JSON) -> bytes | None:
    """Return the canonical form of `document`; None if it has none."""
    try:
        return asyncio.run(PATHS[path](WORLD).canonicalize(document)).nquads
    except (Invalid, Unavailable):
        return None


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**64), steps=st.integers(1, 4), make=st.sampled_from([credential_1, credential_2]))
def test_T62_whatever_a_holder_rewrites_reads_as_it_was_signed(
    path: str, seed: int, steps: int, make: Callable[[], JSON]
) -> None:
    """If the signature still holds, whoever reads the JSON reads what was signed."""
    original = make()
    # A credential that names itself has a second place for its own statements.
    original["evidence"] = [{"id": original["id"], "type": original["type"]}]
    choose = random.Random(seed)  # noqa: S311 — no secret
    rewritten = original
    for _ in range(steps):
        rewritten = rewrite(rewritten, choose)
    signed, found = accepted(path, original), accepted(path, rewritten)
    assert signed is not None
    event("refused" if found is None else "same graph" if found == signed else "another graph")
    if found == signed:
        assert read(original) == read(rewritten)
