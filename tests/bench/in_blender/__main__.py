"""``in_blender VERB ARGUMENTS``: measures one thing with bpy and prints the answer as JSON after RESULT, last.

Run by .venv's Python, or by a real Blender as a script.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VERBS = {
    "contacts": "all_contacts",
    "shots": "all_shots",
    "strips": "strips",
    "closed_form": "closed_form_shot",
    "export": "busy_shot",
    "cycles": "by_cycles",
}
"""Module by verb; each has ``main(*arguments)``."""


def main() -> None:
    arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    answer = importlib.import_module(f"tests.bench.in_blender.{VERBS[arguments[0]]}").main(*arguments[1:])
    print("\nRESULT " + json.dumps(answer), flush=True)


main()
