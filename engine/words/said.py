"""What words can say beside a style; the model's vocabulary, in the order of its outputs."""

from __future__ import annotations

HOURS = ("noon", "overcast", "golden hour", "sunset", "blue hour", "night", "studio", "neon")
AIRS = ("clear", "rain", "snow", "fog", "dust", "underwater")
