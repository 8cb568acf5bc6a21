"""Where third-party vectors lie: beside the project, never in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
"""The folder with `vectors` and `contexts`; tests that read it carry the marker `shared`."""


def vector(path: str) -> Any:
    """Return the parsed JSON of a vector, by its path under `vectors`."""
    return json.loads((SHARED / "vectors" / path).read_text(encoding="utf-8"))
