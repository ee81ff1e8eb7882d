"""What is saved with Blender holds no secret: not the .blend, not the preferences, though this Blender has signed and rendered."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

from takes_for_tests import make_take  # noqa: E402

import sora_addon  # noqa: E402
from sora_addon import compat  # noqa: E402
from sora_addon.client.engine import NoEngine, engine_python  # noqa: E402
from sora_addon.contract import Time  # noqa: E402
from sora_addon.sequencer import lay, render_sequence, signing  # noqa: E402

pytestmark = pytest.mark.bpy
LONG = 40
"""Letters of a line of PEM that is the key's and not its heading."""


def test_the_key_that_signed_is_in_no_file_of_blenders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        engine_python()
    except NoEngine as missing:
        pytest.skip(str(missing))
    if not compat.has_audio():
        pytest.skip("this bpy was built without Audaspace")
    trust = tmp_path / "trust"
    monkeypatch.setenv("SORA_TRUST_HOME", str(trust))
    monkeypatch.setenv("SORA_HOME", str(tmp_path / "home"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sora_addon.register()
    try:
        scene = bpy.context.scene
        make_take(tmp_path / "take", time=Time((24, 1), 1, 6), shot=str(uuid.uuid4()))
        scene.frame_start, scene.frame_end = 1, 6
        lay(scene, tmp_path / "take", None, "standard")
        scene.render.resolution_x, scene.render.resolution_y = 64, 32
        render_sequence(scene, tmp_path / "film.mp4")
        assert signing.last_word == "signed"
        assert bpy.ops.sora.verify(filepath=str(tmp_path / "film.mp4")) == {"FINISHED"}
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"), compress=False)
    finally:
        sora_addon.unregister()
    keys = sorted(trust.rglob("*.key"))
    assert len(keys) == 2
    secrets = [
        line for key in keys for line in [part for part in key.read_bytes().splitlines() if len(part) > LONG][:2]
    ]
    assert len(secrets) == 4  # the lines after these hold the public half, which certificates hold too
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path not in keys]
    assert tmp_path / "saved.blend" in written
    assert not (tmp_path / "saved.blend").read_bytes().startswith(b"\x28\xb5\x2f\xfd")  # compressed, nothing is found
    for secret in secrets:
        assert [path for path in written if secret in path.read_bytes()] == []
