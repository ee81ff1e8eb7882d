"""The version differences, each asked of the Blender that runs."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from sora_addon import compat  # noqa: E402

pytestmark = pytest.mark.bpy


@pytest.fixture
def scene() -> Any:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return bpy.context.scene


def test_strips_are_timed_and_trimmed_without_warnings(scene) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        editor = scene.sequence_editor_create()
        length = {"length": 8} if bpy.app.version >= (5, 0, 0) else {"frame_end": 18}
        meta = compat.strips_of(editor).new_meta(name="meta", channel=2, frame_start=10)
        strip = compat.strips_of(meta).new_effect(name="in", type="COLOR", channel=1, frame_start=10, **length)
        assert (compat.strip_start(strip), compat.strip_end(strip), compat.strip_length(strip)) == (10, 18, 8)
        for start, end in ((12, 15), (40, 45), (2, 4)):
            compat.trim_strip(strip, start, end)
            assert (compat.strip_start(strip), compat.strip_end(strip)) == (start, end)
        assert {one.name for one in compat.all_strips_of(editor)} == {"meta", "in"}


def test_curves_of_an_animated_object(scene) -> None:
    thing = bpy.data.objects.new("thing", None)
    assert compat.fcurves(thing) == []
    thing.keyframe_insert("location", frame=1)
    assert [(curve.data_path, curve.array_index) for curve in compat.fcurves(thing)] == [
        ("location", 0),
        ("location", 1),
        ("location", 2),
    ]


@pytest.mark.parametrize(
    ("kind", "file_format"), [("image", "PNG"), ("multilayer", "OPEN_EXR_MULTILAYER"), ("video", "FFMPEG")]
)
def test_every_medium_can_be_set_from_every_other(scene, kind, file_format) -> None:
    settings = scene.render.image_settings
    for other in (("video", "FFMPEG"), ("multilayer", "OPEN_EXR_MULTILAYER"), ("image", "PNG")):
        compat.set_media(settings, *other)
        compat.set_media(settings, kind, file_format)
        assert settings.file_format == file_format


def test_eevee_exists(scene) -> None:
    scene.render.engine = compat.EEVEE
    assert scene.render.engine == compat.EEVEE


def test_the_names_of_passes_are_those_of_this_blender(scene) -> None:
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_object_index = layer.use_pass_diffuse_color = True
    scene.render.engine = "CYCLES"
    if bpy.app.version >= (5, 0, 0):
        tree = bpy.data.node_groups.new("tree", "CompositorNodeTree")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
    node = tree.nodes.new("CompositorNodeRLayers")
    node.scene = scene
    outputs = set(node.outputs.keys())
    assert {compat.pass_name(name) for name in ("IndexOB", "DiffCol", "Depth")} <= outputs


def test_the_gpu_starts_and_leaves_no_trace(scene) -> None:
    import gpu

    compat.gpu_start()
    assert gpu.platform.renderer_get()
    assert len(bpy.data.scenes) == 1
    assert len(bpy.data.cameras) == 0


def test_a_failing_block_still_restores_the_interface(scene) -> None:
    with pytest.raises(KeyError), compat.still_interface(bpy.context):
        raise KeyError
