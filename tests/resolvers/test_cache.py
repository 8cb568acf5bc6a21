"""The memory cache: one look-up at a time, and an outage that takes nothing away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resolvers._guard import Unanswered
from resolvers.cache import CacheResult, DocumentCache
from resolvers.freshness import RULES, FreshnessRule
from resolvers.model import Budget, Fetched, Kind, Loaded, Retrieved
from resolvers.problems import Invalid, Unavailable
from resolvers.request_lookup import RequestLookup
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Load = Callable[[Fetched], Awaitable[Loaded[bytes]]]

URL = "https://issuer.example/did.json"
DID = Kind.DID_DOCUMENT
LIST = Kind.STATUS_LIST
RULE = FreshnessRule(
    minimum=10, maximum=1000, unstated=100, while_revalidate=50, if_error=500, negative=5, refresh_interval=20
)
START = 1_800_000_000


class World:
    """A fake internet and a cache on one clock that the test moves."""

    def __init__(self, **options: Any) -> None:
        """Make an empty cache by `RULE`; status lists are not served while they are revalidated."""
        self.now: float = START
        self.internet = FakeInternet(now=self.instant)
        self.loads = 0
        self.events: list[tuple[Kind, CacheResult, float | None]] = []
        rules = dict.fromkeys(Kind, RULE) | {
            LIST: replace(RULE, while_revalidate=0),
            Kind.RECORD: RULES[Kind.RECORD],
        }
        self.cache = DocumentCache(
            self.internet,
            rules=rules,
            on_event=lambda *event: self.events.append(event),
            clock=lambda: self.now,
            **options,
        )

    def instant(self, ahead: float = 0) -> datetime:
        """Return the time, or that so many seconds ahead."""
        return datetime.fromtimestamp(self.now + ahead, UTC)

    async def load(self, fetched: Fetched) -> Loaded[bytes]:
        """Take the body as it is."""
        self.loads += 1
        return Loaded(value=fetched.body, size=len(fetched.body))

    async def get(self, url: str = URL, kind: Kind = DID, **options: Any) -> Retrieved[bytes]:
        """Look `url` up."""
        return await self.cache.get(url, kind, options.pop("load", self.load), **options)

    async def refusal(self, **options: Any) -> str:
        """Return the code with which it cannot be had."""
        with pytest.raises((Invalid, Unavailable)) as refused:
            await self.get(**options)
        problem = refused.value.problem
        return problem.code

    def lookup(self, *, fetches: int = 10, seconds: float = 60, **options: Any) -> RequestLookup:
        """Return one request's look-ups."""
        budget = Budget(fetches=fetches, deadline=asyncio.get_running_loop().time() + seconds)
        return RequestLookup(cache=self.cache, budget=budget, **options)


@pytest.fixture
def world() -> World:
    """Return a world in which `URL` has a document."""
    made = World()
    made.internet.serve(URL, b"one")
    return made


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(10):
        await asyncio.sleep(0)


def refuses(failure: Invalid | Unavailable) -> Load:
    """Return a `load` that fails."""

    async def load(_: Fetched) -> Loaded[bytes]:
        raise failure

    return load


def loads(value: bytes = b"x", **options: Any) -> Load:
    """Return a `load` with the document's own word on its freshness."""

    async def load(_: Fetched) -> Loaded[bytes]:
        return Loaded(value=value, size=len(value), **options)

    return load


async def test_a_hit_asks_nobody_and_tells_its_age(world: World) -> None:
    """The second look-up is answered from memory, with the document's digest, instant and age."""
    first = await world.get()
    world.now += 40
    second = await world.get()
    assert (first.value, second.value) == (b"one", b"one")
    assert (first.source.age, second.source.age) == (0, 40)
    assert second.source.fetched_at == world.instant(-40)
    assert second.source.sha256 == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    assert not second.source.stale
    assert world.internet.requests == [URL]
    assert [event[1:] for event in world.events] == [(CacheResult.MISS, 0), (CacheResult.HIT, 40)]


