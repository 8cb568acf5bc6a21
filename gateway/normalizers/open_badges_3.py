"""Open Badges 3.0: one achievement, on either version of the credential data model.

https://www.imsglobal.org/spec/ob/v3p0/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.normalizers._subject import ACHIEVEMENT_SUBJECT, read_record
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from gateway.model import Record, Unverified, Verified


def normalize(credential: Verified | Unverified) -> Record:
    """Read an OpenBadgeCredential, which is the same as an AchievementCredential."""
    return read_record(credential, ACHIEVEMENT_SUBJECT)


PLUGIN: Final = Normalizer(
    name="open_badges_3", types=("OpenBadgeCredential", "AchievementCredential"), normalize=normalize
)
