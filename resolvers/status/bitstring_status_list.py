"""`BitstringStatusListEntry`: Bitstring Status List 1.0 (W3C)."""

from __future__ import annotations

from functools import partial
from typing import Final

from resolvers.model import StatusMethod
from resolvers.status import _bitstring

PLUGIN: Final = StatusMethod(
    name="BitstringStatusListEntry",
    check=partial(_bitstring.check, entry_type="BitstringStatusListEntry", list_type="BitstringStatusList"),
)
