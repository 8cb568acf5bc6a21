"""What comes in a file or behind an address is verified as if it came by itself."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from gateway.model import CheckName, Outcome
from tests.baked import archive, baked_json, itxt, payload, pdf, png, svg
from tests.issuer import University, spoiled, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path
    from typing import Any


@pytest_asyncio.fixture
async def uni(tmp_path: Path) -> AsyncIterator[University]:
    """A university over the fake internet."""
    async with university(tmp_path) as made:
        yield made


def as_data_url(record: Any) -> str:
    """Return a record as a `data:` URL."""
    return f"data:application/vc;base64,{base64.b64encode(payload(record)).decode()}"


FILES: dict[str, Callable[[Any], Any]] = {
    "png": lambda record: png(itxt(record)),
    "svg": lambda record: svg(baked_json(record)),
    "pdf": lambda record: pdf(("credential.json", payload(record))),
    "zip": lambda record: archive(("credential.json", payload(record))),
    "zip/png": lambda record: archive(("badge.png", png(itxt(record)))),
    "json-array": lambda record: [record],
    "data-url": as_data_url,
    "base64": lambda record: base64.b64encode(payload(record)).decode(),
    "base64/png": lambda record: base64.b64encode(png(itxt(record))).decode(),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_record_passes_in_whatever_it_came(uni: University, name: str) -> None:
    """The one record of a container is the result, which names the container."""
    result = await uni.verify(FILES[name](await uni.badge()))
    assert (result.outcome, result.format.detected_by) == (Outcome.PASS, name)
    assert result.record is not None
    assert result.record.name == "Welding"


@pytest.mark.parametrize("name", FILES)
async def test_a_forged_record_fails_in_whatever_it_came(uni: University, name: str) -> None:
    """No container makes a forged record better."""
    forged = spoiled(await uni.badge(), lambda credential: credential.update(name="Surgery"))
    result = await uni.verify(FILES[name](forged))
    assert (result.outcome, result.record) == (Outcome.FAIL, None)
    assert "PROOF_VERIFICATION_ERROR" in {problem.code for problem in result.check(CheckName.PROOF).problems}


async def test_several_records_are_verified_each_by_itself(uni: University) -> None:
    """A good badge beside a forged one stays good, and the whole is not."""
    good = await uni.badge()
    forged = spoiled(good, lambda credential: credential.update(name="Surgery"))
    result = await uni.verify(archive(("a.json", payload(good)), ("b.json", payload(forged))))
    assert [child.outcome for child in result.children] == [Outcome.PASS, Outcome.FAIL]
    assert (result.outcome, result.format.name) == (Outcome.FAIL, "zip")


@pytest.mark.parametrize("empty", [png(), svg(), pdf(), archive(), []])
async def test_T60_nothing_in_it_is_no_pass(uni: University, empty: Any) -> None:
    """A container without a record fails, and says that there is none."""
    result = await uni.verify(empty)
    assert result.outcome is not Outcome.PASS
    assert {problem.code for problem in result.check(CheckName.STRUCTURE).problems} <= {
        "not-a-credential",
        "container-malformed",
    }


async def test_a_shared_record_is_fetched_and_verified(uni: University) -> None:
    """A share URL gives the record behind it, also one that is baked into a picture."""
    uni.internet.serve("https://wallet.example/1", await uni.badge())
    uni.internet.serve("https://wallet.example/1.png", png(itxt(await uni.badge())), media_type="image/png")
    for suffix, detected_by in (("", "share-url"), (".png", "share-url/png")):
        result = await uni.verify(f"https://wallet.example/1{suffix}")
        assert (result.outcome, result.format.detected_by) == (Outcome.PASS, detected_by)


async def test_T1_what_is_shared_names_no_further_address(uni: University) -> None:
    """A list of addresses behind an address is not followed: nothing but the first is fetched."""
    uni.internet.serve("https://wallet.example/1", ["https://wallet.example/2", "http://127.0.0.1/"])
    result = await uni.verify("https://wallet.example/1")
    assert result.outcome is Outcome.INDETERMINATE
    assert uni.internet.requests == ["https://wallet.example/1"]


async def test_T13_an_address_without_an_answer_is_indeterminate(uni: University) -> None:
    """An outage is not a forged record, and never a pass."""
    result = await uni.verify("https://wallet.example/gone")
    assert result.outcome is Outcome.INDETERMINATE
    assert {problem.code for problem in result.check(CheckName.STRUCTURE).problems} == {"unreachable"}


async def test_T48_containers_in_containers_end_somewhere(uni: University) -> None:
    """An archive in an archive in an archive is opened up to the depth that any record may have."""
    content = payload(await uni.badge())
    for _ in range(5):
        content = archive(("inner", content))
    result = await uni.verify(content)
    assert result.outcome is Outcome.INDETERMINATE
    assert {problem.code for problem in result.check(CheckName.STRUCTURE).problems} == {"too-deep"}
