"""The policies in force: replaced whole, or not at all."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import REGISTRY

from gateway.config import ConfigError, load
from gateway.policy_bundle import built, new_key, packed, signed
from gateway.policy_files import PolicyFiles, find, missing_defaults
from policies import NotInEffect, PolicyErrors, PolicySet, UnknownPolicy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRIVATE, PUBLIC = new_key()
RULES = "rules: [{id: issuer, say: Ours., require: {issuer_is: ['did:web:%s']}}]\n"


def text(name: str = "employer/own", version: str = "1.0.0", issuer: str = "a.example", head: str = "") -> str:
    """Return a policy file."""
    return f"policy: {name}\nversion: {version}\n{head}{RULES % issuer}"


class Place:
    """A folder of policies, and what reads it."""

    def __init__(self, folder: Path) -> None:
        """Keep everything in `folder`."""
        self.folder = folder / "policies"
        self.folder.mkdir()
        self.state = folder / "state"
        self.flags: dict[str, Any] = {
            "cache.folder": folder / "cache",
            "policies.folders": [self.folder],
            "policies.state_folder": self.state,
            "policies.bundle_keys": [PUBLIC],
        }

    def write(self, content: str, name: str = "own.yaml") -> None:
        """Write a policy file."""
        (self.folder / name).write_text(content, encoding="utf-8")

    def publish(self, revision: int, *texts: str, name: str = "us-al", key: Any = PRIVATE, at: str = "us-al") -> Path:
        """Write a signed bundle, and have it loaded."""
        files = {f"{place}.yaml": each.encode() for place, each in enumerate(texts)}
        bundle = built(name, revision, files, issued=NOW)
        path = self.folder.parent / f"{at}.zip"
        path.write_bytes(packed(bundle, signed(bundle, key)))
        self.flags["policies.folders"] = [self.folder, path]
        return path

    def open(self, **flags: Any) -> PolicyFiles:
        """Read everything."""
        config = load(flags={**self.flags, **flags})
        return PolicyFiles(config, sources=frozenset(), clock=lambda: NOW)


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def versions(files: PolicyFiles, name: str = "employer/own") -> set[str]:
    """Return the versions of a policy that are in force."""
    return {policy.version for policy in files.current.policies.policies() if policy.id == name}


def figure(name: str, **labels: str) -> float:
    """Return a metric."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


