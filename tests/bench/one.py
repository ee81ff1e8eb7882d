"""Measures one row in this process and prints its lines as JSON, last: ``python -m tests.bench.one NAME``."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from .line import NotMeasured
from .registry import ROWS

TESTS = Path(__file__).resolve().parents[1]


def main() -> int:
    # Made shots and clips and the stand-in of Blender, as conftest.py lets tests find them.
    sys.path[:0] = [str(TESTS), str(TESTS / "measure"), str(TESTS / "server")]
    try:
        lines = importlib.import_module(ROWS[sys.argv[1]]).lines()
    except NotMeasured as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps([asdict(line) for line in lines]), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
