"""What stands in the way of an export, found before any work starts: each a sentence that names the mend."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import bpy

from ..contract import SHOT_FILE, ContractError, passes_of
from ..contract.shot import LARGEST_SIZE, SMALLEST_SIZE
from ..contract.time import LONGEST_SHOT
from .options import ExportOptions, frame_rate
from .replace import check_replaceable
from .snapshot_caches import point_caches

CHANNEL_BYTES = {"float": 4, "uint": 4, "half": 2}
ROWS_A_FRAME = 20_000
"""Bytes of shot.json a frame: camera, lights and some fifty bodies."""
SPARE = 64 * 2**20
"""Bytes left free on the disk."""


@dataclass(frozen=True)
class Finding:
    """Something found. An error stops the export, a warning is told and the export goes on."""

    level: Literal["error", "warning"]
    about: str
    """One word: camera, frames, size, rate, library, image, file, cache, target, disk, mode."""
    text: str


@dataclass(frozen=True)
class Plan:
    """An export that is about to start."""

    scene: Any
    view_layer: Any
    options: ExportOptions
    target: Path
    in_place: bool = False
    """In the artist's own Blender, where unsaved pixels are at hand."""
    overwrite: bool = False


class Refused(RuntimeError):
    """The export cannot start; one sentence a line says why."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__("\n".join(finding.text for finding in findings))


def preflight(plan: Plan) -> list[Finding]:
    """Everything found, errors first. Reads the scene and the disk; changes neither."""
    found = [finding for check in CHECKS for finding in check(plan)]
    return sorted(found, key=lambda finding: finding.level != "error")


def insist(plan: Plan) -> list[str]:
    """The warnings of ``preflight``. Raises Refused where there are errors."""
    found = preflight(plan)
    errors = [finding for finding in found if finding.level == "error"]
    if errors:
        raise Refused(errors)
    return [finding.text for finding in found]


def frame_bytes(width: int, height: int, lights: int) -> int:
    """Bytes of a frame's passes before compression, which shrinks a drawn scene but not a noisy one."""
    channels = sum(len(layer.suffixes) * CHANNEL_BYTES[layer.type] for layer in passes_of(lights))
    return channels * width * height


def check_camera(plan: Plan) -> Iterator[Finding]:
    cameras = cameras_used(plan.scene, plan.options)
    if plan.options.camera and plan.scene.objects.get(plan.options.camera) is None:
        yield Finding("error", "camera", f"There is no object '{plan.options.camera}' in the scene to look through.")
        return
    if not cameras:
        yield Finding(
            "error",
            "camera",
            f"The scene '{plan.scene.name}' has no camera; add one (Add > Camera) and make it active (Ctrl+Numpad 0).",
        )
    for camera in cameras:
        if camera.type != "CAMERA":
            yield Finding(
                "error",
                "camera",
                f"'{camera.name}' is the scene's camera but not a camera; make a camera the active one.",
            )
        elif camera.data.type not in ("PERSP", "ORTHO"):
            yield Finding(
                "error",
                "camera",
                f"The camera '{camera.name}' has the lens type {camera.data.type.lower()}, which a shot cannot hold; "
                "make it perspective or orthographic (Camera Properties > Lens > Type).",
            )


def cameras_used(scene: Any, options: ExportOptions) -> list[Any]:
    """The cameras of the frames to export: the one asked for, else the scene's own and those bound to its markers."""
    if options.camera:
        camera = scene.objects.get(options.camera)
        return [camera] if camera else []
    bound = [marker for marker in scene.timeline_markers if marker.camera and not marker.camera.hide_render]
    if not bound:
        return [scene.camera] if scene.camera else []
    bound.sort(key=lambda marker: marker.frame)
    # Left of every bound marker Blender looks through the leftmost one's camera, not through the scene's.
    before = [marker for marker in bound if marker.frame <= options.first]
    during = [marker for marker in bound if options.first < marker.frame <= options.last]
    return list(dict.fromkeys(marker.camera for marker in (before[-1:] or bound[:1]) + during))


def check_frames(plan: Plan) -> Iterator[Finding]:
    first, last = plan.options.first, plan.options.last
    if last < first:
        yield Finding(
            "error", "frames", f"The frame range {first} to {last} is empty; make its end no less than its start."
        )
    elif last - first + 1 > LONGEST_SHOT:
        yield Finding(
            "error", "frames", f"The shot has {last - first + 1} frames, more than {LONGEST_SHOT}; export it in parts."
        )
    elif plan.options.handle_in + plan.options.handle_out > last - first:
        yield Finding("error", "frames", "The handles leave no frame between them; shorten them or widen the range.")


def check_size(plan: Plan) -> Iterator[Finding]:
    size = plan.options.size
    for name, pixels in (("width", size.width), ("height", size.height)):
        if not SMALLEST_SIZE <= pixels <= LARGEST_SIZE:
            yield Finding(
                "error",
                "size",
                f"The {name} of {pixels} pixels is not between {SMALLEST_SIZE} and {LARGEST_SIZE}; "
                "change the resolution or its percentage (Output Properties > Format).",
            )
    if not 0.1 <= size.pixel_aspect <= 10:
        yield Finding(
            "error", "size", f"The pixel aspect {size.pixel_aspect:g} is not between 0.1 and 10; set it to 1."
        )


def check_rate(plan: Plan) -> Iterator[Finding]:
    rate = frame_rate(plan.scene)
    if not Fraction(1) <= rate <= Fraction(1000):
        yield Finding(
            "error",
            "rate",
            f"{float(rate):g} frames a second is not between 1 and 1000; set the frame rate (Output Properties > Format).",
        )


