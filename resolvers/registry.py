"""Plugins: one module of a folder is one plugin, found once at start-up.

Each module ends in one typed constant `PLUGIN`. A module whose name begins with an underscore is
no plugin; the plugins of its folder may import it.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

P = TypeVar("P")


class PluginError(RuntimeError):
    """A plugin folder is not in order; the service must not start."""


def scan(package: ModuleType, kind: type[P], keys: Callable[[P], tuple[str, ...]]) -> Mapping[str, P]:
    """Return the plugins of `package` by key, in the order of their module names.

    Raises:
        PluginError: a module has no `PLUGIN` of type `kind`, or two plugins claim one key.
    """
    found: dict[str, P] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        if name.startswith("_"):
            continue
        path = f"{package.__name__}.{name}"
        plugin = getattr(importlib.import_module(path), "PLUGIN", None)
        if not isinstance(plugin, kind):
            message = f"{path} has no PLUGIN of type {kind.__name__}"
            raise PluginError(message)
        for key in keys(plugin):
            if key in found:
                message = f"{path} claims {key!r}, which another plugin of {package.__name__} has"
                raise PluginError(message)
            found[key] = plugin
    return MappingProxyType(found)


def file_of(package: ModuleType, plugin: object) -> str:
    """Return the file of a plugin that `scan` found, relative to the distribution, such as `resolvers/did/web.py`."""
    for module in pkgutil.iter_modules(package.__path__):
        path = f"{package.__name__}.{module.name}"
        if not module.name.startswith("_") and importlib.import_module(path).PLUGIN is plugin:
            return path.replace(".", "/") + ".py"
    message = f"{package.__name__} has no such plugin"
    raise PluginError(message)
