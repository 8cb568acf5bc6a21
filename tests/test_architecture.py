"""The house keeps its shape: who may import what, who may make what, and that no threat is left without a test."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for name in ("gateway", "resolvers", "policies") for path in (ROOT / name).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _importers(*modules: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        for name in _imports(path)
        if any(name == module or name.startswith(f"{module}.") for module in modules)
    }


def test_only_the_service_imports_the_web_framework() -> None:
    """`aiohttp.web` is imported by the composition root, the API, the server and the demonstration only."""
    allowed = {"gateway/app.py", "gateway/server.py"}
    strays = {
        p for p in _importers("aiohttp") if p not in allowed and not p.startswith(("gateway/api/", "gateway/demo/"))
    }
    assert strays == set()


def test_one_door_to_the_network() -> None:
    """Only the fetcher and its private parts open connections or import the HTTP cache."""
    door = {"resolvers/fetch.py"} | {p.relative_to(ROOT).as_posix() for p in (ROOT / "resolvers").glob("_*.py")}
    assert _importers("requests", "requests_cache", "urllib3", "http.client", "urllib.request") <= door


def test_only_one_module_imports_didkit() -> None:
    """The didkit library opens sockets of its own, so one module guards it."""
    assert _importers("didkit") <= {"gateway/cryptosuites/_didkit.py"}


@pytest.mark.parametrize(
    "folder",
    [
        "gateway/containers",
        "gateway/cryptosuites",
        "gateway/formats",
        "gateway/normalizers",
        "gateway/projections",
        "resolvers/did",
        "resolvers/status",
        "resolvers/trust",
    ],
)
def test_plugins_of_a_folder_do_not_import_one_another(folder: str) -> None:
    """A plugin imports at most the private modules of its folder."""
    package = folder.replace("/", ".")
    strays = [
        (path.name, name)
        for path in sorted((ROOT / folder).glob("*.py"))
        for name in _imports(path)
        if name.startswith(f"{package}.") and not name.removeprefix(f"{package}.").startswith("_")
    ]
    assert strays == []


def test_only_the_proof_step_makes_verified_credentials() -> None:
    """`Verified` is called in `gateway/proof.py` and nowhere else in the program."""
    makers = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Verified"
    }
    assert makers == {"gateway/proof.py"}


def test_nothing_unpickles() -> None:
    """No module imports pickle or its relatives: whatever is read back from disk or a pipe is JSON."""
    assert _importers("pickle", "marshal", "shelve", "dill", "cloudpickle") == set()


def _threats() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = tomllib.loads((ROOT / "tests" / "threats.toml").read_text(encoding="utf-8"))
    return table


def test_every_threat_names_tests_that_exist_or_what_it_waits_for() -> None:
    """`threats.toml` maps each threat to test functions that exist, or says what has to be built first."""
    existing = {name for path in TESTS for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
    for threat, entry in _threats().items():
        assert set(entry) in ({"tests"}, {"waits_for"}, {"tests", "waits_for"}), threat
        names = entry.get("tests", [])
        assert isinstance(names, list)
        assert entry.get("waits_for") or names, threat
        assert [name for name in names if name not in existing] == [], threat


def test_every_named_threat_test_is_listed() -> None:
    """A test that names a threat stands in `threats.toml` under that threat."""
    listed = {(threat, name) for threat, entry in _threats().items() for name in entry.get("tests", [])}
    named = {
        (match[1], match[0])
        for path in TESTS
        for match in re.finditer(r"test_(T\d+)_\w+", path.read_text(encoding="utf-8"))
    }
    assert named - listed == set()


@pytest.mark.shared
def test_every_threat_of_the_design_is_covered() -> None:
    """No threat of the design page is missing from `threats.toml`."""
    page = (SHARED / "design" / "threats.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\|(T\d+)\|", page, re.MULTILINE)) == set(_threats())
