"""Every difference between Blender 4.2, 4.5, 5.0 and 5.2, and nothing else.

Features are asked for, not version numbers, wherever Blender shows them: builds between two versions then work too.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any, Literal, NoReturn

import bpy

VERSION: tuple[int, int, int] = bpy.app.version

EEVEE: str = "BLENDER_EEVEE" if VERSION >= (5, 0, 0) else "BLENDER_EEVEE_NEXT"
"""The id of EEVEE among the render engines."""

_LONG_PASS_NAMES = {
    "IndexOB": "Object Index",
    "IndexMA": "Material Index",
    "DiffDir": "Diffuse Direct",
    "DiffInd": "Diffuse Indirect",
    "DiffCol": "Diffuse Color",
    "GlossDir": "Glossy Direct",
    "GlossInd": "Glossy Indirect",
    "GlossCol": "Glossy Color",
    "TransDir": "Transmission Direct",
    "TransInd": "Transmission Indirect",
    "TransCol": "Transmission Color",
    "Emit": "Emission",
    "Env": "Environment",
    "AO": "Ambient Occlusion",
    "GreasePencil": "Grease Pencil",
}


def pass_name(short: str) -> str:
    """What this Blender calls a render pass, given the name that it bore up to 4.5 (``IndexOB``, ``DiffCol``, ``Depth``)."""
    return _LONG_PASS_NAMES.get(short, short) if VERSION >= (5, 0, 0) else short


def gpu_start() -> None:
    """Make the ``gpu`` module usable, in background as well. Raises RuntimeError where no context can be made.

    5.2 has ``gpu.init()``; before it a background Blender makes its context with its first Workbench render.
    """
    import gpu

    if hasattr(gpu, "init"):
        gpu.init()
    elif bpy.app.background:
        _smallest_workbench_render()
    try:
        gpu.platform.renderer_get()
    except SystemError as error:
        raise RuntimeError(
            "No GPU context can be made here; render the passes with Cycles, or give Blender OpenGL or Vulkan"
        ) from error


def _smallest_workbench_render() -> None:
    scene = bpy.data.scenes.new("gpu start")
    camera_data = bpy.data.cameras.new("gpu start")
    camera = bpy.data.objects.new("gpu start", camera_data)
    try:
        scene.collection.objects.link(camera)
        scene.camera = camera
        scene.render.engine = "BLENDER_WORKBENCH"
        scene.render.resolution_x = scene.render.resolution_y = 16
        scene.render.resolution_percentage = 100
        bpy.ops.render.render(scene=scene.name)
    finally:
        bpy.data.objects.remove(camera)
        bpy.data.cameras.remove(camera_data)
        bpy.data.scenes.remove(scene)


def set_media(settings: Any, kind: Literal["image", "multilayer", "video"], file_format: str) -> None:
    """Set the format of ``ImageFormatSettings``. From 5.0 on the kind of medium narrows the list of formats.

    Multilayer EXR is written in one part, as 4.x does.
    """
    if hasattr(settings, "media_type"):
        settings.media_type = {"image": "IMAGE", "multilayer": "MULTI_LAYER_IMAGE", "video": "VIDEO"}[kind]
    settings.file_format = file_format
    if kind == "multilayer" and hasattr(settings, "use_exr_interleave"):
        settings.use_exr_interleave = True


def compositor_tree(scene: Any) -> Any | None:
    """The compositor's node tree of ``scene`` if it has one in use."""
    if hasattr(scene, "compositing_node_group"):
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None


def fcurves(owner: Any) -> list[Any]:
    """The animation curves of a datablock; none where it has no action. Actions lost ``fcurves`` in 5.0."""
    animation = owner.animation_data
    if animation is None or animation.action is None:
        return []
    if hasattr(animation.action, "fcurves"):
        return list(animation.action.fcurves)
    if animation.action_slot is None:
        return []
    for layer in animation.action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(animation.action_slot)
            if bag is not None:
                return list(bag.fcurves)
    return []


def has_audio() -> bool:
    """Whether this Blender was built with Audaspace: the 4.2 wheel was not, and cannot make sound strips."""
    return bool(bpy.app.build_options.audaspace)


def sequencer_scene(context: Any) -> Any:
    """The scene whose timeline the artist sees: from 5.0 on the workspace may show another than the active one."""
    return getattr(context, "sequencer_scene", None) or context.scene


def shows_timeline(workspace: Any, scene: Any) -> bool:
    """Whether the sequencers of ``workspace`` show ``scene``. Before 5.0 they show the window's scene, whichever it is."""
    return getattr(workspace, "sequencer_scene", scene) == scene


def shows_no_timeline(workspace: Any) -> bool:
    """Whether the sequencers of ``workspace`` stay empty until they are told what to show (5.0 on)."""
    return getattr(workspace, "sequencer_scene", workspace) is None


def show_timeline(workspace: Any, scene: Any) -> None:
    """Let the sequencers of ``workspace`` show ``scene`` where they can show any (5.0 on)."""
    if "sequencer_scene" in workspace.bl_rna.properties:
        workspace.sequencer_scene = scene


VIDEO_EDITING, VIDEO_EDITING_FOLDER = "Video Editing", "startup/bl_app_templates_system/Video_Editing"
"""The workspace, and where Blender's scripts keep the file that has it."""


