"""What was presented, read: JSON becomes objects, text is a token or an address, and files stay files."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Presented
from gateway.opening import read, unpack
from gateway.plugins import Container, ContainerTools
from resolvers.problems import Invalid, Unavailable
from tests.resolvers.lookup import FakeLookup

if TYPE_CHECKING:
    from collections.abc import Sequence

from tests.internet import FakeInternet


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"a": 1}, {"a": 1}),
        ([1], [1]),
        (' {"a": 1}\n', {"a": 1}),
        (b'\n{"a": 1}', {"a": 1}),
        (b"[1]", [1]),
        (" a.b.c\n", "a.b.c"),
        (b" a.b.c\r\n", "a.b.c"),
        (b"https://wallet.example/x", "https://wallet.example/x"),
        ("", ""),
        (b"", ""),
        # files stay what they are, even where every octet is ASCII
        (b"<svg/>", b"<svg/>"),
        (b"  <?xml version='1.0'?><a/>", b"  <?xml version='1.0'?><a/>"),
        (b"%PDF-1.7 plain", b"%PDF-1.7 plain"),
        (b"\x89PNG\r\n", b"\x89PNG\r\n"),
        (b"PK\x03\x04", b"PK\x03\x04"),
        ("caf\u00e9".encode(), "caf\u00e9".encode()),
        (b"\xd2\x84\x43\xa1\x01\x26", b"\xd2\x84\x43\xa1\x01\x26"),
    ],
)
async def test_what_was_presented_is_read_by_how_it_begins(content: Any, found: Any) -> None:
    """The media type is kept, and never decides."""
    opened = await read(Presented(content=content, media_type="text/x"))
    assert (opened.content, opened.media_type) == (found, "text/x")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"a": 1', "not-json"),
        (b"[1, NaN]", "number-out-of-range"),
        ('{"a": 1, "a": 2}', "duplicate-key"),
        (b'{"a": "\xff"}', "not-utf8"),
        ("[" * 100, "too-deep"),
        (b"[" * 300_000, "too-deep"),
    ],
)
async def test_T22_what_begins_like_json_is_parsed_strictly(content: Any, code: str) -> None:
    """Small or large, as text or as octets."""
    with pytest.raises(Invalid) as refused:
        await read(Presented(content=content))
    assert refused.value.problem.code == code


async def test_large_json_is_parsed_beside_the_event_loop() -> None:
    """It is read whole all the same."""
    large = {"a": ["x" * 1000] * 200}
    assert (await read(Presented(content=json.dumps(large)))).content == large


@given(st.binary(max_size=40) | st.text(max_size=40))
def test_whatever_is_presented_is_read_or_refused(content: Any) -> None:
    """Nothing but Invalid is ever raised, and no text is left with white space around it."""
    try:
        found = asyncio.run(read(Presented(content=content))).content
    except Invalid:
        return
    assert not isinstance(found, str) or found == found.strip()


def container(inside: Sequence[Any]) -> Container:
    """Return a container that holds these, whatever is presented."""

    async def opened(_presented: Presented, _tools: ContainerTools) -> tuple[Presented, ...]:
        return tuple(Presented(content=content) for content in inside)

    return Container(name="box", media_types=(), recognize=lambda _presented: True, open=opened)


def tools() -> ContainerTools:
    """Return what a container may use."""
    return ContainerTools(lookup=FakeLookup(FakeInternet()), max_bytes=10, max_records=3)


@pytest.mark.parametrize(
    ("inside", "fate", "code"),
    [
        ([], Invalid, "not-a-credential"),
        ([{}] * 4, Unavailable, "too-many-children"),
        (["123456", b"12345"], Unavailable, "too-large"),
    ],
)
async def test_T25_what_comes_out_of_a_container_is_bounded(inside: list[Any], fate: Any, code: str) -> None:
    """Nothing is a failure; too much could not be checked."""
    with pytest.raises(fate) as refused:
        await unpack(container(inside), Presented(content=b""), tools())
    assert refused.value.problem.code == code


async def test_what_comes_out_is_measured() -> None:
    """Objects were measured with the body that they came in."""
    inside, size = await unpack(container([{"a": "x" * 99}, "12345", b"12345"]), Presented(content=b""), tools())
    assert (len(inside), size) == (3, 10)
