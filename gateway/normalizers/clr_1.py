"""Comprehensive Learner Record 1.0: the assertions of one publisher, and signed ones of others."""

from __future__ import annotations

from typing import Final

from gateway.normalizers._clr_1 import read_clr
from gateway.plugins import Normalizer

PLUGIN: Final = Normalizer(name="clr_1", types=("Clr",), normalize=read_clr)
