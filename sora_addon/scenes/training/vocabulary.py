"""Every value that the training scenes can take. No bpy here."""

from __future__ import annotations

VERSION = 1
"""Of the recipe: a clip made by another version may look different for the same seed."""

HOURS = ("noon", "overcast", "golden hour", "sunset", "blue hour", "night", "studio", "neon")
AIRS = ("clear", "rain", "snow", "fog", "dust", "underwater")
"""Weather and what the air is full of."""
MATERIALS = (
    "steel", "brass", "wood", "glass", "stone", "brick", "rubber", "plastic", "cloth", "wax", "ice", "water", "grass",
)  # fmt: skip
BODY_MATERIALS = tuple(name for name in MATERIALS if name not in ("water", "grass"))
"""What a solid thing can be made of."""
GROUNDS = ("stone", "wood", "asphalt", "concrete", "tiles", "gravel", "sand", "grass", "brick", "cloth", "steel")
ROOMS = ("open air", "small room", "hall", "cathedral", "tunnel", "underwater")
OPEN_PLACES = ("yard", "street", "hills", "ruins", "roof")
PLACES = (*OPEN_PLACES, "studio", "small room", "hall", "cathedral", "tunnel", "underwater")
AMBIENCES = ("none", "wind", "rain", "room tone", "birds", "crowd", "machine hum")
EVENTS = ("drop", "stack", "roll", "domino", "pendulum", "cloth", "surface", "walk", "collide", "throw")
MOVES = ("static", "dolly", "truck", "pedestal", "arc", "crane", "handheld", "zoom", "rack focus")
SHAPES = ("ball", "cube", "cylinder", "cone", "torus", "gem", "monkey", "text", "pebble", "vase", "imported")
HELD_SHAPES = ("knot", "gear", "hourglass", "star", "arch")
"""Never seen but in the held-out clips; the knot and the gear come through a file that is imported."""

STYLES = (
    "cinematic", "documentary", "cartoon", "anime", "noir", "clay", "watercolour", "claymation", "blueprint", "seventies",
)  # fmt: skip
CLAY_STYLES = ("clay", "claymation")
"""Those whose truth is a render of its own."""

SOUND_OF = {
    "steel": "steel", "brass": "steel", "wood": "wood", "glass": "glass", "stone": "stone", "brick": "stone",
    "rubber": "rubber", "plastic": "plastic", "cloth": "cloth", "wax": "body", "ice": "glass", "water": "water",
    "grass": "cloth", "asphalt": "stone", "concrete": "stone", "tiles": "ceramic", "gravel": "gravel", "sand": "gravel",
    "snow": "snow", "plaster": "stone", "paint": "wood", "leaf": "cloth",
}  # fmt: skip
"""The contract's sound of each material."""
DENSITY = {
    "steel": 7850.0, "brass": 8500.0, "wood": 650.0, "glass": 2500.0, "stone": 2600.0, "brick": 1900.0, "rubber": 1100.0,
    "plastic": 500.0, "cloth": 250.0, "wax": 950.0, "ice": 917.0,
}  # fmt: skip
"""kg/m3, hollow things taken as they are usually made."""
BOUNCE = {
    "steel": 0.6, "brass": 0.5, "wood": 0.4, "glass": 0.5, "stone": 0.35, "brick": 0.2, "rubber": 0.8, "plastic": 0.55,
    "cloth": 0.05, "wax": 0.15, "ice": 0.35,
}  # fmt: skip
"""Restitution, before Bullet multiplies it with the ground's."""