async def test_a_hit_never_yields_to_the_event_loop(world: World) -> None:
    """A warm look-up ends without a task, a thread or a turn of the loop."""
    lookup = world.lookup()
    await lookup.get(URL, DID, world.load)
    tasks = asyncio.all_tasks()
    hit = lookup.get(URL, DID, world.load)
    with pytest.raises(StopIteration) as done:
        hit.send(None)
    assert done.value.value.value == b"one"
    assert asyncio.all_tasks() == tasks


@pytest.mark.parametrize(
    ("says", "own", "believed"),
    [(300, None, 300), (0, None, 10), (10**9, None, 1000), (300, 40, 40), (300, 600, 600), (300, 0, 10)],
)
async def test_freshness_is_clamped_and_the_document_goes_before_http(
    world: World, says: float, own: float | None, believed: float
) -> None:
    """Believed for what HTTP says, or the document's own `ttl` if it has one, between minimum and maximum."""
    world.internet.serve(URL, b"one", fresh_for=says)
    load = loads(fresh_for=own)
    await world.get(kind=LIST, load=load)
    world.now += believed - 1
    await world.get(kind=LIST, load=load)
    assert len(world.internet.requests) == 1
    world.now += 1
    await world.get(kind=LIST, load=load)
    assert len(world.internet.requests) == 2


async def test_an_origin_that_sends_old_copies_is_not_asked_all_the_time(world: World) -> None:
    """A document that was old when it came is believed for the minimum, and its age is honest."""
    world.internet.serve(URL, b"one", fresh_for=100, age=5000)
    assert (await world.get()).source.age == 5000
    world.now += 9
    assert (await world.get()).source.age == 5009
    assert len(world.internet.requests) == 1


async def test_T56_a_thousand_callers_are_one_fetch(world: World) -> None:
    """Concurrent look-ups of one document share a fetch and a load; one of them is the leader."""
    gate = world.internet.hold(URL)
    callers = [asyncio.ensure_future(world.get()) for _ in range(1000)]
    await settle()
    gate.set()
    assert {found.value for found in await asyncio.gather(*callers)} == {b"one"}
    assert (len(world.internet.requests), world.loads) == (1, 1)
    assert [event[1] for event in world.events].count(CacheResult.MISS) == 1


async def test_a_failure_reaches_each_of_a_thousand(world: World) -> None:
    """A shared look-up that fails fails for all who wait, each with an exception of its own."""
    world.internet.fail(URL)
    gate = world.internet.hold(URL)
    callers = [asyncio.ensure_future(world.get()) for _ in range(1000)]
    await settle()
    gate.set()
    failures = await asyncio.gather(*callers, return_exceptions=True)
    assert {type(failure) for failure in failures} == {Unavailable}
    assert len({id(failure) for failure in failures}) == 1000
    assert len(world.internet.requests) == 1


@pytest.mark.parametrize("gone", [0, 1])
async def test_who_goes_away_takes_nothing_along(world: World, gone: int) -> None:
    """Neither the leader's nor a joiner's cancellation ends the look-up of the others."""
    gate = world.internet.hold(URL)
    callers = [asyncio.ensure_future(world.get()) for _ in range(3)]
    await settle()
    callers[gone].cancel()
    await settle()
    gate.set()
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(results.pop(gone), asyncio.CancelledError)
    assert [found.value for found in results if isinstance(found, Retrieved)] == [b"one", b"one"]
    assert len(world.internet.requests) == 1


async def test_a_look_up_that_all_have_left_still_fills_the_cache(world: World) -> None:
    """What has been paid for is kept."""
    gate = world.internet.hold(URL)
    caller = asyncio.ensure_future(world.get())
    await settle()
    caller.cancel()
    gate.set()
    await settle()
    assert world.cache.peek(URL, DID) is not None


