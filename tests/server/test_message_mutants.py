"""Broken messages: each is answered or refused with a named field; no crash, no hang, memory flat."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from mutant_messages import resident, send_mutants
from stand_in import StandIn

MUTANTS = 2000
"""Ten thousand of them are the benchmark's."""


def test_mutants(blender: StandIn, tmp_path: Path) -> None:
    fates = send_mutants(blender, tmp_path, MUTANTS, seed=20)
    assert (fates.nameless, fates.unanswered) == (0, 0)
    assert fates.refused > MUTANTS / 3
    assert fates.answered > MUTANTS / 50
    assert fates.grown < 16 * 2**20
    assert blender.call("list", most=1)["jobs"]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_blender_that_reads_nothing_costs_no_memory(tmp_path: Path) -> None:
    with StandIn(tmp_path / "home") as blender:
        before = resident(blender.engine.pid)
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "sing" * 1000, "params": {}}).encode()
        for _ in range(5000):
            blender.send(line)
        blender.call("list")
        assert resident(blender.engine.pid) - before < 32 * 2**20
