"""Runs the JavaScript of this folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parent


def run(script: str, request: Any = None) -> Any:
    """Return what a script prints, as JSON; `request` is its standard input. Without Node the test is left out."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        if os.environ.get("INTEROP") == "required":
            pytest.fail("`npm ci` has to be run in tests/interop first")
        pytest.skip("needs Node and `npm ci` in tests/interop")
    given = json.dumps(request)
    answer = subprocess.run([node, script], cwd=FOLDER, check=True, capture_output=True, text=True, input=given)
    return json.loads(answer.stdout)