async def test_T56_a_thousand_unknown_keys_are_one_fetch(world: World) -> None:
    """Refreshes that callers force one after another are bounded by the rule's interval."""
    await world.get()
    world.now += 30
    for _ in range(1000):
        await world.get(max_age=0)
    assert len(world.internet.requests) == 2
    assert world.internet.asked[1] == (URL, DID, 0)
    world.now += 20
    await world.get(max_age=0)
    assert len(world.internet.requests) == 3


async def test_max_age_refreshes_what_is_older(world: World) -> None:
    """A caller's own bound is kept beside the rule's; a younger document satisfies it."""
    await world.get()
    world.now += 60
    world.internet.serve(URL, b"two")
    assert (await world.get(max_age=60)).value == b"one"
    assert (await world.get(max_age=59)).value == b"two"


async def test_a_joiner_that_wants_newer_leads_its_own(world: World) -> None:
    """One who joins a look-up that may be content with a copy on disk gets a newer one nevertheless."""
    world.internet.serve(URL, b"old", age=50)
    world.internet.keep(URL)
    world.internet.serve(URL, b"new")
    gate = world.internet.hold(URL)
    content = asyncio.ensure_future(world.get())
    await settle()
    choosy = asyncio.ensure_future(world.get(max_age=5))
    await settle()
    gate.set()
    assert (await content).value == b"old"
    assert (await choosy).value == b"new"
    assert [asked[2] for asked in world.internet.asked] == [None, 5]


async def test_an_origin_that_sends_old_copies_is_not_forced_all_the_time(world: World) -> None:
    """Where the origin itself has nothing newer, the age tells, and the interval holds callers back."""
    world.internet.serve(URL, b"one", fresh_for=100, age=50)
    for _ in range(5):
        assert (await world.get(max_age=5)).source.age == 50
    assert len(world.internet.requests) == 1


async def test_T56_an_outage_keeps_the_old(world: World) -> None:
    """Past its freshness a document is served, marked stale with its true age, until the hard end."""
    await world.get(kind=LIST)
    world.internet.fail(URL)
    for age in (300, 500, 799):
        world.now = START + age
        found = await world.get(kind=LIST)
        assert (found.value, found.source.age, found.source.stale) == (b"one", age, True)
        assert world.events[-1] == (LIST, CacheResult.STALE, age)
    world.now = START + 806
    assert await world.refusal(kind=LIST) == "unreachable"
    assert world.events[-1] == (LIST, CacheResult.MISS, None)
    world.internet.serve(URL, b"two")
    world.now += 5
    found = await world.get(kind=LIST)
    assert (found.value, found.source.stale) == (b"two", False)


async def test_T14_nothing_is_served_past_its_signed_end(world: World) -> None:
    """`not_after` ends freshness and staleness alike, outage or not."""
    load = loads(b"signed", not_after=world.instant(400))
    await world.get(kind=LIST, load=load)
    world.internet.fail(URL)
    world.now += 399
    assert (await world.get(kind=LIST, load=load)).source.stale
    world.now += 1
    assert await world.refusal(kind=LIST, load=load) == "unreachable"
    assert world.cache.peek(URL, LIST) is None


async def test_T14_a_document_that_has_ended_is_none(world: World) -> None:
    """One whose own validity is over when it comes is a defective answer."""
    assert await world.refusal(load=loads(not_after=world.instant(-1))) == "response-malformed"


async def test_T14_an_older_list_does_not_replace_a_newer_one() -> None:
    """What `accept` refuses leaves the one held in its place, which is stale from then on, and ends."""

    def refuse_older(held: bytes, new: bytes) -> None:
        if new < held:
            raise Unavailable("status-list-rolled-back", "the list is older than one seen before")

    world = World(accept={LIST: refuse_older})
    world.internet.serve(URL, b"2026-02")
    await world.get(kind=LIST)
    world.internet.serve(URL, b"2026-01")
    world.now += 300
    found = await world.get(kind=LIST)
    assert (found.value, found.source.stale) == (b"2026-02", True)
    world.now += 500
    assert await world.refusal(kind=LIST) == "status-list-rolled-back"
    world.internet.serve(URL, b"2026-03")
    world.now += 5
    assert (await world.get(kind=LIST)).value == b"2026-03"


