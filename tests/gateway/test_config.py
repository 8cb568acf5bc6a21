"""The configuration: where values come from, and what is refused."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

import resolvers.trust
from gateway.config import Config, ConfigError, fields, is_loopback, load
from gateway.options import Fetch, Limits, Tenant, Trust
from resolvers import registry
from resolvers.fetch import FetchLimits
from resolvers.trust_model import TrustSource

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "gateway.toml"

JWK = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
KEY = {"prefix": "ler_abcdefgh", "sha256": "0" * 64, "expires": "2030-01-01T00:00:00Z"}


def refused(**kinds: Any) -> str:
    """Load what must be refused, and return the reasons."""
    with pytest.raises(ConfigError) as caught:
        load(**kinds)
    assert caught.value.errors == tuple(str(caught.value).splitlines())
    return str(caught.value)


class TestSources:
    """Where a value comes from."""

    def test_defaults_serve_loopback_in_production(self) -> None:
        """Without any source the service is safe."""
        config = load()

        assert config.environment == "production"
        assert config.server.host == "127.0.0.1"
        assert config.server.port == 8080

    def test_a_flag_wins_over_a_variable_and_a_variable_over_the_file(self, tmp_path: Path) -> None:
        """Flags, variables and file are laid over each other in this order."""
        file = tmp_path / "gateway.toml"
        file.write_text("[server]\nport = 1001\nworkers = 3\nmax_concurrent = 7\n")
        environ = {"LER_GATEWAY_SERVER_PORT": "1002", "LER_GATEWAY_SERVER_WORKERS": "4", "PATH": "/bin"}

        config = load(file, environ=environ, flags={"server.port": 1003, "server.host": None})

        assert (config.server.port, config.server.workers, config.server.max_concurrent) == (1003, 4, 7)

    def test_a_variable_is_written_as_in_the_file_and_a_string_also_bare(self) -> None:
        """Tables, numbers and lists work from the environment."""
        config = load(
            environ={
                "LER_GATEWAY_LOG_LEVEL": "warning",
                "LER_GATEWAY_SERVER_HOST": '"::1"',
                "LER_GATEWAY_POLICIES_FOLDERS": '["/etc/policies"]',
                "LER_GATEWAY_TENANTS": '{acme = {keys = [{prefix = "ler_abcdefgh", sha256 = "'
                + "0" * 64
                + '", expires = 2030-01-01T00:00:00Z}]}}',
            }
        )

        assert config.log.level == "warning"
        assert config.server.host == "::1"
        assert config.policies.folders == (Path("/etc/policies"),)
        assert config.tenants["acme"].keys[0].prefix == "ler_abcdefgh"

    def test_a_variable_cannot_smuggle_a_second_key(self) -> None:
        """A value with a line break stays one value."""
        assert "log.level" in refused(environ={"LER_GATEWAY_LOG_LEVEL": '"info"\nother = 1'})

    def test_what_kubernetes_adds_for_a_service_of_this_name_is_no_option(self) -> None:
        """A Service called ler-gateway does not stop the service."""
        environ = {"LER_GATEWAY_SERVICE_HOST": "10.0.0.1", "LER_GATEWAY_PORT_8080_TCP_ADDR": "10.0.0.1"}

        assert load(environ=environ) == load()

    def test_the_variable_that_names_the_file_is_no_option(self) -> None:
        """LER_GATEWAY_CONFIG is read by the command line."""
        assert load(environ={"LER_GATEWAY_CONFIG": "/etc/gateway.toml"}) == load()

    def test_a_missing_or_malformed_file_is_refused(self, tmp_path: Path) -> None:
        """The reason names the file."""
        missing, malformed = tmp_path / "missing.toml", tmp_path / "malformed.toml"
        malformed.write_text("[server\n")

        assert refused(path=missing).startswith(str(missing))
        assert refused(path=malformed).startswith(str(malformed))


class TestErrors:
    """What is wrong is told, all at once."""

    def test_all_errors_are_told_at_once(self) -> None:
        """One start shows every mistake."""
        reasons = refused(flags={"server.port": 70000, "limits.burst": 0}, environ={"LER_GATEWAY_NOTHING": "1"})

        assert len(reasons.splitlines()) == 3

    @pytest.mark.parametrize(
        ("flag", "hint"),
        [
            ({"server.prot": 1}, "'port'"),
            ({"serve": {}}, "'server'"),
            ({"trust.a.urll": ""}, "'url'"),
            ({"tenants.a.polices": []}, "'policies'"),
            ({"tenants.a.limits.brst": 1}, "'burst'"),
            ({"tenants.a.keys": [{**KEY, "expire": 1}]}, "'expires'"),
        ],
    )
    def test_an_unknown_key_is_refused_with_the_likely_one(self, flag: dict[str, Any], hint: str) -> None:
        """A misspelt option never stays without effect."""
        reasons = refused(flags=flag)

        assert f"there is no such key; did you mean {hint}?" in reasons

    def test_an_unknown_variable_is_refused_with_the_likely_one(self) -> None:
        """A misspelt variable never stays without effect."""
        assert "did you mean 'LER_GATEWAY_SERVER_PORT'?" in refused(environ={"LER_GATEWAY_SERVER_PROT": "1"})

    def test_T58_a_key_pasted_for_its_hash_is_not_repeated(self) -> None:
        """Errors about keys quote no value."""
        secret = "ler_abcdefgh_this-is-the-key-itself"

        assert secret not in refused(flags={"tenants.a.keys": [{**KEY, "sha256": secret}]})


class TestSafety:
    """What is well-formed and refused all the same."""

    def test_T21_nesting_has_an_end_that_no_operator_moves(self) -> None:
        """What walks documents recurses, so the limit may be set lower, and not higher."""
        assert load(flags={"server.max_json_depth": 20}).server.max_json_depth == 20
        assert "max_json_depth" in refused(flags={"server.max_json_depth": 65})

    def test_development_hosts_are_refused_in_production(self) -> None:
        """The guarded door stays shut in production."""
        hosts = {"issuer.example": "http://127.0.0.1:9900"}

        assert "production" in refused(flags={"development.hosts": hosts})
        assert load(flags={"development.hosts": hosts, "environment": "development"}).development.hosts == hosts

    @pytest.mark.parametrize(
        "origin",
        ["http://10.0.0.1:80", "https://127.0.0.1", "http://127.0.0.1.example", "http://127.0.0.1@x:1", "nonsense"],
    )
    def test_development_hosts_lead_to_loopback_only(self, origin: str) -> None:
        """Even in development no other machine stands in for an issuer."""
        assert "no loopback origin" in refused(
            flags={"environment": "development", "development.hosts": {"issuer.example": origin}}
        )

    @pytest.mark.parametrize(
        "table",
        [
            {"without_chain": ["pkh"]},
            {"without_chain": ["web"]},
            {"universal": {"url": "http://resolver.example"}},
            {"universal": {"url": "https://resolver example"}},
            {"universal": {"methods": ["did:ion"]}},
            {"universal": {"methods": ["*"]}},
        ],
    )
    def test_what_is_no_way_to_resolve_dids_is_refused(self, table: dict[str, Any]) -> None:
        """Only methods with a chain do without one; a third party is named by https, its methods one by one."""
        assert "did." in refused(flags={"did": table})

    @pytest.mark.parametrize("field", ["server.host", "server.operations_host"])
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "gateway.example"])  # noqa: S104 — what is refused
    def test_without_tenants_only_loopback_is_served(self, field: str, host: str) -> None:
        """Nobody is served without a key but this machine."""
        assert "without tenants" in refused(flags={field: host})
        assert load(flags={field: host, "tenants.a.keys": [KEY]}).tenants

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
    def test_loopback_addresses_are_known(self, host: str) -> None:
        """Every spelling of this machine is one."""
        assert is_loopback(host)

    def test_a_tenant_has_a_key(self) -> None:
        """A tenant without keys could be nobody, or everybody."""
        assert "tenants.a.keys" in refused(flags={"tenants.a.keys": []})

    def test_a_key_prefix_is_used_once(self) -> None:
        """A prefix names one tenant."""
        assert "used twice" in refused(flags={"tenants.a.keys": [KEY], "tenants.b.keys": [KEY]})

    def test_a_key_without_time_zone_of_its_end_is_refused(self) -> None:
        """An expiry is an instant."""
        assert "expires" in refused(flags={"tenants.a.keys": [{**KEY, "expires": "2030-01-01T00:00:00"}]})

    def test_a_default_policy_is_visible_to_its_tenant(self) -> None:
        """A tenant is not judged by what it cannot see."""
        flags = {"tenants.a.keys": [KEY], "tenants.a.default_policy": "us-al/talent-triad@3"}

        assert "default_policy" in refused(flags={**flags, "tenants.a.policies": ["us-ca/*"]})
        assert load(flags={**flags, "tenants.a.policies": ["us-al/*"]}).tenants["a"].sees("us-al/talent-triad")


class TestDerived:
    """What is computed from the configuration."""

    def test_a_tenants_limits_lie_over_the_general_ones(self) -> None:
        """What a tenant does not say is as for all."""
        config = load(
            flags={"limits.burst": 9, "limits.max_children": 5, "tenants.a.keys": [KEY], "tenants.a.limits.burst": 7}
        )

        assert (config.tenants["a"].limits.burst, config.tenants["a"].limits.max_children) == (7, 5)

    def test_a_worker_gets_its_share_of_every_limit(self) -> None:
        """All workers together stay within what was configured, and share no cache file."""
        config = load(flags={"server.workers": 4, "fetch.per_host": 2, "tenants.a.keys": [KEY]})

        first, second = config.of_worker(0), config.of_worker(1)

        assert first.server.max_concurrent == 16
        assert first.fetch.threads == 8
        assert first.fetch.per_host == 1
        assert first.cache.memory_bytes == config.cache.memory_bytes // 4
        assert first.limits.requests_per_second == 5.0
        assert first.tenants["a"].limits.burst == 10
        assert first.tenants["a"].limits.body_bytes == config.limits.body_bytes
        assert first.cache.folder != second.cache.folder

    def test_the_only_worker_gets_everything(self) -> None:
        """One process is not divided."""
        config = load()

        assert config.of_worker(0) is config

    def test_the_fetchers_limits_are_those_of_the_fetcher(self) -> None:
        """Names and defaults agree with the fetcher's own."""
        assert load().fetch_limits == FetchLimits()
        own = {field.name for field in dataclasses.fields(FetchLimits)}
        assert own - {"disk_bytes"} == Fetch.model_fields.keys() - {"ports"}

    def test_trust_sources_carry_their_id(self) -> None:
        """The id under which a source is configured is the one that policies name."""
        config = load(flags={"trust.members": {"kind": "dcc_legacy", "url": "https://r.example/l", "tier": "member"}})

        (source,) = config.trust_sources

        assert (source.id, source.kind, source.tier, source.key) == ("members", "dcc_legacy", "member", None)


