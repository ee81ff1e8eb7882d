"""A snapshot changes nothing of the artist's, is always taken away, and is the same scene or is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
import pytest
from export_scenes import add_camera, add_cloth, bake, box_mesh, empty_scene, little_shot, save

from sora_addon.export import snapshot, snapshot_caches
from sora_addon.export.snapshot import remove_stale, take_snapshot
from sora_addon.export.snapshot_match import differences, fingerprint
from sora_addon.export.trust import trusted

pytestmark = pytest.mark.bpy


def marks() -> Any:
    scene = bpy.context.scene
    return fingerprint(scene, scene.view_layers[0])


def reopen(path: Path, trust: bool = False) -> Any:
    """What another Blender would see of a file, at the frame where it was saved."""
    bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False, use_scripts=trust)
    scene = bpy.context.scene
    scene.frame_set(scene.frame_current)
    return marks()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_copy_lies_beside_and_the_artists_file_stays(tmp_path: Path) -> None:
    scene = little_shot()
    save(tmp_path / "shot.blend")
    before = (tmp_path / "shot.blend").read_bytes()
    scene.objects["Box"].scale = (2.0, 2.0, 2.0)  # not saved, and in the copy all the same
    here = marks()
    copy = take_snapshot()
    assert copy.path.parent == tmp_path
    assert copy.beside
    assert bpy.data.filepath == str(tmp_path / "shot.blend")
    assert (tmp_path / "shot.blend").read_bytes() == before
    assert differences(here, reopen(copy.path)) == []
    copy.remove()
    assert names(tmp_path) == {"shot.blend"}


def test_never_saved_scene_goes_to_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot.tempfile, "gettempdir", lambda: str(tmp_path))
    little_shot()
    here = marks()
    copy = take_snapshot()
    assert copy.path.parent == tmp_path
    assert "never saved" in copy.notes[0]
    assert differences(here, reopen(copy.path)) == []
    copy.remove()
    assert names(tmp_path) == set()


def test_folder_that_takes_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written to the temporary folder instead, with paths that still lead to the files."""
    project, spare = tmp_path / "project", tmp_path / "spare"
    spare.mkdir()
    scene = little_shot()
    save(project / "shot.blend")
    image = bpy.data.images.new("Wall", 4, 4)
    image.use_fake_user = True
    image.filepath_raw, image.file_format = str(project / "wall.png"), "PNG"
    image.save()
    image.source, image.filepath = "FILE", "//wall.png"
    bpy.ops.wm.save_mainfile()
    monkeypatch.setattr(snapshot.tempfile, "gettempdir", lambda: str(spare))
    real = snapshot._save
    monkeypatch.setattr(
        snapshot,
        "_save",
        lambda path, original, notes: refuse(project) if path.parent == project else real(path, original, notes),
    )
    copy = take_snapshot()
    assert copy.path.parent == spare
    assert not copy.beside
    assert image.filepath == "//wall.png"
    assert scene.name in bpy.data.scenes
    reopen(copy.path)
    assert Path(bpy.path.abspath(bpy.data.images["Wall"].filepath)).resolve() == project / "wall.png"
    copy.remove()
    assert names(spare) == set()


def refuse(folder: Path) -> None:
    raise snapshot.SnapshotFailed(f"No copy of the scene can be written to {folder} (no).")


def test_cloth_baked_to_disk_stays_as_it_fell(tmp_path: Path) -> None:
    scene = empty_scene()
    cloth = add_cloth(scene)
    save(tmp_path / "flag.blend")
    cloth.modifiers["Cloth"].point_cache.use_disk_cache = True
    bake(scene, cloth)
    scene.frame_set(5)
    here = marks()
    copy = take_snapshot()
    assert snapshot_caches.cache_folder(copy.path).is_symlink()
    assert differences(here, reopen(copy.path)) == []
    snapshot_caches.take_back(copy.path)
    found = differences(here, reopen(copy.path))  # the trap itself
    assert len(found) == 1
    assert "'Cloth' has another shape" in found[0]
    copy.remove()
    assert names(tmp_path) >= {"flag.blend", "blendcache_flag"}
    assert len(list((tmp_path / "blendcache_flag").iterdir())) == 6


def test_unbaked_disk_cache_is_copied_not_linked(tmp_path: Path) -> None:
    """The copy will simulate, and must not write into the artist's files."""
    scene = empty_scene()
    cloth = add_cloth(scene)
    save(tmp_path / "flag.blend")
    cloth.modifiers["Cloth"].point_cache.use_disk_cache = True
    for frame in range(1, 4):
        scene.frame_set(frame)
    assert (tmp_path / "blendcache_flag").is_dir()
    copy = take_snapshot()
    assert snapshot_caches.cache_folder(copy.path).is_dir()
    assert not snapshot_caches.cache_folder(copy.path).is_symlink()
    copy.remove()
    assert not snapshot_caches.cache_folder(copy.path).exists()
    assert (tmp_path / "blendcache_flag").is_dir()