@pytest.mark.parametrize("code", ["unreachable", "response-malformed", "response-too-large", "egress-refused"])
async def test_T13_a_failure_is_never_a_document(world: World, code: str) -> None:
    """Where nothing is held, every look-up fails with the cause, and the origin is left alone for a while."""
    world.internet.fail(URL, code)
    for _ in range(5):
        assert await world.refusal(kind=LIST) == code
    assert len(world.internet.requests) == 1
    assert [event[1] for event in world.events] == [CacheResult.MISS, *[CacheResult.NEGATIVE] * 4]
    world.now += 5
    assert await world.refusal(kind=LIST) == code
    assert len(world.internet.requests) == 2


async def test_a_failure_of_the_guards_own_class_is_told_again(world: World) -> None:
    """A remembered failure is told as what it was, whatever subclass it came in."""

    def hang_up() -> Fetched:
        raise Unanswered("issuer.example: ConnectionResetError")

    world.internet.pages[URL] = hang_up
    for _ in range(2):
        assert await world.refusal() == "unreachable"


async def test_what_is_wrong_is_remembered_shortly_with_its_pointer(world: World) -> None:
    """An `Invalid` of `load` reaches later callers as it was, without a new fetch."""
    load = refuses(Invalid("INVALID_DID_DOCUMENT", "it has no id", pointer="/id"))
    for _ in range(3):
        with pytest.raises(Invalid) as refused:
            await world.get(load=load)
        assert refused.value.problem.pointer == "/id"
    assert len(world.internet.requests) == 1


async def test_T52_what_was_found_wrong_ends_what_was_held(world: World) -> None:
    """A document that is deactivated, or wrong, on refresh takes the old one away; only an outage keeps it."""
    await world.get()
    world.now += 400
    assert await world.refusal(load=refuses(Invalid("did-deactivated", "it says so"))) == "did-deactivated"
    world.now += 5
    world.internet.fail(URL)
    assert await world.refusal() == "unreachable"


async def test_a_stale_document_is_served_while_one_refresh_runs(world: World) -> None:
    """Shortly past its freshness it is served at once, marked stale; one task of nobody's fetches anew."""
    await world.get()
    world.now += 320
    world.internet.serve(URL, b"two")
    gate = world.internet.hold(URL)
    for _ in range(5):
        found = await world.get()
        assert (found.value, found.source.stale) == (b"one", True)
    await settle()
    gate.set()
    await settle()
    assert (await world.get()).value == b"two"
    assert len(world.internet.requests) == 2


async def test_a_refresh_in_the_background_that_fails_is_not_repeated_at_once(world: World) -> None:
    """Its failure is remembered like any other."""
    await world.get()
    world.now += 320
    world.internet.fail(URL)
    for _ in range(5):
        assert (await world.get()).source.stale
        await settle()
    assert len(world.internet.requests) == 2


async def test_a_status_list_is_not_served_while_it_is_refreshed(world: World) -> None:
    """A stale status would be indeterminate, so the look-up waits for the new one."""
    await world.get(kind=LIST)
    world.now += 301
    world.internet.serve(URL, b"two")
    found = await world.get(kind=LIST)
    assert (found.value, found.source.stale) == (b"two", False)


async def test_a_refresh_does_not_get_the_same_old_copy_from_disk(world: World) -> None:
    """Where the document's `ttl` is shorter than what HTTP allows, the disk is told so."""
    world.internet.serve(URL, b"one", fresh_for=900)
    await world.get(kind=LIST, load=loads(b"one", fresh_for=60))
    world.internet.keep(URL)
    world.internet.serve(URL, b"two", fresh_for=900)
    world.now += 61
    await world.get(kind=LIST, load=loads(b"two", fresh_for=60))
    assert world.internet.asked[-1] == (URL, LIST, 60)
    assert (await world.get(kind=LIST)).value == b"two"


