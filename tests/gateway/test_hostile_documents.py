"""Whatever is presented gets a result: spoiled records never raise, and never gain anything."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.api import rendering
from gateway.demo.issuer import badge
from gateway.model import Outcome
from tests.issuer import University, entry, university

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

JUNK: Final[list[Any]] = [
    *(None, True, 0, -1, 1.5, 2**60, "", "x", "@type", "_:b0", "https://x.example", "2026-01-01T00:00:00Z"),
    *([], {}, [[]], [None], {"@value": "x"}, {"@id": "x"}, {"id": None}, {"@context": None}, {"@graph": []}),
]
NAMES: Final = (
    *("@context", "@id", "id", "@type", "type", "proof", "issuer", "credentialStatus", "validUntil", "@graph"),
    *("@nest", "@included", "@reverse", "@value", "x", "credentialSubject", "", "https://schema.org/name"),
    *("verifiableCredential", "evidence", "credentialSchema", "refreshService"),
)
SHOWN: Final = ("achievements", "status", "dates")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything inside `value`."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


def spoil(document: dict[str, Any], choose: random.Random) -> dict[str, Any]:
    """Replace, remove, add, rename or repeat up to three things."""
    spoilt = copy.deepcopy(document)
    for _ in range(choose.choice((1, 1, 2, 3))):
        *above, last = choose.choice(list(places(spoilt)) or [("x",)])
        parent: Any = spoilt
        for name in above:
            parent = parent[name]
        match choose.randrange(5):
            case 0:
                parent[last] = copy.deepcopy(choose.choice(JUNK))
            case 1 if last in (parent if isinstance(parent, dict) else range(len(parent))):
                del parent[last]
            case 2 if isinstance(parent, dict):
                parent[choose.choice(NAMES)] = copy.deepcopy(choose.choice(JUNK))
            case 3 if isinstance(parent, dict) and last in parent:
                parent[choose.choice(NAMES)] = parent.pop(last)
            case _ if isinstance(parent, list):
                parent.append(copy.deepcopy(choose.choice(parent)) if parent else None)
    return spoilt


async def answers(uni: University, presented: Any) -> dict[str, Any]:
    """Verify and render, in both shapes and as JSON; nothing may raise."""
    result = await uni.verify(presented)
    rendered = rendering.result(result)
    json.dumps([rendered, rendering.vc_api(result)])
    assert (result.outcome is Outcome.PASS) is rendered["verified"]
    return rendered


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_spoiled_records_get_a_result_and_gain_nothing(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ten spoiled records: each is answered, and one that still passes shows the same achievements and status."""

    async def run() -> None:
        choose = random.Random(seed)  # noqa: S311 — what to spoil is no secret
        async with university(tmp_path_factory.mktemp("spoiled")) as uni:
            await uni.publish_list()
            signed = badge(uni.issuer.did, "Welding", status=entry(8))
            honest = [
                await uni.sign(signed),
                await uni.sign(signed, suite="eddsa-jcs-2022"),
                await uni.clr(await uni.badge("A"), uni.issuer.jwt(badge(uni.issuer.did, "B"))),
            ]
            for _ in range(10):
                record = choose.choice(honest)
                spoilt = await answers(uni, spoil(record, choose))
                if spoilt["verified"]:
                    expected = await answers(uni, record)
                    assert [expected[name] for name in SHOWN] == [spoilt[name] for name in SHOWN]

    asyncio.run(run())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_records_that_an_issuer_signed_wrong_get_a_result(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever an issuer puts into a token is answered: a signature makes no shape right."""

    async def run() -> None:
        choose = random.Random(seed)  # noqa: S311 — what to spoil is no secret
        async with university(tmp_path_factory.mktemp("signed-wrong")) as uni:
            for _ in range(10):
                spoilt = spoil(badge(uni.issuer.did, "Welding", status=entry(8)), choose)
                context = spoilt.get("@context")
                if isinstance(context, list) and context:
                    await answers(uni, uni.issuer.jwt(spoilt))

    asyncio.run(run())
