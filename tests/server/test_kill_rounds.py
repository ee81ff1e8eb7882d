"""Some rounds of ``kill_rounds``; the full 200 are for a quiet machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from kill_rounds import MOMENTS, VICTIMS, Rounds

SOME = (1, 5, 12, 18, 24, 27)
"""Numbers of rounds: each victim, and moments from the start to the end."""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are waited for by pidfd")
def test_no_job_is_lost_and_none_falsely_done(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path, seed=3)
    found = [rounds.run(number) for number in SOME]
    assert {this.victim for this in found} == set(VICTIMS)
    assert len({this.moment for this in found}) >= len(MOMENTS) - 2
    assert "interrupted" in {this.found for this in found}
