"""Open Badges 1.0 to 2.1, signed: a JWS whose payload is the assertion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.formats import _signed_record
from gateway.formats._linked_record import check_shape, is_assertion
from gateway.plugins import Format, KeySource, Securing

if TYPE_CHECKING:
    from gateway.model import Presented, Secured


def _recognize(presented: Presented) -> bool:
    return _signed_record.is_token_of(presented, is_assertion)


def _parse(presented: Presented) -> Secured:
    return _signed_record.parse(presented, PLUGIN)


PLUGIN: Final = Format(
    name="open-badges-2",
    media_types=("application/vnd.open-badges-2+jwt",),
    recognize=_recognize,
    parse=_parse,
    verify=_signed_record.verify,
    structure=check_shape,
    title="Open Badges 2.0 and 2.1, signed",
    secured_by=Securing.JOSE,
    keys=(KeySource.HTTPS,),
    statuses=("OpenBadgesRevocationList",),
)
