"""The command line: what it prints, and its exit status."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.config import load
from gateway.demo.issuer import Issuer, badge, compact
from tests.issuer import enveloped, presentation

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

POLICY = """\
policy: employer/ours
version: 1.0.0
title: Ours
rules:
  - id: issuer
    say: The issuer must be ours.
    require: {issuer_is: ["%s"]}
    on_unknown: review
"""


class Command:
    """Runs the command line with a cache, and policies, of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keep everything in `folder`."""
        self.folder = folder
        (folder / "policies").mkdir()
        monkeypatch.setenv("LER_GATEWAY_CACHE_FOLDER", str(folder / "cache"))
        monkeypatch.setenv("LER_GATEWAY_POLICIES_FOLDERS", f'["{folder / "policies"}"]')
        monkeypatch.setenv("COLUMNS", "200")

    def __call__(self, *arguments: str, given: str | bytes = "") -> Result:
        """Run one command, with `given` on standard input."""
        result = CliRunner().invoke(app, list(arguments), input=given)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def policy(self, text: str) -> None:
        """Add a policy file."""
        (self.folder / "policies" / "ours.yaml").write_text(text)


@pytest.fixture(name="command")
def _command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(tmp_path, monkeypatch)


@pytest.fixture(name="issuer")
def _issuer() -> Issuer:
    return Issuer.did_key()


class TestVerify:
    """Exit status 0 pass or accept, 1 fail or reject, 3 indeterminate or review, 2 usage."""

    def test_a_good_badge_from_a_file_is_0(self, command: Command, issuer: Issuer) -> None:
        """What is printed begins with one plain sentence."""
        file = command.folder / "badge.jwt"
        file.write_text(issuer.jwt(badge(issuer.did, "Welding")) + "\n")

        result = command("verify", str(file))

        assert result.exit_code == 0, result.output
        assert "pass" in result.output

    def test_an_expired_badge_from_standard_input_is_1(self, command: Command, issuer: Issuer) -> None:
        """The problem's code is printed."""
        expired = issuer.jwt(badge(issuer.did, "Welding", validUntil="2026-03-01T00:00:00Z"))

        result = command("verify", "-", given=expired)

        assert result.exit_code == 1
        assert "expired" in result.output

    def test_T38_a_presentation_answers_the_challenge_that_is_given(self, command: Command, issuer: Issuer) -> None:
        """Each record in it is listed; for another challenge, or another domain, it fails."""
        holder = Issuer.did_key()
        held = enveloped(issuer.jwt(badge(issuer.did, "Welding")), "EnvelopedVerifiableCredential", "vc+jwt")
        claims = {**presentation(holder, held), "nonce": "n-1", "aud": "employer.example"}
        token = compact(holder.key, {"kid": holder.jose_method, "typ": "vp+jwt"}, claims)

        good = command("verify", "-", "--challenge", "n-1", "--domain", "employer.example", given=token)

        assert good.exit_code == 0, good.output
        assert "/verifiableCredential/0" in good.output
        assert command("verify", "-", "--challenge", "n-2", given=token).exit_code == 1
        assert command("verify", "-", "--domain", "attacker.example", given=token).exit_code == 1

    def test_as_of_moves_the_instant(self, command: Command, issuer: Issuer) -> None:
        """What has expired by now was valid then."""
        expired = issuer.jwt(badge(issuer.did, "Welding", validUntil="2026-03-01T00:00:00Z"))

        assert command("verify", "-", "--as-of", "2026-02-15T00:00:00Z", given=expired).exit_code == 0

    def test_an_unreachable_issuer_is_3(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """An outage is neither a pass nor a fail."""
        monkeypatch.setenv("LER_GATEWAY_ENVIRONMENT", "development")
        monkeypatch.setenv("LER_GATEWAY_DEVELOPMENT_HOSTS", '{"down.example" = "http://127.0.0.1:9"}')
        down = Issuer.did_web("down.example")

        result = command("verify", "-", given=json.dumps(badge(down.did, "Welding") | {"proof": proof(down)}))

        assert result.exit_code == 3, result.output

    def test_an_unreachable_url_is_3_and_a_refused_one_connects_nowhere(self, command: Command) -> None:
        """A URL goes through the guarded door."""
        result = command("verify", "http://169.254.169.254/latest", "--json")

        assert result.exit_code == 3
        structure = json.loads(result.output)["checks"][0]
        assert (structure["outcome"], structure["problems"][0]["code"]) == ("indeterminate", "egress-refused")

    @pytest.mark.parametrize(("ours", "status"), [(True, 0), (False, 1)])
    def test_a_policy_decides_the_status(self, command: Command, issuer: Issuer, ours: bool, status: int) -> None:  # noqa: FBT001 — a case of the table
        """Accept is 0 and reject is 1, whatever the outcome."""
        command.policy(POLICY % (issuer.did if ours else "did:web:other.example"))
        token = issuer.jwt(badge(issuer.did, "Welding"))

        result = command("verify", "-", "--policy", "employer/ours", "--json", given=token)

        assert result.exit_code == status, result.output
        assert json.loads(result.output)["decision"] == ("accept" if ours else "reject")

    def test_malformed_json_is_1_with_a_pointer(self, command: Command) -> None:
        """What cannot be read is not verified."""
        result = command("verify", "-", "--json", given='{"a": {"b": 1, "b": 2}}')

        (problem,) = json.loads(result.output)["checks"][0]["problems"]
        assert result.exit_code == 1
        assert (problem["code"], problem["pointer"]) == ("duplicate-key", "/a/b")

    @pytest.mark.parametrize(
        "arguments",
        [
            ("verify", "/no/such/file"),
            ("verify", "-", "--policy", "no/such-policy"),
            ("verify", "-", "--as-of", "yesterday"),
            ("verify", "-", "--config", "/no/such/file.toml"),
            ("verify",),
            ("nonsense",),
        ],
    )
    def test_a_mistake_in_the_command_is_2(self, command: Command, arguments: tuple[str, ...]) -> None:
        """And nothing is verified."""
        assert command(*arguments, given="x").exit_code == 2

    def test_what_a_credential_says_cannot_steer_the_terminal(self, command: Command, issuer: Issuer) -> None:
        """Escape sequences and markup are printed as text."""
        name = "Weld\x1b[2J[red]ing\x07"

        result = command("verify", "-", given=issuer.jwt(badge(issuer.did, name)))

        assert "\x1b" not in result.output
        assert "\x07" not in result.output
        assert "[red]" in result.output


def proof(issuer: Issuer) -> dict[str, Any]:
    """Return a proof that would have to be looked up."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "proofPurpose": "assertionMethod",
        "verificationMethod": issuer.method,
        "proofValue": "z" + "1" * 64,
    }


class TestOthers:
    """The other commands."""

    def test_resolve_prints_the_document(self, command: Command, issuer: Issuer) -> None:
        """A did:key follows from itself, so it has no source."""
        result = command("resolve", issuer.did)
        printed = json.loads(result.output)

        assert result.exit_code == 0
        assert printed["didDocument"]["id"] == issuer.did
        assert printed["source"] is None
        assert printed["verificationMethods"] == [{"id": issuer.method, "key": "Ed25519"}]
        assert printed["warnings"] == []

    def test_resolve_tells_what_is_to_be_said_beside(self, command: Command) -> None:
        """Which keys can be used, which not and why, and how far the document can be relied on."""
        account = "0xb9c5714089478a327f09197987f16f9e5d936e8a"
        ethereum = json.loads(command("resolve", f"did:ethr:{account}").output)
        agreement = command("resolve", "did:key:z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW")

        assert {method["key"] for method in ethereum["verificationMethods"]} == {"account"}
        assert [warning["code"] for warning in ethereum["warnings"]] == ["did-without-chain"]
        assert agreement.exit_code == 0
        (method,) = json.loads(agreement.output)["verificationMethods"]
        assert (method["key"], method["problem"]["code"]) == (None, "INVALID_VERIFICATION_METHOD")

    @pytest.mark.parametrize(
        ("did", "code", "status"),
        [
            ("did:web:127.0.0.1", "INVALID_DID", 1),
            ("did:key:z6", "INVALID_DID", 1),
            ("did:key:z6Mk?versionNumber=x", "INVALID_DID_URL", 1),
            ("did:key:z6Mk?versionNumber=1", "METHOD_NOT_SUPPORTED", 3),
            ("did:foo:1", "METHOD_NOT_SUPPORTED", 3),
        ],
    )
    def test_resolve_tells_what_is_wrong(self, command: Command, did: str, code: str, status: int) -> None:
        """A malformed DID is 1, one of an unsupported method 3."""
        result = command("resolve", did)

        assert result.exit_code == status
        assert code in result.output

    def test_plugins_lists_every_kind(self, command: Command) -> None:
        """Each with its name as specifications spell it, its file and what is made of it."""
        printed = json.loads(command("plugins", "--json").output)
        found = {(plugin["kind"], plugin["name"]): plugin for plugin in printed}

        assert all(plugin.keys() == {"kind", "name", "file", "verdict"} for plugin in printed)
        assert {plugin["verdict"] for plugin in printed} <= {"verified", "recognized", "refused"}
        assert ("did", "web") in found
        assert ("cryptosuite", "eddsa-rdfc-2022") in found
        assert "eddsa-rdfc-2022" in command("plugins").output

    def test_tenant_key_prints_a_key_once_and_what_the_configuration_takes(self, command: Command) -> None:
        """The printed lines are a configuration in which the printed key opens."""
        result = command("tenant", "key", "acme", "--days", "7")
        (key,) = re.findall(r"ler_[a-z2-7]{8}_\S{43}", result.output)
        tree = tomllib.loads(result.output)

        assert load(flags=tree).tenants["acme"].keys[0].prefix == key[:12]
        assert key not in str(tree)

    def test_policy_lint_passes_the_library_and_finds_mistakes(self, command: Command) -> None:
        """Every mistake is told with its file and line."""
        command.policy(POLICY.replace("issuer_is", "issuer_iss") % "did:web:x.example")

        result = command("policy", "lint", str(command.folder / "policies"))

        assert result.exit_code == 1
        assert "ours.yaml:7: " in result.output
        assert "issuer_is" in result.output
        command.policy(POLICY % "did:web:x.example")
        assert command("policy", "lint", str(command.folder / "policies")).exit_code == 0

    def test_doctor_says_what_is_there_and_what_is_missing(self, command: Command) -> None:
        """Contexts that are not bundled are named, and so is didkit's state."""
        result = command("doctor", "--offline")

        assert result.exit_code == 0, result.output
        for word in ("uvloop", "plugins", "policies", "contexts", "jws-2020", "didkit", "trust sources"):
            assert word in result.output

    def test_doctor_names_whom_dids_are_believed_on(self, command: Command, tmp_path: Path) -> None:
        """A third party, the methods that it is never asked for, and chains that are not asked."""
        config = tmp_path / "gateway.toml"
        config.write_text(
            '[did]\nwithout_chain = ["ethr"]\n'
            '[did.universal]\nurl = "https://resolver.example"\nmethods = ["ion", "web"]\n'
        )

        found = " ".join(command("doctor", "--offline", "--config", str(config)).output.split())

        assert "did:ethr believed without Ethereum's registry of DIDs" in found
        assert "https://resolver.example is believed about ion" in found
        assert "did:web resolved here" in found

    def test_doctor_finds_a_trust_source_out_of_reach(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is configured and cannot be had is bad, and so is a tenant whose keys have ended."""
        monkeypatch.setenv("LER_GATEWAY_TRUST", '{down = {kind = "dcc_legacy", url = "https://10.0.0.1/list"}}')
        monkeypatch.setenv(
            "LER_GATEWAY_TENANTS",
            '{old = {keys = [{prefix = "ler_abcdefgh", sha256 = "%s", expires = 2026-01-01T00:00:00Z}]}}' % ("0" * 64),
        )

        result = command("doctor")

        assert result.exit_code == 1
        assert "egress-refused" in result.output
        assert "tenant old" in result.output

    def test_a_configuration_in_disorder_is_2_with_every_reason(
        self, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No traceback, and all mistakes at once."""
        monkeypatch.setenv("LER_GATEWAY_SERVER_PROT", "1")
        monkeypatch.setenv("LER_GATEWAY_LOG_LEVEL", "loud")

        result = command("plugins")

        assert result.exit_code == 2
        assert result.output.count("ler-gateway: ") == 2

    def test_serving_others_without_keys_is_2(self, command: Command) -> None:
        """The service does not start."""
        result = command("serve", "--host", "0.0.0.0")  # noqa: S104 — what is refused

        assert result.exit_code == 2
        assert "without tenants" in result.output

    def test_it_runs_as_a_module(self) -> None:
        """`python -m gateway` is `ler-gateway`."""
        done = subprocess.run([sys.executable, "-m", "gateway", "--help"], capture_output=True, text=True, check=True)

        for command in ("serve", "verify", "resolve", "policy", "tenant", "plugins", "doctor", "demo"):
            assert command in done.stdout