def check_libraries(plan: Plan) -> Iterator[Finding]:
    for library in bpy.data.libraries:
        if (
            library.packed_file is None
            and library.users_id
            and not absolute(library.filepath, library.parent).is_file()
        ):
            yield Finding(
                "error",
                "library",
                f"The linked file '{library.filepath}' is missing; put it back or relocate it (Outliner > Blender File).",
            )


def check_images(plan: Plan) -> Iterator[Finding]:
    for image in shown_images():
        if image.is_dirty and not plan.in_place:
            yield Finding(
                "error",
                "image",
                f"The image '{image.name}' has painted pixels that are not saved, and a copy of the scene would not have "
                "them; save it (Image > Save) or pack it, or export in place.",
            )
        if image.source in ("FILE", "SEQUENCE", "MOVIE", "TILED") and image.packed_file is None:
            missing = next((path for path in image_files(image) if not path.is_file()), None)
            if missing is not None and not image.is_dirty:
                yield Finding(
                    "error",
                    "image",
                    f"The image '{image.name}' is missing its file {missing}; find it (File > External Data > Find Missing "
                    "Files) or take it off its materials.",
                )


def shown_images() -> list[Any]:
    """Images that surfaces, lights or the world show; a reference on an empty or a brush is no part of a shot."""
    shows = (bpy.types.Material, bpy.types.NodeTree, bpy.types.World, bpy.types.Light, bpy.types.Texture)
    users = bpy.data.user_map(subset=list(bpy.data.images)) if bpy.data.images else {}
    return [image for image in bpy.data.images if any(isinstance(user, shows) for user in users.get(image, ()))]


def image_files(image: Any) -> list[Path]:
    """The files of an image; one for each tile where it has several."""
    if image.source != "TILED":
        return [absolute(image.filepath, image.library)]
    return [
        absolute(re.sub("<UDIM>", str(tile.number), image.filepath, flags=re.IGNORECASE), image.library)
        for tile in image.tiles
    ]


def absolute(path: str, library: Any) -> Path:
    """A path of Blender's, relative to the file that holds it (``library``, or None for the open one)."""
    return Path(bpy.path.abspath(path, library=library))


def check_files(plan: Plan) -> Iterator[Finding]:
    for kind, things in (("cache file", bpy.data.cache_files), ("volume", bpy.data.volumes)):
        for thing in things:
            packed = getattr(thing, "packed_file", None) is not None
            if thing.users and thing.filepath and not packed and not absolute(thing.filepath, thing.library).is_file():
                yield Finding(
                    "error",
                    "file",
                    f"The {kind} '{thing.name}' is missing its file {thing.filepath}; put it back or choose another.",
                )


def check_caches(plan: Plan) -> Iterator[Finding]:
    for name, cache in point_caches(plan.scene.objects, [plan.scene]):
        if not cache.is_baked:
            yield Finding(
                "warning",
                "cache",
                f"The simulation of {name} is not baked and will run again; bake it to be sure of what the shot shows.",
            )
        elif cache.is_outdated:
            yield Finding(
                "warning",
                "cache",
                f"The bake of {name} is older than its settings; free it and bake again if it matters.",
            )
    for thing in plan.scene.objects:
        for modifier in thing.modifiers:
            domain = getattr(modifier, "domain_settings", None)
            if modifier.type == "FLUID" and domain is not None and not domain.has_cache_baked_data:
                yield Finding(
                    "warning",
                    "cache",
                    f"The fluid '{modifier.name}' of '{thing.name}' is not baked; bake it (Physics Properties > Cache), "
                    "else the shot shows it as far as it was played.",
                )


def check_mode(plan: Plan) -> Iterator[Finding]:
    for thing in plan.scene.objects:
        if thing.mode == "EDIT" and not plan.in_place:
            yield Finding(
                "warning", "mode", f"'{thing.name}' is in Edit Mode; the shot shows it as it is in Object Mode."
            )


def check_target(plan: Plan) -> Iterator[Finding]:
    if plan.target.exists() and not plan.overwrite:
        yield Finding("error", "target", f"{plan.target} exists already; choose another folder or remove it.")
        return
    try:
        check_replaceable(plan.target, SHOT_FILE)
    except ContractError as error:
        yield Finding("error", "target", f"{error.field} {error.problem}; {error.mend}.")
        return
    folder = _existing(plan.target.parent)
    try:
        with tempfile.TemporaryDirectory(prefix=".sora-", dir=folder):
            pass
    except OSError as error:
        yield Finding(
            "error", "target", f"Nothing can be written in {folder} ({error.strerror}); choose a folder of your own."
        )


def check_disk(plan: Plan) -> Iterator[Finding]:
    size = plan.options.size
    lights = sum(1 for thing in plan.scene.objects if thing.type == "LIGHT")
    a_frame = ROWS_A_FRAME + (frame_bytes(size.width, size.height, lights) if plan.options.passes else 0)
    needed = a_frame * max(0, len(plan.options.frames)) + SPARE
    free = shutil.disk_usage(_existing(plan.target.parent)).free
    if needed > free:
        yield Finding(
            "error",
            "disk",
            f"The shot may need {_amount(needed)} and {_amount(free)} are free at {_existing(plan.target.parent)}; "
            "free some space, choose another disk, or export fewer frames or smaller ones.",
        )


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _amount(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


CHECKS: tuple[Callable[[Plan], Iterator[Finding]], ...] = (
    check_camera,
    check_frames,
    check_size,
    check_rate,
    check_libraries,
    check_images,
    check_files,
    check_caches,
    check_mode,
    check_target,
    check_disk,
)
