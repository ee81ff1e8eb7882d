"""What words can say beside a style; the model's vocabulary, in the order of its outputs."""

from __future__ import annotations

HOURS = ("noon", "overcast", "golden hour", "sunset", "blue hour", "night", "studio", "neon")
AIRS = ("clear", "rain", "snow", "fog", "dust", "underwater")
ROOMS = ("open air", "small room", "hall", "cathedral", "tunnel", "underwater")
AMBIENCES = ("none", "wind", "rain", "room tone", "birds", "crowd", "machine hum")
MATERIALS = (
    "steel", "brass", "wood", "glass", "stone", "brick", "rubber", "plastic", "cloth", "wax", "ice", "water", "grass",
)  # fmt: skip
