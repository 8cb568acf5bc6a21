"""`ler-gateway policy …`: what each command prints, and its exit status."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

import policies
from gateway.cli import app
from gateway.config import ConfigError, load
from gateway.decision_log import DecisionLog, segments
from gateway.demo.issuer import Issuer, badge
from gateway.options import DecisionLog as Options
from gateway.policy_bundle import SUFFIX, built, new_key, packed, signed
from policies.facts import digest, to_json
from policies.model import TrustFact
from tests.gateway.results import verification
from tests.policies.files import AS_OF, facts, policy, rule, write

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

    from policies import Facts

REGISTERED = rule("{registry: {in: ce-iir}}")
RECENT = rule("{issued_within: P5Y}", name="recent")
STATE = policy(REGISTERED, name="state/own", head="effective: {until: 2026-06-30}")
NEXT = policy(REGISTERED, RECENT, name="state/own", version="1.1.0")
LISTED = {"ce-iir": TrustFact(state="listed", authenticity="authenticated", freshness="fresh")}
POPULATION = [facts(trust=LISTED), facts(trust={}), facts(trust=LISTED, valid_from=datetime(2011, 1, 1, tzinfo=UTC))]


class Command:
    """Runs `ler-gateway policy …` over a folder of policies of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keep everything in `folder`."""
        self.folder = folder
        self.own = folder / "policies"
        self.own.mkdir()
        monkeypatch.setenv("LER_GATEWAY_CACHE_FOLDER", str(folder / "cache"))
        monkeypatch.setenv("LER_GATEWAY_POLICIES_FOLDERS", f'["{self.own}"]')
        monkeypatch.setenv(
            "LER_GATEWAY_TRUST", '{ce-iir = {kind = "dcc_legacy", url = "https://r.example/l", tier = "member"}}'
        )
        monkeypatch.setenv("COLUMNS", "200")

    def __call__(self, *arguments: object, given: str = "") -> Result:
        """Run one command, with `given` on standard input."""
        result = CliRunner().invoke(app, ["policy", *map(str, arguments)], input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def json(self, *arguments: object) -> tuple[int, Any]:
        """Run one command; return its status, and what it has printed for machines."""
        result = self(*arguments, "--json")
        return result.exit_code, json.loads(result.stdout)

    def population(self, *more: str) -> Path:
        """Write facts into a file, a line each."""
        file = self.folder / "population.jsonl"
        file.write_text("\n".join([*(json.dumps(to_json(each)) for each in POPULATION), *more]) + "\n")
        return file


@pytest.fixture(name="command")
def _command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(tmp_path, monkeypatch)


class TestLint:
    """Without arguments it is about what is installed."""

    def test_the_library_is_in_order(self, command: Command) -> None:
        """And says nothing."""
        assert (command("lint").exit_code, command("lint").output) == (0, "")
        assert command.json("lint") == (0, [])

    def test_every_mistake_with_file_and_line(self, command: Command) -> None:
        """For people, and for machines."""
        write(command.own, own=NEXT.replace("issued_within", "issued_wthin"))
        message = 'there is no condition "issued_wthin"; did you mean "issued_within"?'

        assert command("lint", command.own).stdout == f"{command.own}/own.yaml:5: {message}\n"
        assert command.json("lint", command.own) == (
            1,
            [{"path": f"{command.own}/own.yaml", "line": 5, "message": message}],
        )

    def test_a_parent_beside_the_file(self, command: Command) -> None:
        """It is found without being named."""
        child = policy(rule("{issued_within: P1Y}", name="recent"), name="employer/own", head="extends: state/own@1")
        write(command.own, state=NEXT, child=child)

        assert command("lint", command.own / "child.yaml").exit_code == 0


class TestTests:
    """The tests that files carry."""

    def test_the_library_passes_and_is_covered(self, command: Command) -> None:
        """Its facts are installed with it."""
        result = command("test")

        assert result.exit_code == 0, result.output
        assert "us-al/talent-triad@3.1.0: " in result.output
        assert all(line.endswith(" 0 failed, leaf coverage 100%") for line in result.output.splitlines() if "@" in line)

    def test_a_failing_test_and_a_gap(self, command: Command) -> None:
        """The one is an error, the other is told."""
        (command.own / "good.json").write_text(json.dumps(to_json(POPULATION[0])))
        file = write(command.own, own=NEXT + "tests:\n  - {facts: good.json, expect: reject}\n") / "own.yaml"

        result = command("test", file)
        status, answer = command.json("test", file)

        assert result.exit_code == status == 1
        assert f"{file}:7: good.json: expected reject, decided accept\n" in result.stdout
        assert "no test in which registry does not pass (not an error)" in result.stdout
        assert "state/own@1.1.0: 1 tests, 1 failed, leaf coverage 50%" in result.stdout
        assert answer["findings"] == []
        (found,) = answer["policies"]
        assert (found["passed"], found["tests"][0]["verdict"], len(found["uncovered"])) == (False, "accept", 2)

    def test_a_file_that_cannot_be_read_fails(self, command: Command) -> None:
        """It has no test that could pass."""
        file = write(command.own, own="policy: [") / "own.yaml"

        assert command("test", file).exit_code == 1
        assert command.json("test", file)[1]["findings"]


class TestSaying:
    """What a policy says, and what may be said."""

    @pytest.mark.parametrize("audience", ["applicant", "recruiter", "auditor"])
    def test_an_explanation_of_what_is_installed_or_in_a_file(self, command: Command, audience: str) -> None:
        """For each audience, as text and as Markdown."""
        file = write(command.own, own=NEXT) / "own.yaml"
        for subject in ("us-al/talent-triad", "state/own", file):
            plain = command("explain", subject, "--audience", audience)
            marked = command("explain", subject, "--audience", audience, "--format", "markdown")
            assert (plain.exit_code, marked.exit_code) == (0, 0)
            assert marked.stdout.startswith("# ")
            assert not plain.stdout.startswith("#")

    def test_a_policy_that_there_is_not(self, command: Command) -> None:
        """It is a mistake in the command; so is one that is in disorder, and a file without one."""
        assert "there is no policy" in command("explain", "no/such-policy").output
        bad = write(command.folder, bad="policy: [") / "bad.yaml"
        for subject in ("no/such-policy", bad, command.folder / "none.yaml"):
            assert command("explain", subject).exit_code == 2
        write(command.own, own="policy: [")
        assert command("explain", "us-al/talent-triad").exit_code == 2

    def test_one_that_is_not_in_effect(self, command: Command) -> None:
        """By its whole version it is read; by its name it is not what decides."""
        write(command.own, own=STATE)

        assert command("explain", "state/own@1.0.0").exit_code == 0
        assert "was in effect until 2026-06-30" in command("explain", "state/own").output
        assert command("explain", "state/own").exit_code == 2

    def test_schemas(self, command: Command) -> None:
        """Both are JSON Schemas."""
        for name in ("schema", "facts-schema"):
            assert "$schema" in json.loads(command(name).stdout)


class TestDiff:
    """0 where two policies decide the same, 1 where they do not."""

    def test_two_versions_and_what_they_make_of_records(self, command: Command) -> None:
        """Also of one that is no longer in effect."""
        write(command.own, old=STATE, new=NEXT)
        sides = "state/own@1.0.0", "state/own@1.1.0"

        result = command("diff", *sides, "--facts", command.population())

        assert result.exit_code == 1
        assert result.stdout.splitlines() == [
            "state/own@1.0.0 → state/own@1.1.0: narrower",
            "  rule recent: added",
            "    issued_within: 5 years: added",
            "  effective: {from: none, until: 2026-06-30} → {from: none, until: none}",
            "1 of 3 flip",
            "  accept → reject: 1",
        ]
        status, answer = command.json("diff", *sides, "--facts", command.population())
        assert (status, answer["change"], answer["flips"]["flipped"]) == (1, "narrower", 1)

    def test_two_files_of_one_policy(self, command: Command) -> None:
        """As one is being worked on; without facts nothing is said of records."""
        old, new = (write(command.folder / side, own=text) / "own.yaml" for side, text in self._sides(command))

        assert command("diff", old, new).exit_code == 1
        assert command("diff", old, old).exit_code == 0
        assert command.json("diff", old, old)[1]["flips"] is None

    @staticmethod
    def _sides(command: Command) -> list[tuple[str, str]]:
        sides = [("old", NEXT), ("new", NEXT.replace("P5Y", "P9Y"))]
        for side, _ in sides:
            (command.folder / side).mkdir()
        return sides


class TestSimulate:
    """What a policy would decide."""

    def test_counts(self, command: Command) -> None:
        """For people, and for machines; from a file, and from standard input."""
        write(command.own, own=NEXT)
        file = command.population()

        result = command("simulate", "state/own", "--facts", file)
        status, answer = command.json("simulate", "state/own", "--facts", file)

        assert (result.exit_code, status) == (0, 0)
        assert "of 3 facts" in result.stdout
        assert answer["verdicts"] == {"accept": 1, "review": 1, "reject": 1}
        assert (answer["failed"], answer["unknown"], answer["incomplete"]) == ({"recent": 1}, {"one": 1}, 1)
        given = command("simulate", "state/own", "--facts", "-", "--json", given=file.read_text())
        assert json.loads(given.stdout) == answer
        assert command.json("simulate", "state/own", "--facts", file, "--processes", 2) == (0, answer)

    def test_no_facts(self, command: Command) -> None:
        """Of nobody nothing is said, and nothing is divided by zero."""
        result = command("simulate", "us-al/talent-triad", "--facts", "-", given="\n")

        assert result.exit_code == 0
        assert "of 0 facts" in result.stdout

    @pytest.mark.parametrize("line", ['{"as_of": 1}', "{", "[]"])
    def test_facts_that_are_none(self, command: Command, line: str) -> None:
        """A mistake in the command, with the line."""
        result = command("simulate", "us-al/talent-triad", "--facts", command.population(line))

        assert result.exit_code == 2
        assert "population.jsonl:4: " in result.output

    def test_a_file_that_is_not_there_or_no_text(self, command: Command) -> None:
        """Likewise."""
        (command.folder / "binary").write_bytes(b"\xff")

        assert command("simulate", "us-al/talent-triad", "--facts", "/no/such/file").exit_code == 2
        assert "is not UTF-8" in command("simulate", "us-al/talent-triad", "--facts", command.folder / "binary").output


class TestBundles:
    """From a key to a bundle that a gateway loads."""

    def test_from_key_to_gateway(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is printed is what the configuration takes, and the gateway has the policies."""
        source = write(command.folder, own=NEXT)
        shutil.move(source / "own.yaml", command.own)
        key, archive = command.folder / "key.jwk", command.folder / "state.zip"

        printed = command("bundle", "key", key).stdout
        made = command("bundle", "build", command.own, "--id", "state", "--revision", "3", "--out", archive)
        unsigned = command("bundle", "verify", archive, "--key", key)
        sealed = command("bundle", "sign", archive, "--key", key)

        assert key.stat().st_mode & 0o777 == 0o600
        assert (made.exit_code, unsigned.exit_code, sealed.exit_code) == (0, 1, 0)
        assert "it has no manifest.jws" in unsigned.output
        public = printed.partition("bundle_keys = ")[2].strip()
        monkeypatch.setenv("LER_GATEWAY_POLICIES_BUNDLE_KEYS", public)
        monkeypatch.setenv("LER_GATEWAY_POLICIES_FOLDERS", f'["{archive}"]')
        status, answer = command.json("bundle", "verify", archive)
        assert (status, answer["id"], answer["revision"], answer["files"]) == (0, "state", 3, ["own.yaml"])
        assert answer["findings"] == []
        assert command("bundle", "verify", archive).exit_code == 0
        assert command("explain", "state/own").exit_code == 0

    def test_a_folder_with_a_mistake_makes_no_bundle(self, command: Command) -> None:
        """It is told as by lint."""
        write(command.own, own="policy: [")
        out = command.folder / "state.zip"

        result = command("bundle", "build", command.own, "--id", "state", "--revision", "1", "--out", out)

        assert (result.exit_code, out.exists()) == (1, False)
        assert command("bundle", "build", "/no/folder", "--id", "state", "--revision", "1").exit_code == 2

    def test_T58_a_link_brings_nothing_into_a_bundle(self, command: Command, tmp_path: Path) -> None:
        """A private key beside the folder, say, which a link in it would publish; a folder of such a name is none."""
        (tmp_path / "key.json").write_text('{"d": "secret"}')
        out = tmp_path / "state.zip"
        build = "bundle", "build", command.own, "--id", "state", "--revision", "1", "--out", out
        shutil.move(write(command.folder, own=NEXT) / "own.yaml", command.own)
        (command.own / "folder.json").mkdir()
        assert command(*build).exit_code == 0
        out.unlink()

        (command.own / "facts.json").symlink_to(tmp_path / "key.json")
        result = command(*build)

        assert result.exit_code == 2
        assert "facts.json: leads out of the folder" in result.output
        assert not out.exists()

    def test_a_bundle_of_others_whose_policies_are_not_in_order(self, command: Command) -> None:
        """Signed is not the same as right."""
        private, _ = new_key()
        bundle = built("state", 1, {"own.yaml": b"policy: ["})
        archive, key = command.folder / "state.zip", command.folder / "key.jwk"
        archive.write_bytes(packed(bundle, signed(bundle, private)))
        key.write_text(json.dumps(private))

        result = command("bundle", "verify", archive, "--key", key)

        assert result.exit_code == 1
        assert "own.yaml:" in result.stdout

    def test_mistakes(self, command: Command) -> None:
        """Keys that are none, files that are not there, a key that would be overwritten, a bad id."""
        key = command.folder / "key.jwk"
        key.write_text("no JWK")
        write(command.own, own=NEXT)

        assert command("bundle", "key", key).exit_code == 2
        assert command("bundle", "verify", "/no/such/file", "--key", key).exit_code == 2
        assert command("bundle", "sign", command.own / "own.yaml", "--key", key).exit_code == 1
        bad = command("bundle", "build", command.own, "--id", "Not an id", "--revision", "1")
        assert (bad.exit_code, "its id must be" in bad.output) == (1, True)
        build = "bundle", "build", command.own, "--id", "state", "--revision", "1", "--out"
        assert command(*build, command.folder / "no" / "folder.zip").exit_code == 2
        archive = command.folder / "state.zip"
        assert command(*build, archive).exit_code == 0
        assert command("bundle", "sign", archive, "--key", key).exit_code == 2


