"""Spoils real things in small ways: JSON trees by their members, octets by their runs, tokens by their parts."""

from __future__ import annotations

import base64
import binascii
import copy
import json
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.issuer import base64url

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

JUNK: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1.5, 2**53, 2**70, -(2**70), 1e300, 5e-324),
    *(
        "",
        " ",
        "x",
        "#",
        "#x",
        "@type",
        "_:b0",
        "\x00",
        "é",
        "\u202e",
        "\U0001f600",
        "a" * 3000,
        "z",
        "u",
        "z6Mk",
        "u!",
    ),
    *("https://x.example", "https://[", "http://x.example/%zz", "did:", "did:key:z", "did:web:x.example", "did:a:b#c"),
    *("2026-01-01T00:00:00Z", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0000-01-01T00:00:00Z", "P1Y"),
    *("data:,", "data:application/vc+jwt,a.b.c", "data:;base64,=", "urn:uuid:1", "a.b.c", "e30.e30.", "~", "H4sI"),
    *([], {}, [[]], [None], [{}], {"@value": "x"}, {"@id": "x"}, {"id": None}, {"@context": None}, {"type": []}),
)
NAMES: Final = (
    *("@context", "@id", "id", "@type", "type", "proof", "issuer", "credentialStatus", "validUntil", "@graph", "exp"),
    *(
        "@nest",
        "@included",
        "@reverse",
        "@value",
        "x",
        "credentialSubject",
        "",
        "https://schema.org/name",
        "vct",
        "_sd",
    ),
    *(
        "verifiableCredential",
        "evidence",
        "credentialSchema",
        "refreshService",
        "endorsement",
        "holder",
        "vc",
        "status",
    ),
    *(
        "name",
        "achievement",
        "statusListIndex",
        "alg",
        "crit",
        "kid",
        "keys",
        "jwks",
        "sub",
        "iss",
        "...",
        "cnf",
        "nbf",
    ),
)
_OCTETS: Final = (
    b"",
    b"\x00",
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"<",
    b"{",
    b"[",
    b"\xd2\x84",
    b"&#0;",
    b"\r\n",
    b"PK",
)
_DEEP: Final = 100
"""Levels: beyond what anything here reads; three times as many can still be copied, which recurses twice a level."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside `value`."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


def tree(value: Any, choose: random.Random, most: int = 3) -> Any:
    """Return a copy with up to `most` changes: something replaced, removed, added, renamed, repeated or wrapped."""
    spoilt = copy.deepcopy(value)
    for _ in range(choose.randint(1, most)):
        found = list(places(spoilt))
        if not found:
            return copy.deepcopy(choose.choice(JUNK))
        *above, last = choose.choice(found)
        parent: Any = spoilt
        for name in above:
            parent = parent[name]
        _change(spoilt, parent, last, choose, found)
    return spoilt


def _change(whole: Any, parent: Any, last: Any, choose: random.Random, found: list[tuple[Any, ...]]) -> None:
    how = choose.randrange(8)
    if how == 0:
        del parent[last]
    elif how <= 2 and isinstance(parent, dict):
        parent[choose.choice(NAMES)] = copy.deepcopy(choose.choice(JUNK)) if how == 1 else parent.pop(last)
    elif how == 3:
        source: Any = whole
        for name in choose.choice(found):
            source = source[name]
        parent[last] = copy.deepcopy(source)
    elif how == 4:
        for _ in range(choose.choice((1, 2, _DEEP))):
            parent[last] = [parent[last]]
    elif how == 5 and isinstance(parent[last], str):
        parent[last] = text(parent[last], choose)
    elif how == 6 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]))
    else:
        parent[last] = copy.deepcopy(choose.choice(JUNK))


def text(value: str, choose: random.Random) -> str:
    """Return the text with a run of it replaced, repeated or left out."""
    start = choose.randint(0, len(value))
    end = min(len(value), start + choose.choice((0, 1, 1, 2, 8, 64)))
    middle = choose.choice(
        ("", value[start:end] * 2, "A", "=", ".", "~", "/", "\n", "é", "\udc80".encode(errors="replace").decode())
    )
    return value[:start] + middle + value[end:]


def octets(value: bytes, choose: random.Random, most: int = 4) -> bytes:
    """Return the octets with up to `most` runs replaced, repeated, turned over or left out."""
    for _ in range(choose.randint(1, most)):
        start = choose.randint(0, len(value))
        end = min(len(value), start + choose.choice((0, 1, 1, 2, 4, 16, 256)))
        run = value[start:end]
        flipped = bytes(octet ^ 1 << choose.randrange(8) for octet in run)
        value = (
            value[:start] + choose.choice((b"", flipped, run * 2, choose.randbytes(len(run)), *_OCTETS)) + value[end:]
        )
    return value


def compact(token: str, choose: random.Random) -> str:
    """Return a compact token, or what it is joined with by tildes, with one part changed."""
    parts = token.split("~")
    index = choose.randrange(len(parts))
    segments = parts[index].split(".")
    which = choose.randrange(len(segments))
    try:
        decoded = json.loads(base64.urlsafe_b64decode(segments[which] + "=="))
        segments[which] = base64url(json.dumps(tree(decoded, choose)).encode())
    except (ValueError, binascii.Error, RecursionError):
        segments[which] = text(segments[which], choose)
    parts[index] = ".".join(segments)
    return text("~".join(parts), choose) if choose.randrange(4) == 0 else "~".join(parts)


def anything(value: Any, choose: random.Random) -> Any:
    """Return a real thing spoiled as its kind allows."""
    if isinstance(value, bytes):
        return octets(value, choose)
    return compact(value, choose) if isinstance(value, str) else tree(value, choose)
