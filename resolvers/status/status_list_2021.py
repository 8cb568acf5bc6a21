"""`StatusList2021Entry`: Status List 2021 (W3C Credentials Community Group), what Bitstring Status List grew out of."""

from __future__ import annotations

from functools import partial
from typing import Final

from resolvers.model import StatusMethod
from resolvers.status import _bitstring

PLUGIN: Final = StatusMethod(
    name="StatusList2021Entry",
    check=partial(_bitstring.check, entry_type="StatusList2021Entry", list_type="StatusList2021"),
)
