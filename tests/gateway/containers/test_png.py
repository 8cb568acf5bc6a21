"""A badge that is baked into a PNG."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.containers.png import PLUGIN
from resolvers.problems import Invalid
from tests.baked import PNG_SIGNATURE, chunk, itxt, png
from tests.gateway.containers.opening import fate, opened


@pytest.mark.parametrize("keyword", ["openbadgecredential", "openbadges"])
async def test_the_record_is_the_text_of_its_chunk(keyword: str) -> None:
    """An uncompressed iTXt chunk under the keyword of Open Badges 3.0 or 2.0 holds the record."""
    (inside,) = await opened(PLUGIN, png(itxt({"type": "x"}, keyword)))
    assert inside.content == b'{"type": "x"}'


async def test_a_badge_of_1_0_stands_in_a_text_chunk() -> None:
    """The first baked badges hold an address in a tEXt chunk."""
    (inside,) = await opened(PLUGIN, png(chunk(b"tEXt", b"openbadges\0https://issuer.example/1")))
    assert inside.content == b"https://issuer.example/1"


async def test_a_picture_without_a_record_holds_nothing() -> None:
    """Other texts of a picture are no records."""
    assert await opened(PLUGIN, png(itxt("a title", "Title"))) == ()


async def test_T53_several_payloads_are_refused() -> None:
    """Readers that pick different chunks would see different badges, so two are one too many."""
    for texts in (
        [itxt({"a": 1}), itxt({"a": 1})],
        [itxt({"a": 1}), itxt({"a": 2}, "openbadges")],
    ):
        with pytest.raises(Invalid) as refused:
            await opened(PLUGIN, png(*texts))
        assert refused.value.problem.code == "container-malformed"


async def test_T53_a_compressed_text_is_not_inflated() -> None:
    """The specification forbids compression, so a bomb has nothing to go off in."""
    bomb = chunk(b"zTXt", b"openbadges\0\0" + zlib.compress(bytes(1_000_000)))
    for text in (itxt("x" * 1_000_000, compressed=True), bomb):
        with pytest.raises(Invalid) as refused:
            await opened(PLUGIN, png(text))
        assert refused.value.problem.code == "container-malformed"


async def test_T53_the_size_of_the_picture_does_not_matter() -> None:
    """A header that promises 4 billion by 4 billion pixels costs nothing: no pixel is decoded."""
    header = chunk(b"IHDR", b"\xff\xff\xff\xff" * 2 + bytes([16, 6, 0, 0, 1]))
    picture = PNG_SIGNATURE + header + itxt({"a": 1}) + chunk(b"IEND", b"")
    (inside,) = await opened(PLUGIN, picture)
    assert inside.content == b'{"a": 1}'


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(png(itxt({"a": 1}))[:60], id="cut off"),
        pytest.param(png(itxt({"a": 1})[:-4] + b"\0\0\0\0"), id="checksum"),
        pytest.param(png(chunk(b"iTXt", b"openbadges\0\0\0no end")), id="no language"),
        pytest.param(PNG_SIGNATURE + chunk(b"IDAT", b"") * 20_001, id="endless"),
        pytest.param(PNG_SIGNATURE, id="empty"),
    ],
)
async def test_a_damaged_picture_is_refused(damaged: bytes) -> None:
    """Whatever is not laid out as a PNG is malformed, and nothing of it is believed."""
    with pytest.raises(Invalid) as refused:
        await opened(PLUGIN, damaged)
    assert refused.value.problem.code == "container-malformed"


async def test_what_follows_the_end_is_no_part_of_the_picture() -> None:
    """A second record after IEND is not looked at."""
    (inside,) = await opened(PLUGIN, png(itxt({"a": 1})) + itxt({"a": 2}))
    assert inside.content == b'{"a": 1}'


@given(garbage=st.binary(max_size=200), place=st.integers(0, 100))
async def test_random_octets_are_refused_or_read(garbage: bytes, place: int) -> None:
    """Whatever follows the signature, there is a record, none, or a refusal."""
    whole = png(itxt({"a": 1}))[8:]
    assert await fate(PLUGIN, PNG_SIGNATURE + whole[:place] + garbage + whole[place:]) in {None, "container-malformed"}
