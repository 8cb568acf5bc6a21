"""Comprehensive Learner Record 1.0, signed: a JWS whose payload is the record, or one assertion of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.formats import _signed_record
from gateway.formats._linked_record import check_shape, is_clr
from gateway.plugins import Format, KeySource, Securing

if TYPE_CHECKING:
    from gateway.model import Presented, Secured


def _recognize(presented: Presented) -> bool:
    return _signed_record.is_token_of(presented, is_clr)


def _parse(presented: Presented) -> Secured:
    return _signed_record.parse(presented, PLUGIN)


PLUGIN: Final = Format(
    name="clr-1",
    media_types=("application/vnd.clr-1+jwt",),
    recognize=_recognize,
    parse=_parse,
    verify=_signed_record.verify,
    structure=check_shape,
    title="CLR 1.0, signed",
    secured_by=Securing.JOSE,
    keys=(KeySource.HTTPS,),
    statuses=("OpenBadgesRevocationList",),
)
