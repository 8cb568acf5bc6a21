"""Arrays, data: URLs and base64: what they hold, and what is none of them."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.containers.base64_text import PLUGIN as BASE64
from gateway.containers.data_url import PLUGIN as DATA_URL
from gateway.containers.json_array import PLUGIN as JSON_ARRAY
from gateway.model import Presented
from resolvers.problems import Invalid, Unavailable
from tests.gateway.containers.opening import opened

if TYPE_CHECKING:
    from gateway.plugins import Container

RECORD = json.dumps({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"]}).encode()


async def inside(plugin: Container, content: Any, **bounds: Any) -> list[tuple[Any, str | None]]:
    """Return (content, media type) of what is in it."""
    return [(one.content, one.media_type) for one in await opened(plugin, content, **bounds)]


async def test_an_array_holds_objects_and_texts_in_their_order() -> None:
    """Anything else in it is no record."""
    assert await inside(JSON_ARRAY, [{"a": 1}, "token"]) == [({"a": 1}, None), ("token", None)]
    odd: tuple[Any, ...] = (7, None, [], True)
    for wrong in odd:
        with pytest.raises(Invalid) as refused:
            await inside(JSON_ARRAY, [{}, wrong])
        assert (refused.value.problem.code, refused.value.problem.pointer) == ("container-malformed", "/1")


@pytest.mark.parametrize(
    ("url", "octets", "media_type"),
    [
        ("data:,a%20b", b"a b", None),
        ("DATA:Application/VC+JWT,a.b.c", b"a.b.c", "application/vc+jwt"),
        ("data:text/plain;charset=utf-8;base64,YQ==", b"a", "text/plain"),
        ("data:;base64,YQ==", b"a", None),
        ("data:image/png;base64,iVBORw==", b"\x89PNG", "image/png"),
    ],
)
async def test_a_data_url_holds_octets_of_a_media_type(url: str, octets: bytes, media_type: str | None) -> None:
    """RFC 2397, percent-encoded or in base64."""
    assert await inside(DATA_URL, url) == [(octets, media_type)]


@pytest.mark.parametrize("url", ["data:", "data:text/plain", "data:;base64,YQ", "data:;base64,Y Q=", "data:;base64,-_"])
async def test_a_malformed_data_url_is_refused(url: str) -> None:
    """Without a comma, or in no base64."""
    with pytest.raises(Invalid) as refused:
        await inside(DATA_URL, url)
    assert refused.value.problem.code == "container-malformed"


async def test_T25_a_data_url_beyond_the_bound_is_not_decoded() -> None:
    """Its length says enough."""
    with pytest.raises(Unavailable) as refused:
        await inside(DATA_URL, "data:," + "a" * 201, max_bytes=100)
    assert refused.value.problem.code == "too-large"


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(RECORD).decode(),
        base64.b64encode(RECORD).decode().rstrip("="),
        base64.urlsafe_b64encode(RECORD).decode(),
        base64.encodebytes(RECORD).decode(),
        "\r\n".join(base64.b64encode(RECORD).decode()[i : i + 8] for i in range(0, 200, 8)),
    ],
)
async def test_base64_in_any_of_its_forms_is_decoded(text: str) -> None:
    """Both alphabets, with and without padding and line ends."""
    assert await inside(BASE64, text) == [(RECORD, None)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.AAAA",
        "https://wallet.example/aaaaaaaaaaaaaaaaaaaaaaaaaaa",
        base64.b64encode(b"some other text in these letters").decode(),
        "A" * 200,
        "=" * 40,
    ],
)
def test_other_texts_are_no_base64_of_a_record(text: str) -> None:
    """It has to begin like something that could be one."""
    assert not BASE64.recognize(Presented(content=text))


async def test_base64_that_breaks_off_is_refused() -> None:
    """One letter too many is no base64, however well it begins."""
    with pytest.raises(Invalid) as refused:
        await inside(BASE64, base64.b64encode(RECORD * 3).decode().rstrip("=") + "AAAAA"[: 1 + (-len(RECORD * 3) % 3)])
    assert refused.value.problem.code == "container-malformed"


@given(st.text(max_size=60) | st.binary(max_size=60) | st.lists(st.none() | st.text(max_size=3), max_size=3))
def test_recognition_answers_whatever_is_presented(content: Any) -> None:
    """It never raises, and each kind is taken for one container at most."""
    found = [plugin for plugin in (JSON_ARRAY, DATA_URL, BASE64) if plugin.recognize(Presented(content=content))]
    assert len(found) <= 1


def test_T17_lines_that_end_as_no_base64_does_are_told_apart_at_once() -> None:
    """A million line breaks are walked once; walked again from each, they took hours."""
    begun = time.process_time()
    assert not BASE64.recognize(Presented(content="A" * 30 + "\n" * 1_000_000 + "!"))
    assert time.process_time() - begun < 1
