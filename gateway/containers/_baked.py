"""What baking into an image means, whatever the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model import Presented
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence


def only(payloads: Sequence[bytes]) -> tuple[Presented, ...]:
    """Return the one record of an image; nothing where there is none.

    "There MUST be no more than one" of it in a PNG, and in an SVG alike (Open Badges 2.0, Baked Badges):
    readers that pick different ones would see different badges in one image.

    Raises:
        Invalid: `container-malformed`, there are several.
    """
    if len(payloads) > 1:
        raise Invalid("container-malformed", f"{len(payloads)} records are baked into one image, instead of one")
    return tuple([Presented(content=payload) for payload in payloads])
