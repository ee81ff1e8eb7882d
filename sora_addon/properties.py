"""What the artist sets and the add-on remembers in the .blend file."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from . import properties_making
from .contract import SOUNDS
from .properties_making import SoraMaking, number_of

SOUND_ITEMS = [("auto", "From the Material", "Hear what the Blender material is called, else something generic")] + [
    (sound, sound.capitalize(), f"Sounds like {sound}") for sound in SOUNDS
]


class SoraBody(bpy.types.PropertyGroup):
    """Of an object: what the shot says of it beyond what the scene shows."""

    sound: EnumProperty(
        name="Sound", description="What it is made of, as far as the ear can tell", items=SOUND_ITEMS, default="auto"
    )
    words: StringProperty(name="Words", description="What this is, for the model that paints it")
    hold: FloatProperty(
        name="Held By the Guide",
        description="How strongly the guide holds this object, as a share of its weight, where the backend can tell objects apart",
        subtype="FACTOR",
        min=0.0,
        max=1.0,
        default=1.0,
    )
    id: StringProperty(name="Identity", description="The same in every shot, whatever the object is called")


class SoraMaterial(bpy.types.PropertyGroup):
    """Of a material: as for objects, which win where both speak."""

    sound: EnumProperty(
        name="Sound", description="What it is, as far as the ear can tell", items=SOUND_ITEMS, default="auto"
    )
    words: StringProperty(name="Words", description="What this surface is, for the model that paints it")


class SoraCue(bpy.types.PropertyGroup):
    """Sound that the artist places."""

    kind: EnumProperty(
        name="Kind",
        description="What sort of sound it is",
        items=[
            ("dialogue", "Dialogue", "A line that a body speaks"),
            ("ambience", "Ambience", "The sound of the place"),
            ("effect", "Effect", "A sound that happens once"),
        ],
        default="ambience",
    )
    words: StringProperty(name="Words", description="The line, or what is heard")
    start: FloatProperty(name="Start", description="Frame of the scene", default=1.0)
    end: FloatProperty(name="End", description="Frame of the scene; not after the start: as long as it takes")
    speaker: PointerProperty(name="Speaker", description="The object that it comes from", type=bpy.types.Object)
    gain: FloatProperty(name="Gain", description="Louder or softer, in decibels", min=-60.0, max=24.0)


class SoraTake(bpy.types.PropertyGroup):
    """A take that was laid in this scene's timeline."""

    take: StringProperty(name="Take", description="Its UUID")
    shot: StringProperty(name="Shot", description="The UUID of the shot that it was made from")
    folder: StringProperty(name="Folder", description="Where its files are")
    made: StringProperty(name="Made", description="When it was made, UTC")
    rating: IntProperty(
        name="Rating", description="How good the artist finds it, 0 (not rated) to 5", min=0, max=5, default=0
    )


class SoraListedBody(bpy.types.PropertyGroup):
    """A row of the panel's list of bodies."""

    thing: PointerProperty(
        name="Object", description="The object that words and sound are given to", type=bpy.types.Object
    )


VIEW_ITEMS = [
    ("ask", "Ask", "Ask before the first take is laid"),
    ("standard", "Standard", "Show the scene with the Standard view, so that clips look as they do in a player"),
    ("leave", "Leave", "Keep the scene's view transform, which changes how clips look"),
]
RANGE_ITEMS = [
    ("scene", "Scene", "From the first to the last frame of the scene"),
    ("preview", "Preview Range", "The frames of the timeline's preview range"),
    ("marked", "Marked Shot", "Around the current frame, from one marker with a camera to the next"),
]
STYLES = (
    "cinematic",
    "documentary",
    "cartoon",
    "anime",
    "noir",
    "clay",
    "watercolour",
    "claymation",
    "blueprint",
    "seventies",
)
"""Until an engine has said which it knows."""
BACKENDS = {
    "builtin": "A small model that lights, styles and sounds the shot, on any machine",
    "sketch": "Lights and shades the shot by rule, on any machine",
}


SPELLED = {"ltx2": "LTX-2", "sana_wm": "SANA-WM", "stable_audio": "Stable Audio", "wan_vace": "Wan VACE"}
"""Models as their makers write them."""


def shown(name: str) -> str:
    """A backend or style as lists have it."""
    return SPELLED.get(name) or name[:1].upper() + name[1:].replace("_", " ")


def named_items(names: dict[str, str]) -> list[tuple[str, str, str, int]]:
    """Items of an enum out of names and their descriptions."""
    return [(name, shown(name), about, number_of(name)) for name, about in names.items()]


FROM_WORDS = ("words", "From the Words", "The look that the words name, else cinematic", 0)
OWN = ("own", "Own", "A look in words of your own; keep it as a preset for every scene", number_of("own"))
Item = tuple[str, str, str, int] | tuple[str, str, str, str, int]
_offered: dict[str, list[Item]] = {}
"""Items as Blender reads them; it does not keep the texts alive itself."""


def offer(
    styles: dict[str, str],
    backends: dict[str, str],
    lacking: Collection[str] = (),
    only_in_chains: dict[str, str] | None = None,
) -> None:
    """Set what can be chosen, once the engine has said it; ``lacking`` are backends that cannot run here yet.

    ``only_in_chains`` are those that make no picture.
    """
    _offered["styles"] = [FROM_WORDS, *named_items(styles), OWN]
    for kind, named in (("backends", backends), ("links", backends | (only_in_chains or {}))):
        _offered[kind] = [
            (name, title, about, "ERROR" if name in lacking else "NONE", number)
            for name, title, about, number in named_items(named)
        ]