def test_driver_of_the_artists_session_is_seen_to_be_missing(tmp_path: Path) -> None:
    scene = empty_scene()
    camera = add_camera(scene)
    bpy.app.driver_namespace["where"] = lambda x: float(x)
    camera.driver_add("location", 0).driver.expression = "where(2)"
    scene.frame_set(1)
    save(tmp_path / "driven.blend")
    here = marks()
    assert here.objects["Camera"].matrix[3] == pytest.approx(2.0)
    assert trusted(scene.view_layers[0])
    copy = take_snapshot()
    found = differences(here, reopen(copy.path, trust=False))
    assert found == ["the camera 'Camera' stands 2 away, at (0.000, -6.000, 1.000) instead of (2.000, -6.000, 1.000)"]
    assert not trusted(bpy.context.scene.view_layers[0])
    assert differences(here, reopen(copy.path, trust=True)) == found  # the function was the session's, not the file's
    copy.remove()


def test_driver_whose_function_is_in_the_file_moves_where_scripts_are_trusted(tmp_path: Path) -> None:
    scene = empty_scene()
    camera = add_camera(scene)
    text = bpy.data.texts.new("rig.py")
    text.write("import bpy\nbpy.app.driver_namespace['where'] = lambda x: float(x)\n")
    text.use_module = True
    exec(compile(text.as_string(), text.name, "exec"))
    camera.driver_add("location", 0).driver.expression = "where(2)"
    scene.frame_set(1)
    save(tmp_path / "driven.blend")
    here = marks()
    copy = take_snapshot()
    assert len(differences(here, reopen(copy.path, trust=False))) == 1
    assert differences(here, reopen(copy.path, trust=True)) == []
    copy.remove()


def test_a_file_without_scripts_gets_no_trust() -> None:
    scene = little_shot()
    scene.objects["Box"].driver_add("location", 2).driver.expression = "frame / 10"
    scene.frame_set(2)
    assert not trusted(scene.view_layers[0])
    bpy.data.texts.new("rig_ui.py").use_module = True
    assert trusted(scene.view_layers[0])


def test_differences_name_what_and_how_much() -> None:
    scene = little_shot()
    here = marks()
    box = scene.objects["Box"]
    box.data = box_mesh(1.5)
    scene.objects["Floor"].location.z = -0.25
    scene.camera.data.lens = 35.0
    found = differences(here, marks())
    assert found[0] == "the camera's lens is 35 instead of 50"
    assert any("'Floor' stands 0.25 away" in sentence for sentence in found)
    assert any("'Box' has another shape" in sentence for sentence in found)
    bpy.data.objects.remove(box)
    assert "'Box' is missing" in differences(here, marks())
    bpy.ops.mesh.primitive_cube_add()
    assert any("'Cube' is there, and is not" in sentence for sentence in differences(here, marks()))


def test_unkeyed_move_is_seen(tmp_path: Path) -> None:
    """What is moved by hand over its keys goes back as soon as the frame is set."""
    scene = little_shot()
    scene.objects["Box"].location.x = 3.0
    here = marks()
    save(tmp_path / "moved.blend")
    found = differences(here, reopen(tmp_path / "moved.blend"))
    assert any("'Box' stands 3.5 away" in sentence for sentence in found)


def test_what_a_killed_blender_left_is_removed(tmp_path: Path) -> None:
    little_shot()
    save(tmp_path / "shot.blend")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    own = snapshot._name("shot")
    left = tmp_path / own.replace(f"-{os.getpid()}-", f"-{ended.pid}-")
    left.touch()
    left.with_name(left.name + "1").touch()
    (tmp_path / "blendcache_shot").mkdir()
    (tmp_path / "blendcache_shot" / "cloth.bphys").touch()
    snapshot_caches._link(tmp_path / "blendcache_shot", snapshot_caches.cache_folder(left))
    orphan = tmp_path / own.replace(f"-{os.getpid()}-", f"-{ended.pid}-").replace(".shot.", ".other.")
    snapshot_caches.cache_folder(orphan).mkdir()
    other_machine = tmp_path / left.name.replace(snapshot._host(), "00000000")
    other_machine.touch()
    alive = tmp_path / own
    alive.touch()
    remove_stale(tmp_path)
    assert names(tmp_path) == {"shot.blend", "blendcache_shot", other_machine.name, alive.name}
    assert (tmp_path / "blendcache_shot" / "cloth.bphys").is_file()


def test_linked_library_and_packed_texture_are_in_the_copy(tmp_path: Path) -> None:
    scene = little_shot()
    material = bpy.data.materials.new("Painted")
    image = bpy.data.images.new("Paint", 4, 4)
    image.pixels = [0.25] * 64
    image.pack()
    node = material.node_tree if material.node_tree else None
    if node is None:
        material.use_nodes = True
        node = material.node_tree
    node.nodes.new("ShaderNodeTexImage").image = image
    scene.objects["Box"].data.materials.append(material)
    scene.objects["Box"].animation_data_clear()
    save(tmp_path / "props" / "props.blend")
    scene = empty_scene()
    add_camera(scene)
    save(tmp_path / "scenes" / "scene.blend")
    with bpy.data.libraries.load(str(tmp_path / "props" / "props.blend"), link=True, relative=True) as (_, into):
        into.objects = ["Box"]
    scene.collection.objects.link(into.objects[0])
    here = marks()
    assert "Box [//../props/props.blend]" in here.objects or len(here.objects) == 2
    copy = take_snapshot()
    assert differences(here, reopen(copy.path)) == []
    image = bpy.data.images["Paint"]
    assert image.packed_file is not None
    assert image.pixels[0] == pytest.approx(0.25, abs=0.01)
    copy.remove()
