"""A JSON array: several records in one body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.model import Presented
from gateway.plugins import Container
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from gateway.plugins import ContainerTools


def _recognize(presented: Presented) -> bool:
    return isinstance(presented.content, list)


async def _open(presented: Presented, tools: ContainerTools) -> tuple[Presented, ...]:
    del tools
    items = presented.content
    if not isinstance(items, list):
        raise Invalid("container-malformed", "not a JSON array")
    for index, item in enumerate(items):
        if not isinstance(item, (dict, str)):
            raise Invalid("container-malformed", "a record is an object or a text", pointer=f"/{index}")
    return tuple([Presented(content=item) for item in items])


PLUGIN: Final = Container(name="json-array", media_types=(), recognize=_recognize, open=_open)