def offer_what_is_known() -> None:
    """What can be chosen before an engine has said it."""
    offer(dict.fromkeys(STYLES, "A look that the engine knows"), BACKENDS)


offer_what_is_known()


def offered() -> list[list[Item]]:
    """Every list of items that can be chosen now."""
    return list(_offered.values())


def offered_links() -> list[Item]:
    """Items of every backend that can go on in a chain."""
    return _offered["links"]


def can_choose(kind: str, name: str) -> bool:
    """Whether ``name`` is among the "styles", "backends" or "links" that can be chosen now."""
    return any(name == item[0] for item in _offered[kind])


def _styles(self: Any, context: Any) -> list[Item]:
    return _offered["styles"]


def _backends(self: Any, context: Any) -> list[Item]:
    return _offered["backends"]


def _split_moved(self: Any, context: Any) -> None:
    from .sequencer.compare import move_split

    move_split(self.id_data, self.split)


class SoraScene(bpy.types.PropertyGroup):
    """Of a scene."""

    id: StringProperty(name="Identity", description="Of the shot that this scene is; kept from export to export")
    cues: CollectionProperty(name="Cues", description="Sounds that the artist placed", type=SoraCue)
    takes: CollectionProperty(name="Takes", description="Takes that were laid in this scene", type=SoraTake)
    view_choice: EnumProperty(
        name="Colours of Clips",
        description="How the scene's view transform may change what clips look like",
        items=VIEW_ITEMS,
        default="ask",
    )
    prompt: StringProperty(
        name="Words",
        description="What the clip shows, and what is heard: things, light, weather, mood",
        maxlen=20_000,
    )
    prompt_text: PointerProperty(
        name="Long Words",
        description="A text of this file to use instead of the line, for words that need room",
        type=bpy.types.Text,
    )
    negative: StringProperty(name="Without", description="What the clip must not show", maxlen=20_000)
    style: EnumProperty(name="Style", description="The look of the picture", items=_styles, default=0)
    look: StringProperty(
        name="Look", description="The look of the picture in words of your own: paper, ink, a film stock", maxlen=200
    )
    seed: IntProperty(
        name="Seed", description="The same words, scene and seed give the same take", min=0, max=2**31 - 1, default=0
    )
    seed_locked: BoolProperty(
        name="Keep the Seed",
        description="Generate with this seed again; unlocked, every Generate draws a new one",
        default=False,
    )
    backend: EnumProperty(
        name="Backend",
        description="What makes the picture",
        items=_backends,
        default=number_of("builtin"),
    )
    quality: EnumProperty(
        name="Quality",
        description="How much time the backend takes for a frame",
        items=[
            ("draft", "Draft", "Fast, to judge movement and sound"),
            ("standard", "Standard", "What the backend does by itself"),
            ("fine", "Fine", "Slow, for the final clip"),
        ],
        default="standard",
    )
    frames: EnumProperty(
        name="Frames", description="Which frames of the scene the shot has", items=RANGE_ITEMS, default="scene"
    )
    handle_in: IntProperty(
        name="Handle Before",
        description="Frames made before the cut begins, for dissolves; they are trimmed away in the timeline",
        min=0,
        max=1000,
    )
    handle_out: IntProperty(
        name="Handle After",
        description="Frames made after the cut ends, for dissolves; they are trimmed away in the timeline",
        min=0,
        max=1000,
    )
    percent: IntProperty(
        name="Size",
        description="Size of the clip as a share of the scene's resolution, in percent",
        subtype="PERCENTAGE",
        min=1,
        max=400,
        soft_min=10,
        soft_max=100,
        default=50,
    )
    exr: BoolProperty(
        name="Frames as EXR", description="Write every frame as an OpenEXR picture beside the clip", default=False
    )
    loudness_set: BoolProperty(
        name="Set the Loudness",
        description="Master the sound to a loudness instead of keeping its levels",
        default=False,
    )
    loudness: FloatProperty(
        name="Loudness",
        description="Integrated loudness of the sound after EBU R128, in LUFS",
        min=-60.0,
        max=-5.0,
        default=-23.0,
        precision=1,
    )
    making: PointerProperty(name="Making", description="How takes are made", type=SoraMaking)
    bodies: CollectionProperty(name="Bodies", description="The panel's list of objects", type=SoraListedBody)
    body_index: IntProperty(name="Body", description="The row of the list whose words and sound are shown", default=0)
    take_index: IntProperty(name="Take", description="The take whose picture and measures are shown", default=0)
    split: FloatProperty(
        name="Split",
        description="Where the line between two compared takes is, as a share of the width",
        subtype="FACTOR",
        min=0.0,
        max=1.0,
        default=0.5,
        update=_split_moved,
    )


CLASSES = (SoraBody, SoraMaterial, SoraCue, SoraTake, SoraListedBody, *properties_making.CLASSES, SoraScene)

OWNERS = ((bpy.types.Object, SoraBody), (bpy.types.Material, SoraMaterial), (bpy.types.Scene, SoraScene))
"""Where ``.sora`` is found, and what it is there."""


def attach() -> None:
    """Give every owner its ``sora``. The classes must be registered."""
    for owner, group in OWNERS:
        owner.sora = PointerProperty(type=group)


def detach() -> None:
    for owner, _ in OWNERS:
        del owner.sora