async def test_a_copy_on_disk_that_the_document_calls_old_is_replaced(world: World) -> None:
    """After a restart the document's own `ttl` still goes before HTTP's freshness."""
    world.internet.serve(URL, b"old", fresh_for=900, age=200)
    world.internet.keep(URL)
    world.internet.serve(URL, b"new", fresh_for=900)

    async def load(fetched: Fetched) -> Loaded[bytes]:
        return Loaded(value=fetched.body, size=3, fresh_for=60)

    assert (await world.get(kind=LIST, load=load)).value == b"new"
    assert [asked[2] for asked in world.internet.asked] == [None, 60]


async def test_a_copy_on_disk_that_is_old_is_better_than_none(world: World) -> None:
    """Where the origin is down, the old copy is served stale, and the origin is not asked at once again."""
    world.internet.serve(URL, b"old", fresh_for=900, age=200)
    world.internet.keep(URL)
    world.internet.fail(URL)
    for _ in range(3):
        found = await world.get(kind=LIST, load=loads(b"old", fresh_for=60))
        assert (found.value, found.source.age, found.source.stale) == (b"old", 200, True)
    assert len(world.internet.requests) == 2
    world.internet.serve(URL, b"old", fresh_for=900, age=700)
    world.internet.keep(URL)
    world.internet.fail(URL)
    assert await world.refusal(kind=LIST, load=loads(b"old", fresh_for=60), variant="too old") == "unreachable"


async def test_T14_a_copy_on_disk_that_does_not_load_is_fetched_anew(world: World) -> None:
    """A row that was poisoned, or whose signed end has come, costs a fetch and is no verdict."""
    world.internet.serve(URL, b"poison", age=10)
    world.internet.keep(URL)
    world.internet.serve(URL, b"good")

    async def load(fetched: Fetched) -> Loaded[bytes]:
        if fetched.body == b"poison":
            raise Invalid("PROOF_VERIFICATION_ERROR", "the proof does not verify")
        return Loaded(value=fetched.body, size=4)

    assert (await world.get(kind=LIST, load=load)).value == b"good"
    assert [asked[2] for asked in world.internet.asked] == [None, 0]


async def test_scopes_and_variants_are_kept_apart(world: World) -> None:
    """What another authority fetched, or another `load` made of the same URL, is not served."""
    apart: list[dict[str, Any]] = [{}, {"scope": "tenant"}, {"variant": "other"}]
    for options in apart:
        value = repr(options).encode()
        assert (await world.get(load=loads(value), **options)).value == value
    assert (await world.get(scope="tenant")).value == b"{'scope': 'tenant'}"
    assert len(world.internet.requests) == 3


async def test_memory_is_bounded_in_bytes_and_the_least_used_goes_first() -> None:
    """What was used longest ago makes room; what is larger than everything is not kept at all."""
    world = World(max_bytes=10 * 2000)
    urls = [f"https://issuer.example/{index}" for index in range(10)]

    def held() -> set[str]:
        return {key[1] for key in world.cache._entries}

    for url in urls:
        world.internet.serve(url, bytes(900))
    for url in urls:
        await world.get(url)
        await world.get(urls[0])
    assert set(urls) == held()
    world.internet.serve(URL, bytes(5000))
    await world.get()
    assert held() == {URL, urls[0], *urls[4:]}

    world.internet.serve("https://issuer.example/huge", bytes(30_000))
    assert len((await world.get("https://issuer.example/huge")).value) == 30_000
    assert world.cache.peek("https://issuer.example/huge", DID) is None
    assert world.cache.peek(URL, DID) is not None


