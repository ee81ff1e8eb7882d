"""What the artist sets of how a take is made: what guides the model, keyframes, a chain of backends, and the sound."""

# pyright: reportInvalidTypeForm=false

from __future__ import annotations

from typing import Any
from zlib import crc32

import bpy
from bpy.props import CollectionProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty, StringProperty

GUIDES = [
    ("auto", "As It Does", "What the backend takes by itself, at its own measure"),
    ("depth", "Depth", "How far everything is: holds the layout and lets surfaces be new"),
    ("edges", "Lines", "Drawn edges of shapes, creases and outlines: holds drawing more than space"),
    ("motion", "Motion", "How everything moves, as tracks or flow: holds movement and lets layout go"),
    ("ids", "Flat Colours", "A colour for each object: holds which is where"),
    ("preview", "Lit Draft", "The draft with its light, blurred as the backend likes it: holds light and colour"),
    ("none", "Nothing", "Words and keyframes alone"),
]
GUIDED = tuple(name for name, *_ in GUIDES if name not in ("auto", "none"))


class SoraGuide(bpy.types.PropertyGroup):
    """Of a scene: the control that steers the picture."""

    control: EnumProperty(
        name="Guide", description="What of the scene steers the picture", items=GUIDES, default="auto"
    )
    weight: FloatProperty(
        name="Weight",
        description="How strongly the guide speaks: 1 as the backend learnt it, where some give the guide back as the picture",
        subtype="FACTOR",
        min=0.0,
        max=2.0,
        soft_max=1.0,
        default=0.8,
    )
    start: FloatProperty(
        name="From",
        description="The share of the steps after which the guide begins to speak",
        subtype="FACTOR",
        min=0.0,
        max=0.95,
        default=0.0,
    )
    end: FloatProperty(
        name="Until",
        description="The share of the steps after which the guide is silent, and the model finishes surfaces by itself",
        subtype="FACTOR",
        min=0.05,
        max=1.0,
        default=0.8,
    )


class SoraKeyframe(bpy.types.PropertyGroup):
    """A picture that the clip must pass through."""

    path: StringProperty(name="Picture", description="A PNG or JPEG of the frame", subtype="FILE_PATH")
    frame: IntProperty(name="Frame", description="The frame of the scene that it shows", default=1)
    strength: FloatProperty(
        name="Strength",
        description="How exactly the clip keeps to the picture there",
        subtype="FACTOR",
        min=0.0,
        max=1.0,
        default=1.0,
    )


def number_of(name: str) -> int:
    """A number that an item of a list keeps however the list grows: a .blend holds numbers, not names."""
    return crc32(name.encode()) & 0x7FFFFFFF


def _backends(self: Any, context: Any) -> list[Any]:
    from . import properties

    return properties.offered_links()


class SoraLink(bpy.types.PropertyGroup):
    """A backend that goes on from what the one before it made."""

    backend: EnumProperty(
        name="Backend", description="What goes on from the take so far", items=_backends, default=number_of("sketch")
    )
    gives: EnumProperty(
        name="Gives",
        description="What is taken of it; the rest stays as it was",
        items=[
            ("both", "Picture and Sound", "Its picture, and its sound where it makes any"),
            ("picture", "Picture", "Its picture; the sound stays"),
            ("sound", "Sound", "Its sound; the picture stays"),
        ],
    )
    departure: FloatProperty(
        name="Departure",
        description="How far it may go from the picture that it goes on from: low finishes, 1 begins anew",
        subtype="FACTOR",
        min=0.05,
        max=1.0,
        default=0.3,
    )
    saving: StringProperty(options={"HIDDEN"})
    """As of ``SoraMaking``."""


class SoraMix(bpy.types.PropertyGroup):
    """Of a scene: what is heard where a backend makes sound of its own."""

    use: EnumProperty(
        name="Sound",
        description="What is heard where the backend makes sound of its own",
        items=[
            ("both", "Both", "The foley, and the backend's sound, which gives way at contacts"),
            ("foley", "Foley", "The sound of the contacts and the place alone"),
            ("joint", "Backend", "The sound that the backend made with its picture alone"),
        ],
    )
    duck: FloatProperty(
        name="Give Way",
        description="Decibels by which the backend's sound gives way to the foley at each contact that is heard",
        min=0.0,
        max=60.0,
        soft_max=24.0,
        default=12.0,
        precision=1,
    )
    joint: FloatProperty(
        name="Backend's Level", description="Louder or softer, in decibels", min=-60.0, max=24.0, precision=1
    )
    foley: FloatProperty(
        name="Foley's Level", description="Louder or softer, in decibels", min=-60.0, max=24.0, precision=1
    )


class SoraMaking(bpy.types.PropertyGroup):
    """Of a scene."""

    guide: PointerProperty(name="Guide", description="What steers the picture", type=SoraGuide)
    keyframes: CollectionProperty(
        name="Keyframes", description="Pictures that the clip passes through", type=SoraKeyframe
    )
    keyframe_index: IntProperty(name="Keyframe", description="The row of the list that is shown", default=0)
    links: CollectionProperty(
        name="Chain", description="Backends that go on, one after the other, from the take", type=SoraLink
    )
    mix: PointerProperty(name="Mix", description="What is heard", type=SoraMix)
    saving: StringProperty(options={"HIDDEN"})
    """Name of the way in which the backend is to need less memory; empty for none."""
    model: StringProperty(options={"HIDDEN"})
    """Name of the model that the backend is to load; empty for the one that is there."""


CLASSES = (SoraGuide, SoraKeyframe, SoraLink, SoraMix, SoraMaking)
