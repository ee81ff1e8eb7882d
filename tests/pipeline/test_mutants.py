"""A thousand broken shot folders: each is refused with a named field, or done; no crash, no hang, nothing else touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

MUTANTS = 1000
SECONDS_WITHOUT_A_WORD = 900
"""A guard against a hang, not a measure of speed."""


def test_a_thousand_mutants(tmp_path: Path) -> None:
    script = Path(__file__).with_name("mutants.py")
    command = [sys.executable, str(script), "0", str(MUTANTS), str(tmp_path / "scratch")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, script.parents[1:3]))}
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS_WITHOUT_A_WORD, check=False, env=environment
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    fates = [line for line in lines if "outcome" in line]
    assert run.returncode == 0, f"died after {lines[-1]}: {run.stderr[-2000:]}"
    assert len(fates) == MUTANTS
    for fate in fates:
        assert fate["outcome"] == "done" or fate["field"], fate
        assert fate["left"] == ["outside/secret.txt"], fate
    refused = [fate for fate in fates if fate["outcome"] == "refused"]
    print(f"{len(refused)} refused, {len(fates) - len(refused)} done")
    assert len(refused) > MUTANTS / 3
    assert len(fates) - len(refused) > MUTANTS / 50
    assert (tmp_path / "scratch" / "outside" / "secret.txt").read_text() == "secret"