class TestReload:
    """Again, whenever it is asked for."""

    async def test_what_has_changed_is_in_force(self, place: Place) -> None:
        """All of it at once, and it is counted."""
        place.write(text())
        files = place.open()
        before = figure("ler_gateway_policy_reloads_total", result="loaded")
        place.write(text(version="1.1.0"))
        place.write(text(name="employer/more"), "more.yaml")

        assert await files.reload()

        assert versions(files) == {"1.1.0"}
        assert versions(files, "employer/more") == {"1.0.0"}
        assert files.failure == ()
        assert figure("ler_gateway_policy_reloads_total", result="loaded") == before + 1
        assert figure("ler_gateway_policies_outdated") == 0

    async def test_with_one_mistake_nothing_changes(self, place: Place) -> None:
        """The last good set stays, whole; the mistake is told with its line until it is mended."""
        place.write(text())
        files = place.open()
        good = files.current
        place.write(text(name="employer/more"), "more.yaml")
        place.write(text(version="1.1.0").replace("issuer_is", "issuer_iss"))

        assert not await files.reload()

        assert files.current is good
        (finding,) = files.failure
        assert str(finding).endswith('own.yaml:3: there is no condition "issuer_iss"; did you mean "issuer_is"?')
        assert figure("ler_gateway_policies_outdated") == 1
        place.write(text(version="1.1.0"))
        assert await files.reload()
        assert versions(files) == {"1.1.0"}
        assert (files.failure, figure("ler_gateway_policies_outdated")) == ((), 0)

    async def test_who_has_taken_a_policy_keeps_it(self, place: Place) -> None:
        """A request decides by what was in force when it came, also where that is gone by now."""
        place.write(text())
        files = place.open()
        taken = files.current.policies.get("employer/own", NOW)
        (place.folder / "own.yaml").unlink()

        assert await files.reload()

        with pytest.raises(UnknownPolicy):
            files.current.policies.get("employer/own", NOW)
        assert taken.digest == PolicySet.load([_written(place, text())]).get("employer/own", NOW).digest

    async def test_a_default_policy_must_not_go(self, place: Place) -> None:
        """Each of that tenant's requests would be refused from then on."""
        place.write(text())
        key = {"prefix": "ler_abcdefgh", "sha256": "0" * 64, "expires": "2030-01-01T00:00:00Z"}
        tenant = {"keys": [key], "policies": ["*"], "default_policy": "employer/own"}
        files = place.open(**{"tenants.acme": tenant})
        place.write(text(name="employer/renamed"))

        assert not await files.reload()

        assert versions(files) == {"1.0.0"}
        assert "tenants.acme.default_policy" in files.failure[0].message
        place.write(text(head="effective: {until: 2020-01-01}\n"))
        assert await files.reload()  # one that has ended is told per request

    async def test_our_own_mistake_keeps_the_last_good_set(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        """And the next reload is made all the same."""
        place.write(text())
        files = place.open()
        good = files.current

        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(PolicySet, "of", broken)
            assert not await files.reload()

        assert files.current is good
        assert files.failure[0].message == "a defect, which has been logged"
        assert await files.reload()

    async def test_requests_are_answered_meanwhile(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        """Reading takes a thread; two reloads at once are one after the other."""
        files = place.open()
        reading, done = threading.Event(), threading.Event()
        make, running = PolicySet.of, []

        def slow(*arguments: Any, **more: Any) -> PolicySet:
            running.append(threading.current_thread() is not threading.main_thread())
            reading.set()
            assert done.wait(10)
            return make(*arguments, **more)

        monkeypatch.setattr(PolicySet, "of", slow)
        both = asyncio.gather(files.reload(), files.reload())
        await asyncio.to_thread(reading.wait, 10)
        assert running == [True]
        done.set()

        assert list(await both) == [True, True]
        assert running == [True, True]


class TestWatch:
    """Where nobody can send a signal, files are looked at."""

    async def test_a_change_is_seen_at_the_next_look(self, place: Place) -> None:
        """A file changed, added or gone; without a change nothing is read."""
        place.write(text())
        files = place.open()
        loaded = figure("ler_gateway_policy_reloads_total", result="loaded")
        steps: list[Callable[[], object]] = [
            lambda: None,
            lambda: place.write(text(version="1.10.0")),
            lambda: None,
            lambda: place.write(text(name="employer/more"), "more.yaml"),
            (place.folder / "more.yaml").unlink,
        ]
        seen: list[set[str]] = []
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            seen.append({policy.lineage[-1] for policy in files.current.policies.policies() if "own" in policy.id})
            if not steps:
                raise asyncio.CancelledError
            steps.pop(0)()

        with pytest.raises(asyncio.CancelledError):
            await files.watch(7.0, sleep)

        assert slept == [7.0] * 6
        assert seen == [{"employer/own@1.0.0"}] * 2 + [{"employer/own@1.10.0"}] * 4
        assert figure("ler_gateway_policy_reloads_total", result="loaded") == loaded + 3

    async def test_a_mistake_is_told_once(self, place: Place) -> None:
        """Not at every look, until the file changes again."""
        place.write(text())
        files = place.open()
        failed = figure("ler_gateway_policy_reloads_total", result="failed")
        looks = iter(range(4))

        async def sleep(_: float) -> None:
            if next(looks) == 3:
                raise asyncio.CancelledError
            if not files.failure:
                place.write("policy: [")

        with pytest.raises(asyncio.CancelledError):
            await files.watch(1.0, sleep)

        assert figure("ler_gateway_policy_reloads_total", result="failed") == failed + 1


class TestBundles:
    """A folder may be a signed bundle."""

    async def test_a_bundle_is_loaded_beside_folders(self, place: Place) -> None:
        """With its revision, and its files as they were signed."""
        place.write(text())
        path = place.publish(3, text(name="us-al/own"))

        files = place.open()

        assert versions(files, "us-al/own") == versions(files) == {"1.0.0"}
        assert files.current.bundles == (("us-al", 3),)
        assert files.current.texts[f"{path}/0.yaml"] == text(name="us-al/own").encode()

    async def test_an_older_revision_is_never_loaded_again(self, place: Place) -> None:
        """Neither while it runs, nor after a restart; what is in force stays."""
        place.publish(3, text(name="us-al/own"))
        files = place.open()
        place.publish(4, text(name="us-al/own", version="1.1.0"))
        assert await files.reload()
        place.publish(3, text(name="us-al/own"))

        assert not await files.reload()

        assert versions(files, "us-al/own") == {"1.1.0"}
        assert "revision 4 has been loaded before" in files.failure[0].message
        with pytest.raises(PolicyErrors, match="revision 4 has been loaded before"):
            place.open()

    async def test_what_is_not_put_in_force_is_not_remembered(self, place: Place) -> None:
        """A bundle with a mistake can be withdrawn: its number is not used up by those who refused it."""
        place.publish(3, text(name="us-al/own"))
        files = place.open()
        place.publish(4, "policy: [")
        assert not await files.reload()
        place.publish(3, text(name="us-al/own"))

        assert await files.reload()

    @pytest.mark.parametrize(
        ("publish", "reason"),
        [
            ({"key": new_key()[0]}, "does not verify under any key"),
            ({"name": "us-nd"}, 'this is the bundle "us-nd"'),
        ],
    )
    async def test_whose_it_is(self, place: Place, publish: dict[str, Any], reason: str) -> None:
        """Signed by a pinned key, and the one that belongs in this place."""
        path = place.publish(3, text(name="us-al/own"), **publish)

        with pytest.raises(PolicyErrors, match=reason) as caught:
            place.open()
        assert caught.value.findings[0].path == str(path)

    async def test_a_bundle_that_is_gone(self, place: Place) -> None:
        """It is no reason to go on without its policies."""
        path = place.publish(3, text(name="us-al/own"))
        files = place.open()
        path.unlink()

        assert not await files.reload()
        assert versions(files, "us-al/own") == {"1.0.0"}

    async def test_a_revision_that_cannot_be_written_down(self, place: Place) -> None:
        """A restart would forget it: it is not loaded."""
        place.publish(3, text(name="us-al/own"))
        place.state.write_text("no folder")

        with pytest.raises(PolicyErrors, match=r"cannot be (read|written)"):
            place.open()

    async def test_who_only_looks_writes_nothing(self, place: Place) -> None:
        """The command line reads the same policies without putting them in force."""
        place.publish(3, text(name="us-al/own"))

        PolicyFiles(load(flags=place.flags), sources=frozenset(), clock=lambda: NOW, remember=False)

        assert not place.state.exists()

    def test_a_bundle_needs_a_pinned_key_that_is_public(self, place: Place) -> None:
        """Without one nothing could be verified; and a private key in a configuration is a leak."""
        place.publish(3, text(name="us-al/own"))

        with pytest.raises(ConfigError, match=r"bundle_keys: none is pinned, so us-al\.zip"):
            load(flags={**place.flags, "policies.bundle_keys": []})
        with pytest.raises(ConfigError) as caught:
            load(flags={**place.flags, "policies.bundle_keys": [PRIVATE]})
        assert "a private key does not belong here" in str(caught.value)
        assert PRIVATE["d"] not in str(caught.value)


def test_a_whole_version_is_found_out_of_its_time(place: Place) -> None:
    """To read and compare it; a name alone means what is in effect."""
    place.write(text(head="effective: {until: 2026-01-31}\n"))
    known = PolicySet.load([place.folder])

    assert find(known, "employer/own@1.0.0", NOW).version == "1.0.0"
    assert find(known, "employer/own@1", NOW - timedelta(days=365)).version == "1.0.0"
    for reference in ("employer/own", "employer/own@1"):
        with pytest.raises(NotInEffect):
            find(known, reference, NOW)
    with pytest.raises(UnknownPolicy):
        find(known, "employer/own@2.0.0", NOW)


def test_without_tenants_no_default_is_missing(place: Place) -> None:
    """There is nobody who would have one."""
    assert missing_defaults(load(flags=place.flags), PolicySet.load(), NOW) == []


def _written(place: Place, content: str) -> Path:
    path = place.folder.parent / "elsewhere.yaml"
    path.write_text(content, encoding="utf-8")
    return path