async def test_the_memory_of_failures_is_bounded(world: World) -> None:
    """Ever new URLs that fail push the oldest failures out."""
    for index in range(5000):
        with pytest.raises(Unavailable):
            await world.get(f"https://issuer.example/{index}")
    assert len(world.cache._failures) == 4096


async def test_records_are_never_kept(world: World) -> None:
    """What may be about a person is shared by those who ask at the same time, and then gone."""
    both = await asyncio.gather(world.get(kind=Kind.RECORD), world.get(kind=Kind.RECORD))
    assert [(found.value, found.source.stale) for found in both] == [(b"one", False)] * 2
    assert len(world.internet.requests) == 1
    await world.get(kind=Kind.RECORD)
    assert len(world.internet.requests) == 2
    world.internet.fail(URL)
    await world.refusal(kind=Kind.RECORD)
    assert not world.cache._entries
    assert not world.cache._failures


async def test_only_look_ups_that_leave_the_cache_cost(world: World) -> None:
    """The leader pays one; hits, joiners and remembered failures are free."""
    lookup, other = world.lookup(fetches=2), world.lookup(fetches=0)
    gate = world.internet.hold(URL)
    leader = asyncio.ensure_future(lookup.get(URL, DID, world.load))
    await settle()
    joiner = asyncio.ensure_future(other.get(URL, DID, world.load))
    await settle()
    gate.set()
    await asyncio.gather(leader, joiner)
    await lookup.get(URL, DID, world.load)
    assert lookup.budget.fetches == 1
    with pytest.raises(Unavailable, match="nothing answers"):
        await lookup.get("https://nowhere.example/", DID, world.load)
    assert lookup.budget.fetches == 0
    with pytest.raises(Unavailable, match="nothing answers"):
        await lookup.get("https://nowhere.example/", DID, world.load)
    with pytest.raises(Unavailable) as refused:
        await lookup.get("https://elsewhere.example/", DID, world.load)
    assert refused.value.problem.code == "fetch-budget-exceeded"
    assert world.internet.requests == [URL, "https://nowhere.example/"]


async def test_an_exhausted_request_spoils_nothing_for_others(world: World) -> None:
    """When the leader's own budget ends in the middle, those who joined try themselves, and nothing is remembered."""
    gate = world.internet.hold(URL)
    poor = refuses(Unavailable("fetch-budget-exceeded", "the leader's budget is used up"))
    leader = asyncio.ensure_future(world.get(load=poor))
    await settle()
    joiners = [asyncio.ensure_future(world.get()) for _ in range(3)]
    await settle()
    gate.set()
    assert [found.value for found in await asyncio.gather(*joiners)] == [b"one"] * 3
    with pytest.raises(Unavailable):
        await leader
    assert len(world.internet.requests) == 2


@pytest.mark.parametrize("code", ["overloaded", "fetch-budget-exceeded", "deadline-exceeded"])
async def test_what_is_not_about_the_document_is_not_remembered(world: World, code: str) -> None:
    """The next look-up tries again."""
    world.internet.fail(URL, code)
    assert await world.refusal() == code
    world.internet.serve(URL, b"one")
    assert (await world.get()).value == b"one"


async def test_no_look_up_outlives_its_request(world: World) -> None:
    """At the deadline the request is told so, and the look-up goes on for the next one."""
    gate = world.internet.hold(URL)
    with pytest.raises(Unavailable) as refused:
        await world.lookup(seconds=0).get(URL, DID, world.load)
    assert refused.value.problem.code == "deadline-exceeded"
    gate.set()
    await settle()
    assert (await world.lookup(seconds=0, fetches=0).get(URL, DID, world.load)).value == b"one"


async def test_a_time_out_that_is_a_defect_is_no_deadline(world: World) -> None:
    """A `TimeoutError` that has nothing to do with the deadline is not taken for it."""

    async def load(_: Fetched) -> Loaded[bytes]:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await world.lookup().get(URL, DID, load)