class TestTrustSources:
    """What each kind of trust source needs is asked for when the file is read."""

    @pytest.mark.parametrize(
        ("table", "reason"),
        [
            ({"kind": "signed_list", "url": "https://r.example"}, "trust.a.key: the kind 'signed_list' cannot ask"),
            ({"kind": "dcc_legacy"}, "trust.a.url: the kind 'dcc_legacy' cannot ask without it"),
            ({"kind": "trqp", "url": "https://r.example"}, "trust.a.authority: the kind 'trqp' cannot ask"),
            ({"kind": "x509_anchors"}, "trust.a.path: the kind 'x509_anchors' cannot ask without it"),
            ({"kind": "x509_anchors", "path": "/nowhere"}, "trust.a.path: there is nothing at /nowhere"),
            ({"kind": "ctdl", "path": "/"}, "trust.a.path: the kind 'ctdl' has no use for it"),
            ({"kind": "ctdl", "anchor": "https://r.example"}, "trust.a.anchor: `key` has to be the key"),
            ({"kind": "ctdl", "anchor": "r.example", "key": JWK}, "trust.a.anchor: 'r.example' is no https address"),
            ({"kind": "dcc_legacy", "url": "http://r.example"}, "trust.a.url: 'http://r.example' is no https address"),
            ({"kind": "oidf_did", "url": "https://r.example", "key": {**JWK, "d": "AA"}}, "private or symmetric key"),
            ({"kind": "dcc_known_registries", "url": "https://r.example", "keys": {"b": {}}}, "trust.a.keys.b: "),
            (
                {"kind": "dcc_known_registries", "url": "https://r.example", "assurance": "AL3"},
                "trust.a.assurance: without tiers anybody whom the list adds would have it",
            ),
            (
                {"kind": "did_configuration", "tier": "member"},
                "trust.a.tier: the kind 'did_configuration' has no use for it",
            ),
            ({"kind": "dcc_legacy", "url": "https://r.example", "tier": "gold"}, "trust.a.tier: "),
            ({"kind": "dcc_legacy", "url": "https://r.example", "assurance": "AL9"}, "trust.a.assurance: "),
        ],
    )
    def test_what_its_kind_cannot_use_is_refused(self, table: dict[str, Any], reason: str) -> None:
        """A source that could only ever answer unknown never starts; the key itself is not repeated."""
        reasons = refused(flags={"trust.a": table})

        assert reason in reasons
        assert JWK["x"] not in reasons

    def test_the_issuers_own_domain_is_no_configured_source(self) -> None:
        """The id by which policies mean it cannot be taken over by another source."""
        table = {"kind": "dcc_legacy", "url": "https://r.example"}

        assert "trust.domain-linkage: " in refused(flags={"trust.domain-linkage": table})

    def test_each_source_of_the_example_is_one_that_its_kind_can_use(self, tmp_path: Path) -> None:
        """Every table of deploy/gateway.toml is complete, and every kind has one."""
        tree = tomllib.loads(re.sub(r"^#(?=[a-z_\[])", "", EXAMPLE.read_text(), flags=re.MULTILINE))
        tables = {
            name: {**table, **({"path": tmp_path} if "path" in table else {})} for name, table in tree["trust"].items()
        }

        kinds = {source.kind for source in load(flags={"trust": tables}).trust_sources}

        everything = registry.scan(resolvers.trust, TrustSource, lambda plugin: (plugin.kind,))
        assert kinds == everything.keys() - {"did_configuration"}


