"""The library that looks at pictures is told not to report to its makers before it is imported: later it does not listen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import os, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print("told", os.environ.get("ORT_DISABLE_TELEMETRY"))
        return None
sys.meta_path.insert(0, Watch())
import numpy as np
from engine.trust.moderation.pictures import chance
print(chance(np.full((32, 32, 3), 128, np.uint8)) < 0.5)
"""


def test_it_is_told_before_its_import() -> None:
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", CODE], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["told", "1", "True"]
