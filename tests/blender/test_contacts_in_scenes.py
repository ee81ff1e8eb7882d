"""The contacts of the catalogue's scenes, through the real exporter, against what analysis and Bullet's own steps say."""

from __future__ import annotations

from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

from tests.bench.in_blender.judge import judge  # noqa: E402
from tests.bench.in_blender.scenes import build, export  # noqa: E402
from tests.bench.in_blender.truths import truths_of  # noqa: E402

pytestmark = pytest.mark.bpy


@pytest.mark.parametrize(
    "name",
    [
        "drop",
        "bounce",
        "two_bodies",
        "keyed",
        "stack",
        "slide",
        "roll",
        "hinge",
        "walk",
        "rain",
        "nothing_meets",
        "demo",
    ],
)
def test_contacts(name: str, tmp_path: Path) -> None:
    """Each in time (5 ms; 1 ms where keyed) and as fast as it is, and none that is not."""
    happenings = build(name)
    shot = export(tmp_path / "shot", passes=False)
    verdicts = judge(name, shot, truths_of(name, happenings))
    assert bool(verdicts) == (name != "nothing_meets")
    wrong = [str(one) for one in verdicts if not one.holds]
    wrong += [f"{one} (speed)" for one in verdicts if not one.speed_holds]
    assert not wrong, "\n".join(wrong)
