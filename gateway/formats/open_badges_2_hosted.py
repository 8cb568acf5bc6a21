"""Open Badges 1.0 to 2.1, hosted: proven by where it is, and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.formats import _hosted
from gateway.formats._linked_record import check_shape, completed, is_assertion
from gateway.model import Presented, Secured
from gateway.plugins import Format, Securing
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from gateway.model import Proven
    from gateway.plugins import ProofTools


def _recognize(presented: Presented) -> bool:
    return is_assertion(presented.content)


def _parse(presented: Presented) -> Secured:
    content = presented.content
    if not isinstance(content, dict) or not _recognize(presented):
        raise Invalid("PARSING_ERROR", "not a hosted record")
    return Secured(format=PLUGIN, vcdm=None, document=completed(content))


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    return await _hosted.verify(secured, tools, is_assertion)


PLUGIN: Final = Format(
    name="open-badges-2-hosted",
    media_types=("application/vnd.open-badges-2+json",),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    structure=check_shape,
    title="Open Badges 1.0 to 2.1, hosted",
    secured_by=Securing.ORIGIN,
    statuses=("OpenBadgesHostedRecord",),
)
