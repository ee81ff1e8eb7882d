"""The extension as a zip: what is in it, that Blender takes it, and that it goes without a trace."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

import sora_addon  # noqa: E402
from tests.build_zip import NotPackaged, build_zip, packager  # noqa: E402

pytestmark = pytest.mark.bpy

TRACES = """
import bpy, sys
def traces():
    return {name for name in dir(bpy.types) if "sora" in name.lower()} | {
        (owner.__name__, "sora") for owner in (bpy.types.Object, bpy.types.Material, bpy.types.Scene)
        if hasattr(owner, "sora")
    } | {"operator " + name for name in dir(bpy.ops.sora)}
module = "bl_ext.user_default.sora_shots"
bpy.ops.preferences.addon_enable(module=module)
there = traces()
bpy.ops.preferences.addon_disable(module=module)
print("TRACES", len(there), sorted(map(str, traces())))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """Built and found valid, as ``make zip`` does."""
    return build_zip(tmp_path_factory.mktemp("package"))


def test_the_zip_holds_the_addon_and_the_engine_and_nothing_else(package) -> None:
    names = zipfile.ZipFile(package).namelist()
    assert {name.split("/")[0] for name in names} <= {
        "__init__.py",
        "blender_manifest.toml",
        "LICENSE",
        "README.md",
        "sora_addon",
        "engine",
    }
    assert {"__init__.py", "LICENSE", "sora_addon/compat.py", "engine/__init__.py"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".partial"))]


def test_a_zip_without_its_manifest_is_refused(package, tmp_path) -> None:
    with zipfile.ZipFile(package) as whole, zipfile.ZipFile(tmp_path / "broken.zip", "w") as broken:
        for name in whole.namelist():
            if name != "blender_manifest.toml":
                broken.writestr(name, whole.read(name))
    with pytest.raises(NotPackaged, match="manifest"):
        packager("validate", str(tmp_path / "broken.zip"))


def test_registering_twice_over_leaves_no_trace() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    before = set(dir(bpy.types))
    for _ in range(2):
        sora_addon.register()
        assert bpy.context.scene.sora.view_choice == "ask"
        sora_addon.unregister()
    assert set(dir(bpy.types)) == before
    assert not hasattr(bpy.types.Scene, "sora")


def test_what_the_artist_set_is_kept_in_the_file(tmp_path) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sora_addon.register()
    try:
        thing = bpy.data.objects.new("thing", None)
        bpy.context.scene.collection.objects.link(thing)
        thing.sora.sound, thing.sora.words = "glass", "a green bottle"
        cue = bpy.context.scene.sora.cues.add()
        cue.words, cue.speaker = "wind", thing
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "kept.blend"))
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
        thing = bpy.data.objects["thing"]
        assert (thing.sora.sound, thing.sora.words) == ("glass", "a green bottle")
        assert bpy.context.scene.sora.cues[0].speaker == thing
    finally:
        sora_addon.unregister()


@pytest.mark.skipif("BLENDER" not in os.environ, reason="BLENDER does not name a Blender to install into")
def test_a_real_blender_installs_enables_and_disables_it(package, tmp_path) -> None:
    profile = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path / "profile"), "HOME": str(tmp_path)}
    blender = os.environ["BLENDER"]
    installed = subprocess.run(
        [blender, "--command", "extension", "install-file", "--repo", "user_default", "--enable", str(package)],
        env=profile,
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    checked = subprocess.run(
        [blender, "--background", "--python-exit-code", "3", "--python-expr", TRACES],
        env=profile,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    line = next(line for line in checked.stdout.splitlines() if line.startswith("TRACES"))
    count, left = line.split(maxsplit=2)[1:]
    assert int(count) > 5
    assert left == "[]"
