"""Active contexts of made-up contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.canonical.context import ContextCompiler

if TYPE_CHECKING:
    from gateway.canonical.context import ActiveContext


def compiled(**contexts: Any) -> ActiveContext:
    """Return the active context of the made-up contexts `contexts`, applied in order."""
    texts = {f"https://contexts.example/{name}": {"@context": context} for name, context in contexts.items()}
    return ContextCompiler(texts.__getitem__).initial.with_local(list(texts))
