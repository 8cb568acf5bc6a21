"""What is shipped for containers: the compose file works with the configuration, and holds no key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from gateway.config import fields, load

ROOT = Path(__file__).resolve().parents[2]
HASH = {"API_KEY": "ler_x", "API_KEY_PREFIX": "ler_abcdefgh", "API_KEY_SHA256": "0" * 64}
HASH["API_KEY_EXPIRES"] = "2030-01-01T00:00:00Z"


def compose(environment: dict[str, str]) -> Any:
    """Return the compose file as docker compose reads it with those variables."""
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\$\{(\w+)(:\?[^}]*)?}", lambda match: environment[match[1]], text))


def test_the_compose_file_configures_the_service() -> None:
    """Its variables are options, and the hash from the environment makes a tenant."""
    environment = {name: str(value) for name, value in compose(HASH)["services"]["gateway"]["environment"].items()}

    config = load(environ=environment, flags={"server.host": "0.0.0.0"})  # noqa: S104 — as the image listens

    (tenant,) = config.tenants.values()
    assert tenant.keys[0].sha256 == HASH["API_KEY_SHA256"]
    assert tenant.metrics
    assert config.server.operations_host == "0.0.0.0"  # noqa: S104 — inside the container


def test_the_compose_file_ships_no_key() -> None:
    """Every part of the key comes from the environment, and without it nothing starts."""
    text = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")

    assert not re.search(r"[0-9a-f]{64}|ler_[a-z2-7]{8}", text)
    assert re.findall(r"\$\{(API_KEY_\w+):\?", text) == ["API_KEY_PREFIX", "API_KEY_SHA256", "API_KEY_EXPIRES"]


def test_containers_have_as_few_rights_as_they_need() -> None:
    """No root, no root file system to write to, no capabilities."""
    for container in compose(HASH)["services"].values():
        assert container["read_only"] is True
        assert container["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in container["security_opt"]
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert len(re.findall(r"^FROM ", image, re.MULTILINE)) == 2
    assert re.search(r"^USER 10001:10001$", image, re.MULTILINE)


def test_the_image_has_what_it_is_built_from() -> None:
    """What the Dockerfile copies is there, and let through by .dockerignore; its variables are options."""
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [name for line in re.findall(r"^COPY (?!--)(.*) \S+$", image, re.MULTILINE) for name in line.split()]
    variables = {f"LER_GATEWAY_{'_'.join(where).upper()}" for where in fields()}

    assert copied
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored
    assert set(re.findall(r"LER_GATEWAY_\w+", image)) <= variables


def test_prometheus_reads_the_operations_address_with_a_key() -> None:
    """It asks where the compose file has the gateway listen."""
    scrape = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"][0]
    services = compose(HASH)["services"]

    assert scrape["static_configs"][0]["targets"] == [f"gateway:{load().server.operations_port}"]
    assert scrape["authorization"]["credentials_file"] == f"/run/secrets/{services['prometheus']['secrets'][0]}"
