"""What words say that a body is made of, laid into the planes as if an artist had given it that material.

It is laid where a body is still the grey of a block, or where its own material is none that the words could mean; what is
steel already and is called steel stays the artist's. The lit draft is drawn anew there, by the law of
``sora_addon/export/draft.py``, so that the network sees what it has learnt from bodies that have materials.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from ..words.said import MATERIALS
from .compose import coloured, displayed, encoded, linear
from .conditioning import WHERE


class Look(NamedTuple):
    """How a material is as a rule: means over the bodies of the training scenes (``sora_addon/scenes/training/stuff.py``)."""

    base: tuple[float, float, float]
    """Linear."""
    spread: tuple[float, float, float]
    """Deviation of the logarithm of that colour, in a body and between bodies."""
    metallic: float
    roughness: float
    transmission: float


LOOKS: dict[str, Look] = {
    "steel": Look((0.51, 0.52, 0.54), (0.34, 0.34, 0.33), 1.0, 0.28, 0.0),
    "brass": Look((0.86, 0.58, 0.23), (0.25, 0.25, 0.25), 1.0, 0.25, 0.0),
    "wood": Look((0.37, 0.20, 0.08), (0.71, 0.83, 0.88), 0.0, 0.52, 0.0),
    "glass": Look((0.70, 0.74, 0.60), (0.36, 0.25, 0.58), 0.0, 0.03, 0.93),
    "stone": Look((0.41, 0.36, 0.32), (0.53, 0.53, 0.54), 0.0, 0.68, 0.0),
    "brick": Look((0.48, 0.33, 0.21), (0.42, 0.83, 0.94), 0.0, 0.80, 0.0),
    "rubber": Look((0.12, 0.11, 0.12), (1.27, 1.18, 1.23), 0.0, 0.68, 0.0),
    "plastic": Look((0.33, 0.32, 0.33), (1.42, 1.48, 1.39), 0.0, 0.26, 0.0),
    "cloth": Look((0.15, 0.16, 0.18), (1.29, 1.32, 1.36), 0.0, 1.0, 0.0),
    "wax": Look((0.75, 0.49, 0.38), (0.25, 0.54, 0.58), 0.0, 0.40, 0.0),
    "ice": Look((0.71, 0.87, 0.92), (0.25, 0.25, 0.25), 0.0, 0.19, 0.68),
    "water": Look((0.03, 0.08, 0.11), (0.25, 0.35, 0.35), 0.0, 0.03, 0.0),
    "grass": Look((0.10, 0.19, 0.03), (0.60, 0.60, 0.60), 0.0, 0.95, 0.0),
}
LOOK = 9
"""Figures of a look."""
DARKEST = 0.01
"""Linear, under which colours are not told apart."""
LIKE, FOREIGN = 2.0, 3.5
"""Deviations up to which a body may be what the words say, and from which on it cannot."""
OF_METAL, OF_POLISH = 0.25, 0.12
"""Deviations of metallic and transmission, and of roughness: artists are not exact about them."""
GREY, BLOCKED, POLISHED = 20.0, 0.5, 10.0
"""How fast a colour stops being the grey of a block; the roughness of a block; how fast another stops being it."""
GREYS = (0.2, 0.3, 0.85, 0.95)
"""Linear luminances: such a grey is lighter than the first, wholly from the second to the third, darker than the last."""
HEAD_ON = 0.04
"""Share of light that is mirrored head on by what is no metal."""


def looks() -> Tensor:
    """(materials, LOOK) in the order of the vocabulary."""
    rows = [LOOKS[name] for name in MATERIALS]
    return torch.tensor([[*row.base, *row.spread, row.metallic, row.roughness, row.transmission] for row in rows])


def laid(planes: Tensor, said: Tensor) -> Tensor:
    """The planes (N, CHANNELS, H, W) with the materials that words say: (N, 1 + LOOK, H, W), the first of which is whether they
    say any."""
    told, base, spread, metallic, roughness, transmission = said.split([1, 3, 3, 1, 1, 1], 1)
    was = {name: planes[:, WHERE[name]] for name in ("metallic", "roughness", "transmission")}
    own = coloured(planes[:, WHERE["base"]])
    off = (own.clamp(min=DARKEST).log() - base.clamp(min=DARKEST).log()).abs() / spread.clamp(min=DARKEST)
    apart = [
        off.amax(1, keepdim=True),
        (was["metallic"] - metallic).abs() / OF_METAL,
        (was["transmission"] - transmission).abs() / OF_METAL,
        (was["roughness"] - roughness).abs() / OF_POLISH,
    ]
    foreign = ((torch.cat(apart, 1).amax(1, keepdim=True) - LIKE) / (FOREIGN - LIKE)).clamp(0, 1)
    share = told * torch.maximum(foreign, _blocked(own, **was))
    new = {
        "guide": displayed(_draft(planes, base, metallic, roughness, transmission)),
        "base": encoded(base.clamp(0, 1)),
        "metallic": metallic,
        "roughness": roughness,
        "transmission": transmission,
    }
    parts = {name: torch.lerp(planes[:, WHERE[name]], value, share) for name, value in new.items()}
    return torch.cat([parts.get(name, planes[:, where]) for name, where in WHERE.items()], 1)


def _blocked(base: Tensor, metallic: Tensor, roughness: Tensor, transmission: Tensor) -> Tensor:
    """1 where a body is what nobody has given a material yet, 0 where it has one."""
    darkest, dark, light, lightest = GREYS
    least, most = base.amin(1, keepdim=True), base.amax(1, keepdim=True)
    between = ((least - darkest) / (dark - darkest)).clamp(0, 1) * ((lightest - most) / (lightest - light)).clamp(0, 1)
    off = GREY * (most - least) + (POLISHED * (roughness - BLOCKED)).square()
    return torch.exp(-off) * between * (1 - metallic) * (1 - transmission)


def _draft(planes: Tensor, base: Tensor, metallic: Tensor, roughness: Tensor, transmission: Tensor) -> Tensor:
    """Scene light of a body of that material, as ``draft`` has it."""
    lights = [linear(planes[:, WHERE[name]]) for name in ("sun", "lamps", "world")]
    light, around = lights[0] + lights[1] + lights[2], lights[2]
    mirrored = linear(planes[:, WHERE["reflection"]])
    facing = (planes[:, WHERE["normal"]][:, 2:] * 2 - 1).abs().clamp(max=1)
    mirrors = HEAD_ON * (1 - metallic) + base * metallic
    mirrors = mirrors + (1 - mirrors) * (1 - facing) ** 5 * (1 - roughness)
    rough = ((roughness - 0.05) / 0.55).clamp(0, 1)
    seen = mirrored * (1 - rough) + (0.7 * around + 0.3 * light) * rough
    clear = transmission * (1 - metallic)
    matte = base * (1 - metallic) * (1 - mirrors) * (light * (1 - clear) + mirrored * clear)
    return matte + mirrors * seen