class TestLog:
    """Looking back at what was decided."""

    @pytest.fixture(name="log")
    def _log(self, command: Command) -> Path:
        """Log the decisions about the population, as one worker of several."""
        write(command.own, own=NEXT)
        decider = policies.PolicySet.load([command.own]).get("state/own", AS_OF)

        async def write_log(about: list[Facts]) -> None:
            options = Options(folder=command.folder / "log").of_worker(0)
            async with DecisionLog.open(options, clock=lambda: AS_OF) as log:
                assert log is not None
                for each in about:
                    decision = policies.evaluate(decider, each, facts_digest=digest(each))
                    await log.append(verification(decision=decision))

        asyncio.run(write_log(POPULATION))
        return command.folder / "log"

    def test_a_log_as_it_was_written(self, command: Command, log: Path) -> None:
        """Its head is printed, to be kept elsewhere."""
        result = command("verify-log", log)
        status, (chain,) = command.json("verify-log", log)

        assert (result.exit_code, status) == (0, 0)
        assert (chain["decisions"], chain["files"], chain["problems"], chain["notes"]) == (3, 1, [], [])
        assert result.stdout == f"{log}/worker-0: 3 decisions in 1 files, up to {chain['head']}\n"

    def test_a_log_that_was_changed(self, command: Command, log: Path) -> None:
        """It is told where; no replay calls it good."""
        (file,) = segments(log / "worker-0")
        file.write_bytes(file.read_bytes().replace(b'"verdict":"review"', b'"verdict":"accept"', 1))

        assert command("verify-log", log).exit_code == 1
        assert "what stands before record 4 is damaged" in command("verify-log", log).output
        assert command("replay", log, "--facts", command.population()).exit_code == 1

    def test_the_same_decisions_again(self, command: Command, log: Path) -> None:
        """From the facts that were kept elsewhere, by the version of that day."""
        result = command("replay", log, "--facts", command.population())

        assert (result.exit_code, result.stdout.splitlines()[1:]) == (0, ["3 decided the same, 0 differently"])
        assert command.json("replay", log, "--facts", command.population())[1]["replay"]["same"] == 3

    def test_what_is_not_here_any_more(self, command: Command, log: Path) -> None:
        """Is not known, until the files of that day are named."""
        old = shutil.copytree(command.own, command.folder / "old")
        write(command.own, own=NEXT.replace("P5Y", "P6Y"))

        gone = command("replay", log, "--facts", command.population())
        found = command("replay", log, "--facts", command.population(), "--policies", old)
        half = command("replay", log, "--facts", "-", "--policies", old, given=json.dumps(to_json(POPULATION[0])))

        assert (gone.exit_code, found.exit_code, half.exit_code) == (3, 0, 3)
        assert "3 could not be decided again: state/own@1.1.0 as it was then is not here" in gone.stdout
        assert "2 could not be decided again: their facts are not here" in half.stdout

    def test_no_log(self, command: Command) -> None:
        """A mistake in the command."""
        assert command("verify-log", command.folder).exit_code == 2
        assert command("verify-log", "/no/such/folder").exit_code == 2


