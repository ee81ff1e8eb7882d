"""The library that looks at pictures is told not to report to its makers before it is imported: later it does not listen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FIRST = ("from engine.trust.moderation.pictures import chance", "import engine.backends.protocol, diffusers.pipelines")
"""Whichever comes first."""
CODE = """
import os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print("told", os.environ.get("ORT_DISABLE_TELEMETRY"))
        return None
sys.meta_path.insert(0, Watch())
exec(sys.argv[1])
import numpy as np
from engine.trust.moderation.pictures import chance
print(chance(np.full((32, 32, 3), 128, np.uint8)) < 0.5)
"""


@pytest.mark.parametrize("first", FIRST)
def test_it_is_told_before_its_import(first: str) -> None:
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", CODE, first], cwd=root, capture_output=True, text=True, check=True)
    assert set(run.stdout.split("\n")) == {"told 1", "True", ""}