class TestExampleFile:
    """deploy/gateway.toml, which operators start from."""

    def test_as_it_is_it_changes_nothing(self) -> None:
        """Everything in it is commented out."""
        assert load(EXAMPLE) == load()

    def test_every_option_is_listed_with_its_default(self) -> None:
        """An option that is not in the file, or has another default there, fails this test."""
        tree = tomllib.loads(re.sub(r"^#(?=[a-z_\[])", "", EXAMPLE.read_text(), flags=re.MULTILINE))
        listed = Config.model_validate({**tree, "environment": "development"})
        defaults = load()

        for where in fields():
            assert at(tree, where) is not None, f"{'.'.join(where)} is not listed"
            if where[0] not in {"trust", "tenants", "development"} and at(defaults, where) is not None:
                unset = where == ("cache", "folder")  # the default is the user's own
                assert unset or at(defaults, where) == at(listed, where) or where == ("environment",)
        assert Trust.model_fields.keys() == {option for table in tree["trust"].values() for option in table}
        assert Tenant.model_fields.keys() == tree["tenants"]["acme"].keys()

    def test_every_option_is_explained_as_in_the_source(self) -> None:
        """The reasons in the file are the reasons in the code."""
        prose = re.sub(r"\n# ?", " ", EXAMPLE.read_text())

        for text in explanations(Config):
            assert text in prose

    def test_every_limit_says_why(self) -> None:
        """Each field of each table has a docstring."""
        for table in (Limits, Fetch, Tenant, Trust):
            assert all(info.description for info in table.model_fields.values())


def at(tree: Any, where: tuple[str, ...]) -> Any:
    """Return what lies there in nested dicts or models; None if there is nothing."""
    for name in where:
        tree = tree.get(name) if isinstance(tree, dict) else getattr(tree, name)
        if tree is None:
            return None
    return tree


def explanations(table: type[BaseModel]) -> Iterator[str]:
    """Yield the docstring of every field, on one line."""
    for info in table.model_fields.values():
        if info.description is not None:
            yield " ".join(info.description.split())
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from explanations(info.annotation)
