"""Several records in a ZIP archive."""

from __future__ import annotations

import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.containers.zip_archive import PLUGIN
from resolvers.problems import Invalid, Unavailable
from tests.baked import archive
from tests.gateway.containers.opening import fate, opened

TWO = archive(("a.json", b'{"a": 1}'), ("folder/b.jwt", b"eyJh.e30.c2ln"))


async def test_every_file_is_presented() -> None:
    """Each file is one record, in the archive's order; folders and what file managers add are none."""
    whole = archive(("d/", b""), ("d/a", b"{}"), ("__MACOSX/d/._a", b"x"), (".DS_Store", b"x"), ("b", b"[]"))
    assert [one.content for one in await opened(PLUGIN, TWO)] == [b'{"a": 1}', b"eyJh.e30.c2ln"]
    assert [one.content for one in await opened(PLUGIN, whole)] == [b"{}", b"[]"]


async def test_a_file_without_a_name_is_refused() -> None:
    """The library stumbles over it, so the archive is damaged."""
    nameless = bytearray(archive(("a", b"{}")))
    directory = nameless.rindex(b"PK\x01\x02")
    nameless[directory + 28 : directory + 30] = b"\x00\x00"
    del nameless[directory + 46]
    end = nameless.rindex(b"PK\x05\x06")
    nameless[end + 12 : end + 16] = (end - directory).to_bytes(4, "little")
    assert await fate(PLUGIN, bytes(nameless)) == "container-malformed"


async def test_a_name_leads_nowhere() -> None:
    """Names with `..` or a root are only names, since nothing is written to disk."""
    (inside,) = await opened(PLUGIN, archive(("../../../../etc/cron.d/x", b"{}")))
    assert inside.content == b"{}"


async def test_T9_a_bomb_stops_at_the_limit() -> None:
    """What inflates to more than the request may cost is left at the limit, whatever sizes the archive states."""
    for content, limit in ((archive(("a", bytes(5_000_000))), 1_000_000), (TWO, 10)):
        with pytest.raises(Unavailable) as left:
            await opened(PLUGIN, content, max_bytes=limit)
        assert left.value.problem.code == "too-large"


async def test_T25_too_many_files_are_not_inflated() -> None:
    """An archive of more files than the request may have records is left closed."""
    with pytest.raises(Unavailable) as left:
        await opened(PLUGIN, archive(*((str(number), b"{}") for number in range(11))))
    assert left.value.problem.code == "too-many-children"


def encrypted(content: bytes) -> bytes:
    """Return the archive with every file marked as encrypted."""
    central = content.index(b"PK\x01\x02")
    marked = bytearray(content)
    for place in (6, central + 8):
        marked[place : place + 2] = struct.pack("<H", 1)
    return bytes(marked)


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(TWO[:-10], id="cut off"),
        pytest.param(TWO.replace(b"\x78\x9c", b"\x00\x00")[:40] + TWO[50:], id="hole"),
        pytest.param(encrypted(archive(("a", b"{}"))), id="encrypted"),
        pytest.param(archive(("a", b"{}"), method=zipfile.ZIP_LZMA), id="another compression"),
        pytest.param(b"PK\x03\x04", id="only a beginning"),
    ],
)
async def test_a_damaged_archive_is_refused(damaged: bytes) -> None:
    """What cannot be read whole is malformed, and no part of it is believed."""
    with pytest.raises(Invalid) as refused:
        await opened(PLUGIN, damaged)
    assert refused.value.problem.code == "container-malformed"


@given(place=st.integers(0, len(TWO) - 1), octet=st.integers(0, 255))
async def test_random_damage_is_refused_or_read(place: int, octet: int) -> None:
    """Whatever octet of an archive is changed, there are files or a refusal."""
    changed = bytearray(TWO)
    changed[place] = octet
    changed[:4] = b"PK\x03\x04"
    assert await fate(PLUGIN, bytes(changed)) in {None, "container-malformed", "too-large"}