async def test_the_stricter_bound_on_age_holds(world: World) -> None:
    """A request's own `max_age` and that of a single look-up are both kept."""
    await world.get()
    world.now += 60
    for request, single in ((None, 30.0), (30.0, None), (30.0, 90.0), (90.0, 30.0)):
        before = len(world.internet.requests)
        await world.lookup(max_age=request).get(URL, DID, world.load, max_age=single)
        assert len(world.internet.requests) == before + 1
        world.now += 60
    await world.lookup(max_age=90).get(URL, DID, world.load)
    assert len(world.internet.requests) == 5


async def test_a_defect_of_ours_reaches_everybody_and_is_not_remembered(world: World) -> None:
    """Anything but `Invalid` and `Unavailable` propagates, and the next look-up starts anew."""

    async def load(_: Fetched) -> Loaded[bytes]:
        raise ZeroDivisionError

    results = await asyncio.gather(world.get(load=load), world.get(load=load), return_exceptions=True)
    assert [type(result) for result in results] == [ZeroDivisionError] * 2
    assert (await world.get()).value == b"one"


async def test_statuses_that_were_asked_for_reach_the_load(world: World) -> None:
    """A "no" by status is a document like any other, of the variant that asked for it; to others it is an outage."""
    world.internet.serve(URL, b"gone", status=404)
    found = await world.get(variant="entity", also=frozenset({404}))
    assert found.value == b"gone"
    assert await world.refusal() == "unreachable"
    assert (await world.get(variant="entity", also=frozenset({404}))).value == b"gone"
    assert len(world.internet.requests) == 2


async def test_a_refresh_in_the_background_asks_for_the_same_statuses(world: World) -> None:
    """Nobody waits for it, and it is ready for what the first look-up was ready for."""
    await world.get(variant="entity", also=frozenset({404}))
    world.internet.serve(URL, b"gone", status=404)
    world.now += 310
    assert (await world.get(variant="entity", also=frozenset({404}))).value == b"one"
    await settle()
    assert (await world.get(variant="entity", also=frozenset({404}))).value == b"gone"


async def test_each_post_is_sent_and_costs(world: World) -> None:
    """An answer to one is never that to another; and one past the budget is not sent."""
    answers = iter([b"yes", b"no"])
    world.internet.receive(URL, lambda _: next(answers))
    lookup = world.lookup(fetches=2)
    options: dict[str, Any] = {"media_type": "application/json", "kind": Kind.REGISTRY}
    assert (await lookup.post(URL, b"{}", **options)).body == b"yes"
    assert (await lookup.post(URL, b"{}", **options)).body == b"no"
    with pytest.raises(Unavailable) as refused:
        await lookup.post(URL, b"{}", **options)
    assert refused.value.problem.code == "fetch-budget-exceeded"
    assert world.internet.posted == [(URL, b"{}", "application/json")] * 2
    assert not world.cache._entries


async def test_no_post_outlives_its_request(world: World) -> None:
    """At the deadline it ends."""
    world.internet.receive(URL, lambda _: b"yes")
    world.internet.hold(URL)
    with pytest.raises(Unavailable) as refused:
        await world.lookup(seconds=0).post(URL, b"{}", media_type="application/json", kind=Kind.REGISTRY)
    assert refused.value.problem.code == "deadline-exceeded"


async def test_closing_ends_the_look_ups_that_run(world: World) -> None:
    """Nothing is left running, and whoever waits is cancelled."""
    world.internet.hold(URL)
    waiting = asyncio.ensure_future(world.get())
    await settle()
    await world.cache.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_T61_what_a_document_was_is_told(world: World) -> None:
    """Digest and instant of the result are those of the bytes that were loaded, also after a refresh."""
    first = await world.get(kind=LIST)
    world.internet.serve(URL, b"two")
    world.now += 400
    second = await world.get(kind=LIST)
    assert first.source.sha256 != second.source.sha256
    assert second.source.fetched_at - first.source.fetched_at == timedelta(seconds=400)