def test_the_facts_of_a_verification_can_be_kept(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """For simulations and replays: a line each, which only its owner reads, and which is what the policy saw."""
    file, kept = command.folder / "badge.jwt", command.folder / "facts.jsonl"
    issuer = Issuer.did_key()
    file.write_text(issuer.jwt(badge(issuer.did, "Welding")))
    monkeypatch.setenv("LER_GATEWAY_CACHE_FOLDER", str(command.folder / "cache"))
    verify = ["verify", str(file), "--policy", "us/ler-baseline", "--facts", str(kept), "--json"]

    answers = [json.loads(CliRunner().invoke(app, verify).stdout) for _ in range(2)]

    assert kept.stat().st_mode & 0o777 == 0o600
    status, found = command.json("simulate", "us/ler-baseline", "--facts", kept)
    assert (status, found["verdicts"][answers[0]["decision"]], found["total"]) == (0, 2, 2)
    assert "Welding" not in kept.read_text()
    assert CliRunner().invoke(app, ["verify", str(file), "--facts", str(kept)]).exit_code == 2


def test_the_names_of_bundles_are_those_that_the_configuration_knows(tmp_path: Path) -> None:
    """What `[policies] folders` takes for a bundle is what `bundle build` makes."""
    with pytest.raises(ConfigError, match="bundle_keys"):
        load(flags={"policies.folders": [tmp_path / f"x{SUFFIX}"]})
