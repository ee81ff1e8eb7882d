"""An artist's rounds in real windows of real Blenders, with the built zip in a throw-away profile.

``BLENDER`` names the newest Blender, ``BLENDER_OLD`` an older one. Each session is one Blender from start to end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.blender.window.studio import Studio, missing_tools, screen, studio
from tests.build_zip import build_zip

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / ".venv-engine" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
BLENDERS = [os.environ[name] for name in ("BLENDER", "BLENDER_OLD") if os.environ.get(name)]

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(not BLENDERS, reason="BLENDER names no Blender"),
    pytest.mark.skipif(bool(missing_tools()), reason=f"no {', '.join(missing_tools())} on this machine"),
]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with screen() as shown:
        yield shown


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_zip(tmp_path_factory.mktemp("zip"))


@pytest.fixture(params=BLENDERS, ids=[Path(path).parent.name for path in BLENDERS])
def artist(request: pytest.FixtureRequest, extension: Path) -> Iterator[Studio]:
    with studio(request.param, extension, SORA_ENGINE_PYTHON=str(ENGINE)) as made:
        yield made


def test_a_round(artist: Studio, display: str) -> None:
    """Words, Generate, progress, strips, a second take, undo and redo. How long we hold Blender is a row of the bench."""
    seen = artist.play("round", display=display)
    assert seen["prompt"] == "a wooden box on stone, noir"
    assert seen["states after the press"][0] in ("exporting", "queued", "running")
    assert seen["first"] == ["done", ""]
    assert {kind: length for kind, length in seen["strips"].items() if kind != "META"} == {
        "MOVIE": seen["frames"],
        "SOUND": seen["frames"],
    }
    assert [kind for kind, _ in seen["contacts"]] == ["impact"]
    assert seen["overlay changes at the contact"] > 50, "rings where the box lands"
    assert seen["overlay changes at the first frame"] == 0, "it is in the air"
    assert seen["two takes"] == ["done", "done"]
    assert (seen["takes after undo"], seen["takes after redo"]) == (1, 2)
    measured = seen["stalls"].keys()
    assert {
        "tick",
        "poll",
        "generate",
        "snapshot",
        "draw SORA_PT_jobs_view",
        "draw SORA_PT_takes_sequencer",
    } <= measured


def test_troubles(artist: Studio, display: str) -> None:
    """A job cancelled, the engine killed, another file opened mid-job, the add-on off and on again."""
    seen = artist.play("troubles", display=display)
    assert (seen["cancelled"], seen["left of the cancelled"]) == ("cancelled", [])
    state, why = seen["killed"]
    assert state in ("interrupted", "unknown")
    assert why
    assert seen["after the kill"] == "done"
    assert seen["engine is another"]
    assert (seen["strips in the other file"], seen["strips in the other file at the end"]) == (0, 0)
    assert seen["takes back home"] == 2
    assert seen["left when off"] == []
    assert seen["generate is back"]
    assert seen["takes are kept"] == 2


def test_the_first_run(extension: Path, display: str) -> None:
    """From the installed zip to the first clip: three presses and some words, with the engine from the package registry."""
    with studio(BLENDERS[0], extension) as newcomer:
        seen = newcomer.play("first_run", display=display)
    assert seen["state"] == ["done", ""]
    assert seen["presses"] == ["Install Engine", "Make the Example Scene", "Generate"]
