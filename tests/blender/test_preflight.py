"""What stands in the way of an export is said before any work, in one sentence that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest
from export_scenes import add, add_camera, add_cloth, bake, box_mesh, empty_scene, little_shot, options, save

from sora_addon.contract import Size
from sora_addon.export import preflight
from sora_addon.export.preflight import Finding, Plan, Refused, frame_bytes, insist

pytestmark = pytest.mark.bpy


def found(scene: Any, folder: Path, about: str, in_place: bool = False, **changes: Any) -> list[Finding]:
    asked = options(scene, **changes)
    plan = Plan(scene, scene.view_layers[0], asked, folder / "shot", in_place)
    return [finding for finding in preflight.preflight(plan) if finding.about == about]


def only(findings: list[Finding], level: str = "error") -> str:
    assert [finding.level for finding in findings] == [level], findings
    text = findings[0].text
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_a_scene_in_order_has_nothing_to_say(tmp_path: Path) -> None:
    scene = little_shot()
    assert preflight.preflight(Plan(scene, scene.view_layers[0], options(scene), tmp_path / "shot")) == []


def test_no_camera(tmp_path: Path) -> None:
    text = only(found(empty_scene(), tmp_path, "camera"))
    assert "has no camera" in text


def test_a_lamp_for_a_camera(tmp_path: Path) -> None:
    scene = empty_scene()
    scene.camera = add(scene, "Lamp", bpy.data.lights.new("Lamp", "SUN"))
    assert "'Lamp'" in only(found(scene, tmp_path, "camera"))


def test_a_panoramic_camera_bound_to_a_marker_inside_the_range(tmp_path: Path) -> None:
    scene = empty_scene()
    straight = add_camera(scene)
    around = add(scene, "Around", bpy.data.cameras.new("Around"))
    around.data.type = "PANO"
    marker = scene.timeline_markers.new("cut", frame=2)
    marker.camera = around
    assert "'Around'" in only(found(scene, tmp_path, "camera"))
    marker.frame = 3
    scene.timeline_markers.new("start", frame=1).camera = straight
    assert found(scene, tmp_path, "camera", last=2) == []


def test_a_camera_that_is_not_there(tmp_path: Path) -> None:
    assert "'Nobody'" in only(found(little_shot(), tmp_path, "camera", camera="Nobody"))


def test_empty_range_and_greedy_handles(tmp_path: Path) -> None:
    scene = little_shot()
    assert "5 to 4 is empty" in only(found(scene, tmp_path, "frames", first=5, last=4))
    assert "handles" in only(found(scene, tmp_path, "frames", handle_in=2, handle_out=1))


@pytest.mark.parametrize(("width", "height", "name"), [(15, 64, "width"), (64, 8193, "height")])
def test_unsupported_size(tmp_path: Path, width: int, height: int, name: str) -> None:
    assert f"The {name}" in only(found(little_shot(), tmp_path, "size", size=Size(width, height)))


def test_no_rate(tmp_path: Path) -> None:
    scene = little_shot()
    scene.render.fps, scene.render.fps_base = 1, 2.0
    assert "frames a second" in only(found(scene, tmp_path, "rate"))


def test_missing_library_is_named(tmp_path: Path) -> None:
    little_shot()
    save(tmp_path / "props.blend")
    scene = empty_scene()
    add_camera(scene)
    save(tmp_path / "scene.blend")
    with bpy.data.libraries.load(str(tmp_path / "props.blend"), link=True, relative=True) as (_, into):
        into.objects = ["Box"]
    scene.collection.objects.link(into.objects[0])
    assert found(scene, tmp_path, "library") == []
    (tmp_path / "props.blend").rename(tmp_path / "gone.blend")
    assert "props.blend" in only(found(scene, tmp_path, "library"))


def test_missing_and_unsaved_and_packed_images(tmp_path: Path) -> None:
    scene = little_shot()
    image = bpy.data.images.new("Paint", 4, 4)
    assert found(scene, tmp_path, "image") == []
    image.pixels[0] = 0.5
    assert found(scene, tmp_path, "image") == []  # painted, but nothing shows it
    show(image, scene.objects["Box"])
    assert "'Paint' has painted pixels" in only(found(scene, tmp_path, "image"))
    assert found(scene, tmp_path, "image", in_place=True) == []
    image.pack()
    assert found(scene, tmp_path, "image") == []
    image.pixels[0] = 0.25  # painted over since it was packed
    assert "'Paint'" in only(found(scene, tmp_path, "image"))
    image.filepath_raw, image.file_format = str(tmp_path / "paint.png"), "PNG"
    image.save()
    image.unpack(method="REMOVE") if image.packed_file else None
    image.source = "FILE"
    assert found(scene, tmp_path, "image") == []
    (tmp_path / "paint.png").unlink()
    assert "paint.png" in only(found(scene, tmp_path, "image"))


def show(image: bpy.types.Image, thing: bpy.types.Object) -> None:
    material = bpy.data.materials.new("Painted")
    material.use_nodes = True
    material.node_tree.nodes.new("ShaderNodeTexImage").image = image
    thing.data.materials.append(material)


def test_missing_cache_file(tmp_path: Path) -> None:
    scene = little_shot()
    save(tmp_path / "scene.blend")
    volume = bpy.data.volumes.new("Smoke")
    volume.filepath = "//smoke.vdb"
    add(scene, "Smoke", volume)
    assert "smoke.vdb" in only(found(scene, tmp_path, "file"))
    (tmp_path / "smoke.vdb").touch()
    assert found(scene, tmp_path, "file") == []


def test_unbaked_simulation_is_a_warning(tmp_path: Path) -> None:
    scene = little_shot()
    cloth = add_cloth(scene)
    assert "'Cloth' of 'Cloth'" in only(found(scene, tmp_path, "cache"), "warning")
    bake(scene, cloth)
    assert found(scene, tmp_path, "cache") == []


def test_target_that_cannot_be_written(tmp_path: Path) -> None:
    scene = little_shot()
    (tmp_path / "file").touch()
    plan = Plan(scene, scene.view_layers[0], options(scene), tmp_path / "file" / "shot")
    assert "Nothing can be written" in only([f for f in preflight.preflight(plan) if f.about == "target"])


def test_a_target_that_is_no_shot_is_never_replaced(tmp_path: Path) -> None:
    scene = little_shot()
    (tmp_path / "photos").mkdir()
    for overwrite, word in ((False, "exists already"), (True, "is not replaced")):
        plan = Plan(scene, scene.view_layers[0], options(scene), tmp_path / "photos", overwrite=overwrite)
        with pytest.raises(Refused, match=word):
            insist(plan)


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = little_shot()
    usage = type("Usage", (), {"free": 10 * 2**20})()
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: usage)
    text = only(found(scene, tmp_path, "disk", size=Size(1920, 1080), last=240))
    assert "10 MB are free" in text


def test_bytes_of_a_frame() -> None:
    # 8 floats, 2 ids and 14 halves; three halves a lamp
    assert frame_bytes(10, 10, 0) == 100 * (8 * 4 + 2 * 4 + 14 * 2)
    assert frame_bytes(10, 10, 2) - frame_bytes(10, 10, 0) == 100 * 2 * 3 * 2


def test_edit_mode_is_told(tmp_path: Path) -> None:
    scene = little_shot()
    thing = add(scene, "Edited", box_mesh(1.0))
    scene.view_layers[0].objects.active = thing
    bpy.ops.object.mode_set(mode="EDIT")
    assert "'Edited'" in only(found(scene, tmp_path, "mode"), "warning")
