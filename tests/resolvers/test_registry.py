"""Plugins are found once, by their own keys, and a folder that is not in order stops the start."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from resolvers import registry

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


@dataclass(frozen=True)
class Toy:
    """A plugin of this test."""

    name: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package `toys` on the import path."""
    package = tmp_path / "toys"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "toys"]:
        monkeypatch.delitem(sys.modules, name)
    return package


def toy(folder: Path, module: str, name: str) -> None:
    """Write a plugin module."""
    text = f"from tests.resolvers.test_registry import Toy\nPLUGIN = Toy({name!r})\n"
    (folder / f"{module}.py").write_text(text)


def package() -> ModuleType:
    """Import the package of toys."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "toys"]:
        del sys.modules[name]
    importlib.invalidate_caches()
    return importlib.import_module("toys")


def test_plugins_come_by_key_in_the_order_of_their_files(folder: Path) -> None:
    """Modules with a leading underscore are none, and each plugin knows its file."""
    toy(folder, "b", "ball")
    toy(folder, "a", "anchor")
    toy(folder, "_shared", "hidden")
    toys = package()
    found = registry.scan(toys, Toy, lambda plugin: (plugin.name,))
    assert list(found) == ["anchor", "ball"]
    assert registry.file_of(toys, found["ball"]) == "toys/b.py"
    with pytest.raises(registry.PluginError, match="no such plugin"):
        registry.file_of(toys, Toy("ball"))


def test_two_plugins_with_one_key_stop_the_start(folder: Path) -> None:
    """Which of two is meant is never a matter of order."""
    toy(folder, "a", "ball")
    toy(folder, "b", "ball")
    with pytest.raises(registry.PluginError, match=r"toys\.b claims 'ball'"):
        registry.scan(package(), Toy, lambda plugin: (plugin.name,))


@pytest.mark.parametrize("text", ["", "PLUGIN = None\n", "PLUGIN = 'ball'\n"])
def test_a_module_without_a_plugin_stops_the_start(folder: Path, text: str) -> None:
    """A file that was forgotten to end in PLUGIN is not skipped."""
    (folder / "a.py").write_text(text)
    with pytest.raises(registry.PluginError, match=r"toys\.a has no PLUGIN of type Toy"):
        registry.scan(package(), Toy, lambda plugin: (plugin.name,))