def video_editing() -> Any | None:
    """The workspace for it, if the file has it: Blender's default ones do not."""
    return bpy.data.workspaces.get(VIDEO_EDITING)


def open_video_editing(context: Any) -> bool:
    """Go to the Video Editing workspace, out of Blender's own template where the file has none; whether there is one.

    The window changes when it is drawn next.
    """
    workspace = video_editing()
    if workspace is not None:
        context.window.workspace = workspace
        return True
    template = os.path.join(bpy.utils.system_resource("SCRIPTS", path=VIDEO_EDITING_FOLDER), "startup.blend")
    if not os.path.isfile(template):
        return False
    return bpy.ops.workspace.append_activate(idname=VIDEO_EDITING, filepath=template) == {"FINISHED"}


def strips_of(owner: Any) -> Any:
    """The strips of a sequence editor or a meta strip; ``sequences`` before 4.4."""
    return owner.strips if hasattr(owner, "strips") else owner.sequences


def all_strips_of(editor: Any) -> list[Any]:
    """The strips of a sequence editor with those inside its meta strips."""
    return list(editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all)


def strip_start(strip: Any) -> int:
    """The first frame that shows of a strip."""
    return int(strip.left_handle if hasattr(strip, "left_handle") else strip.frame_final_start)


def strip_end(strip: Any) -> int:
    """The frame after the last one that shows of a strip."""
    return int(strip.right_handle if hasattr(strip, "right_handle") else strip.frame_final_end)


def strip_length(strip: Any) -> int:
    """How many frames show of a strip."""
    return strip_end(strip) - strip_start(strip)


def strip_content_length(strip: Any) -> int:
    """Frames that the strip's file has, trimmed or not."""
    return int(strip.content_duration if hasattr(strip, "content_duration") else strip.frame_duration)


def strip_content_start(strip: Any) -> float:
    """The frame at which the strip's file would start, were nothing trimmed."""
    return float(strip.content_start if hasattr(strip, "content_start") else strip.frame_start)


def trim_strip(strip: Any, start: int, end: int) -> None:
    """Show a strip from frame ``start`` up to, not with, ``end``; its file stays where it is in time."""
    left, right = (
        ("left_handle", "right_handle") if hasattr(strip, "right_handle") else ("frame_final_start", "frame_final_end")
    )
    if end > strip_start(strip):  # handles may not cross on their way
        setattr(strip, right, end)
        setattr(strip, left, start)
    else:
        setattr(strip, left, start)
        setattr(strip, right, end)


@contextlib.contextmanager
def still_interface(context: Any) -> Iterator[None]:
    """Playback stopped while strips change: prefetch has read strips that were just freed."""
    screen = getattr(context, "screen", None)
    playing = screen is not None and screen.is_animation_playing
    if playing:
        bpy.ops.screen.animation_cancel(restore_frame=False)
    try:
        yield
    finally:
        if playing:
            bpy.ops.screen.animation_play()


def declare_depth_write(info: Any) -> None:
    """Tell a ``GPUShaderCreateInfo`` that its fragments write ``gl_FragDepth``. 4.2 cannot say it; OpenGL needs no word."""
    if hasattr(info, "depth_write"):
        info.depth_write("ANY")


def read_texture(texture: Any) -> Any:
    """(height, width, 4) float32 of an RGBA32F ``GPUTexture``, first row first, writable.

    Up to 5.0 a ``gpu.types.Buffer`` of more than one dimension gives numpy wrong strides, so it is flattened first.
    """
    import numpy as np

    buffer = texture.read()
    buffer.dimensions = texture.width * texture.height * 4
    return np.asarray(buffer).reshape(texture.height, texture.width, 4)


def shader_tree(owner: Any) -> Any:
    """The node tree of a material or a world, with Blender's default nodes. From 5.0 on it is always there."""
    if owner.node_tree is None:
        owner.use_nodes = True
    return owner.node_tree


def node_tree(datablock: Any) -> Any | None:
    """The node tree of a material, world or lamp, if it is in use. ``use_nodes`` goes away: 5.x warns and uses the tree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return datablock.node_tree if getattr(datablock, "use_nodes", True) else None


def light_output(lamp: Any) -> tuple[tuple[float, float, float], float]:
    """Colour and energy of lamp data with the exposure and temperature that 4.5 added."""
    red, green, blue = lamp.color
    if getattr(lamp, "use_temperature", False):
        warm = lamp.temperature_color
        red, green, blue = red * warm[0], green * warm[1], blue * warm[2]
    return (red, green, blue), float(lamp.energy) * 2.0 ** float(getattr(lamp, "exposure", 0.0))


def light_is_normalized(lamp: Any) -> bool:
    """Whether a lamp's energy is all that it sends out, whatever its size. Lamps before 4.5 always are."""
    return bool(getattr(lamp, "normalize", True))


def leave(code: int) -> NoReturn:
    """End this process with ``code``; everything that it made is on disk by now.

    Once the bpy 4.5 wheel has drawn on a GPU context, its destructors wait for each other for ever at a usual exit.
    """
    if not bpy.app.binary_path:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
