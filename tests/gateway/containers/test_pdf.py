"""Records that are embedded in a PDF."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject

from gateway.containers._pdf_process import embedded
from gateway.containers.pdf import PLUGIN
from resolvers.problems import Invalid, Unavailable
from tests.baked import pdf
from tests.gateway.containers.opening import opened

DIPLOMA = pdf(("credential.json", b'{"a": 1}'), ("terms.txt", b"Dear applicant"))


async def test_what_may_be_a_record_is_presented() -> None:
    """An attached credential comes out; an attachment of another kind was not presented."""
    (inside,) = await opened(PLUGIN, DIPLOMA)
    assert inside.content == b'{"a": 1}'


async def test_several_records_come_in_their_order() -> None:
    """Each attachment is one record."""
    both = pdf(("a", b'{"a": 1}'), ("b", b"eyJh.e30.c2ln"))
    assert [one.content for one in await opened(PLUGIN, both)] == [b'{"a": 1}', b"eyJh.e30.c2ln"]


async def test_a_pdf_without_a_record_holds_nothing() -> None:
    """A CV without attachments holds no record."""
    assert await opened(PLUGIN, pdf()) == ()


def test_a_file_that_is_named_twice_is_one_record() -> None:
    """A file of the catalogue that a page and the document refer to as well comes out once."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(DIPLOMA)))
    catalogue: Any = writer.root_object
    record = catalogue["/Names"]["/EmbeddedFiles"]["/Names"][1]
    annotation = DictionaryObject({NameObject("/Subtype"): NameObject("/FileAttachment"), NameObject("/FS"): record})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([annotation])
    catalogue[NameObject("/AF")] = ArrayObject([record])
    written = io.BytesIO()
    writer.write(written)
    assert embedded(written.getvalue(), 100) == [b'{"a": 1}']


async def test_T9_what_is_embedded_has_a_bound() -> None:
    """Attachments that inflate to more than the request may cost are left."""
    with pytest.raises(Unavailable) as left:
        await opened(PLUGIN, pdf(("a", b"[" + b" " * 2_000_000 + b"]")))
    assert left.value.problem.code == "too-large"


@pytest.mark.parametrize("damaged", [b"%PDF-1.7", b"%PDF-1.7\n" + b"\xff" * 500, DIPLOMA[: len(DIPLOMA) // 2]])
async def test_a_damaged_pdf_is_refused(damaged: bytes) -> None:
    """What cannot be read is malformed; it is neither an empty PDF nor a mistake of ours."""
    with pytest.raises(Invalid) as refused:
        await opened(PLUGIN, damaged)
    assert refused.value.problem.code == "container-malformed"


async def test_T17_a_pdf_that_leads_in_circles_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that reads is killed at its deadline, and the answer is that nothing is known."""
    monkeypatch.setattr("gateway.containers.pdf._COMMAND", ("sleep", "60", "#"))
    monkeypatch.setattr("gateway.containers.pdf._SECONDS", 0.05)
    with pytest.raises(Unavailable) as left:
        await opened(PLUGIN, DIPLOMA)
    assert left.value.problem.code in {"deadline-exceeded", "internal-error"}


async def test_a_process_without_an_answer_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the process dies, nothing is known about the PDF."""
    monkeypatch.setattr("gateway.containers.pdf._COMMAND", ("false",))
    with pytest.raises(Unavailable) as left:
        await opened(PLUGIN, DIPLOMA)
    assert left.value.problem.code == "internal-error"


@given(place=st.integers(10, len(DIPLOMA) - 1), octet=st.integers(0, 255))
@settings(max_examples=60)
@pytest.mark.filterwarnings("ignore::Warning")  # pypdf warns of what it mends
def test_random_damage_hides_no_other_record(place: int, octet: int) -> None:
    """Whatever octet of a PDF is changed, what comes out is bounded; the process answers for any exception."""
    changed = bytearray(DIPLOMA)
    changed[place] = octet
    try:
        found = embedded(bytes(changed), 1_000)
    except Exception:  # noqa: BLE001 — `main` answers each of them as "damaged"
        return
    assert sum(map(len, found)) <= 1_000


async def test_a_process_that_does_not_start_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine has nothing left for it, the PDF is not known, and nothing is our defect."""
    monkeypatch.setattr("gateway.containers.pdf._COMMAND", ("/nowhere/to/be/found",))
    with pytest.raises(Unavailable) as missing:
        await opened(PLUGIN, DIPLOMA)
    assert missing.value.problem.code == "internal-error"
