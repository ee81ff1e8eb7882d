"""What Blender's sequencer renders is signed again by the real engine, and Verify says so in a text."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from takes_for_tests import make_take  # noqa: E402

import sora_addon  # noqa: E402
from sora_addon import compat  # noqa: E402
from sora_addon.client.engine import NoEngine, engine_python  # noqa: E402
from sora_addon.contract import Time  # noqa: E402
from sora_addon.sequencer import (  # noqa: E402
    lay,
    render_sequence,
    signing,
)
from sora_addon.ui.operators_trust import PAGE  # noqa: E402

pytestmark = pytest.mark.bpy


@pytest.fixture
def cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, list[str]]]:
    """A scene with two takes of two shots in its timeline, and their ids."""
    try:
        engine_python()
    except NoEngine as missing:
        pytest.skip(str(missing))
    if not compat.has_audio():
        pytest.skip("this bpy was built without Audaspace")
    monkeypatch.setenv("SORA_HOME", str(tmp_path / "home"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sora_addon.register()
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 24, 1.0
    takes = []
    for number in range(2):
        time = Time((24, 1), 1 + 6 * number, 6 + 6 * number)
        takes.append(make_take(tmp_path / f"take{number}", time=time, shot=str(uuid.uuid4())).id)
        lay(scene, tmp_path / f"take{number}", None, "standard")
    scene.frame_start, scene.frame_end = 1, 12
    scene.render.resolution_x, scene.render.resolution_y = 64, 32
    yield scene, takes
    sora_addon.unregister()


def test_a_render_is_signed_with_its_takes(cut: tuple[Any, list[str]], tmp_path: Path) -> None:
    scene, takes = cut
    film = tmp_path / "film.mp4"
    assert render_sequence(scene, film) == 12
    assert signing.last_word == "signed"
    assert bpy.ops.sora.verify(filepath=str(film)) == {"FINISHED"}
    page = bpy.data.texts[PAGE].as_string()
    assert "intact" in page
    assert page.count("contains clip.mp4") == 2
    assert all(take in page for take in takes)


def test_listening_twice_signs_once(cut: tuple[Any, list[str]], tmp_path: Path) -> None:
    scene, takes = cut
    signing.start()
    render_sequence(scene, tmp_path / "film.mp4")
    assert signing.verify(tmp_path / "film.mp4")[0].count("contains clip.mp4") == len(takes)
    assert bpy.app.handlers.render_complete.count(signing._ends) == 1


def test_the_operator_signs_what_was_not(cut: tuple[Any, list[str]], tmp_path: Path) -> None:
    scene, _ = cut
    signing.stop()
    film = tmp_path / "film.mp4"
    render_sequence(scene, film)
    assert "no credentials" in signing.verify(film)[0]
    assert bpy.ops.sora.sign_sequence(filepath=str(film)) == {"FINISHED"}
    assert "intact" in signing.verify(film)[0]
    with pytest.raises(RuntimeError, match="is not there"):
        bpy.ops.sora.sign_sequence(filepath=str(tmp_path / "none.mp4"))


def test_a_tampered_take_is_signed_with_only_where_it_is_accepted(cut: tuple[Any, list[str]], tmp_path: Path) -> None:
    scene, _ = cut
    signing.stop()
    film, clip = tmp_path / "film.mp4", tmp_path / "take0" / "clip.mp4"
    render_sequence(scene, film)
    assert signing.sign([clip], [tmp_path / "take1"]) == ""
    data = bytearray(clip.read_bytes())
    data[data.find(b"mdat") + 50] ^= 1
    clip.write_bytes(data)
    with pytest.raises(RuntimeError, match="is tampered"):
        bpy.ops.sora.sign_sequence(filepath=str(film))
    assert "no credentials" in signing.verify(film)[0]
    assert bpy.ops.sora.sign_sequence(filepath=str(film), accept=True) == {"FINISHED"}
    assert "NOT INTACT when it was used (assertion.bmffHash.mismatch)" in signing.verify(film)[0]
