"""What the panel's settings ask for: frames, pixels and words of a scene."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import bpy

from ..contract import Size, Words
from ..contract.messages import Origin
from ..contract.shot import LARGEST_SIZE, SMALLEST_SIZE
from ..export.options import ExportOptions, options_of

NO_PREVIEW_RANGE = bpy.app.translations.pgettext_n("The timeline has no preview range; the whole scene is used")
NO_MARKED_SHOT = bpy.app.translations.pgettext_n("No marker has a camera; the whole scene is used")
EVEN = 2
"""Pixels: clips are stored with colour at half the resolution."""


@dataclass(frozen=True)
class Range:
    """The cut: first and last frame, both included, handles not counted."""

    first: int
    last: int

    @property
    def frames(self) -> int:
        return max(0, self.last - self.first + 1)


def range_of(scene: Any) -> Range:
    """The frames that the panel asks for."""
    choice = scene.sora.frames
    if choice == "preview" and scene.use_preview_range:
        return Range(scene.frame_preview_start, scene.frame_preview_end)
    if choice == "marked":
        return _marked(scene)
    return Range(scene.frame_start, scene.frame_end)


def _marked(scene: Any) -> Range:
    """From the marker with a camera at or before the current frame to the one before the next such marker."""
    cuts = sorted({marker.frame for marker in scene.timeline_markers if marker.camera is not None})
    before = [frame for frame in cuts if frame <= scene.frame_current]
    after = [frame for frame in cuts if frame > scene.frame_current]
    first = max(before[-1], scene.frame_start) if before else scene.frame_start
    last = min(after[0] - 1, scene.frame_end) if after else scene.frame_end
    return Range(first, last)


def shot_name(scene: Any) -> str:
    """What the artist calls the shot: the scene, and for the marked shot the marker that it begins at."""
    if scene.sora.frames == "marked":
        cuts = [marker for marker in scene.timeline_markers if marker.camera and marker.frame <= scene.frame_current]
        if cuts:
            return f"{scene.name}, {max(cuts, key=lambda marker: marker.frame).name}"
    return scene.name


def missing_range(scene: Any) -> str:
    """Why the chosen frames are not to be had; empty where they are."""
    if scene.sora.frames == "preview" and not scene.use_preview_range:
        return NO_PREVIEW_RANGE
    if scene.sora.frames == "marked" and not any(marker.camera for marker in scene.timeline_markers):
        return NO_MARKED_SHOT
    return ""


def size_of(scene: Any) -> Size:
    """Pixels of the clip: the scene's, times the panel's share, even."""
    render = scene.render

    def side(pixels: int) -> int:
        wanted = round(pixels * render.resolution_percentage * scene.sora.percent / 10_000 / EVEN) * EVEN
        return min(max(wanted, SMALLEST_SIZE), LARGEST_SIZE)

    return Size(side(render.resolution_x), side(render.resolution_y), render.pixel_aspect_x / render.pixel_aspect_y)


def prompt_of(scene: Any) -> str:
    """The words: those of the text where one is chosen, else the line."""
    text = scene.sora.prompt_text
    return text.as_string().strip() if text is not None else scene.sora.prompt.strip()


def words_of(scene: Any) -> Words:
    """Words, look and seed."""
    asked = scene.sora
    return Words(
        prompt=prompt_of(scene),
        negative=asked.negative.strip(),
        style=style_of(scene),
        seed=asked.seed,
        backend=asked.backend,
    )


def style_of(scene: Any) -> str:
    """The look that is asked for: one that the engine knows, or the artist's own words; empty for that of the prompt."""
    style = scene.sora.style
    if style == "own":
        return scene.sora.look.strip()
    return "" if style in ("", "words") else style


def settings_of(scene: Any) -> dict[str, Any]:
    """Of the take, beside the words; only what differs from what the engine does by itself."""
    asked = scene.sora
    found: dict[str, Any] = {}
    if asked.exr:
        found["exr"] = True
    if asked.loudness_set:
        found["loudness"] = round(asked.loudness, 2)
    if asked.quality != "standard":
        found["quality"] = asked.quality
    return found


def options_for(scene: Any, view_layer: Any, passes: bool = True) -> ExportOptions:
    """The export that the panel asks for. ``claim`` the scene's identity first."""
    cut = range_of(scene)
    return options_of(
        scene,
        view_layer,
        first=cut.first - scene.sora.handle_in,
        last=cut.last + scene.sora.handle_out,
        handle_in=scene.sora.handle_in,
        handle_out=scene.sora.handle_out,
        size=size_of(scene),
        words=words_of(scene),
        passes=passes,
        shot=scene.sora.id or None,
    )


def origin_of(scene: Any) -> Origin:
    """Who asks."""
    name = _film(bpy.data.filepath) + shot_name(scene)
    return Origin(scene.sora.id, bpy.data.filepath, name[:400])


def shot_of(origin: Origin) -> str:
    """The shot's name alone, without the film's."""
    return origin.name.removeprefix(_film(origin.blend))


def _film(blend: str) -> str:
    return f"{bpy.path.display_name_from_filepath(blend)}: " if blend else ""


_owners: dict[int, str] = {}
"""Identity by the session's number of a scene: undo may take an identity away, and a copied scene brings one along."""


def claim(scene: Any) -> str:
    """The identity of ``scene``, given to it where it has none, or where it is a copy's of another scene."""
    known = _owners.get(scene.session_uid)
    if known is None:
        taken = {other.sora.id for other in bpy.data.scenes if other != scene}
        known = scene.sora.id if scene.sora.id and scene.sora.id not in taken else str(uuid.uuid4())
    if scene.sora.id != known:
        scene.sora.id = known
    _owners[scene.session_uid] = known
    return known


def claim_again() -> None:
    """Give scenes back the identity that an undo took from them. For the handlers of undo and redo."""
    for scene in bpy.data.scenes:
        known = _owners.get(scene.session_uid)
        if known is not None and scene.sora.id != known:
            scene.sora.id = known


def forget_owners() -> None:
    """Another file is open: the numbers mean other scenes."""
    _owners.clear()


def scene_of(identity: str) -> Any | None:
    """The open scene of that identity: the one that claimed it, where a copy bears it too."""
    bearers = [scene for scene in bpy.data.scenes if scene.sora.id == identity]
    owners = [scene for scene in bearers if _owners.get(scene.session_uid) == identity]
    return next(iter(owners or bearers), None)


def asked_here(identity: str) -> bool:
    """Whether an open scene asked under that identity since its file was opened."""
    return identity in _owners.values()
