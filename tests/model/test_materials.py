"""Words that say what a body is made of, laid into the planes as a material would be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.backends.looks import filmic
from engine.media.colour import to_display
from engine.model.compose import coloured
from engine.model.conditioning import CHANNELS, WHERE
from engine.model.materials import LOOK, LOOKS, laid, looks
from engine.words.said import MATERIALS
from sora_addon.contract import Material
from sora_addon.export.draft import draft
from sora_addon.scenes.training.plain import BLOCKED, BLOCKED_ROUGHNESS

SIDE = 6
LIGHT, WORLD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)


def planes_of(
    base: tuple[float, ...], roughness: float, metallic: float = 0.0, transmission: float = 0.0
) -> torch.Tensor:
    """A wall of one material that is seen head on to aslant, under a lamp and a world."""
    planes = torch.zeros(1, CHANNELS, SIDE, SIDE)

    def put(name: str, value: np.ndarray | float) -> None:
        told = torch.as_tensor(value, dtype=torch.float32)
        planes[:, WHERE[name]] = told[:, None, None] if told.ndim == 1 else told

    put("base", to_display(np.asarray(base)))
    put("lamps", filmic(np.asarray(LIGHT, np.float32)))
    put("world", filmic(np.asarray(WORLD, np.float32)))
    put("reflection", filmic(np.asarray(WORLD, np.float32)))
    planes[:, WHERE["normal"]] = (torch.linspace(0.2, 1, SIDE) / 2 + 0.5).expand(3, SIDE, SIDE)
    put("roughness", roughness)
    put("metallic", metallic)
    put("transmission", transmission)
    return planes


def said(name: str | None) -> torch.Tensor:
    row = torch.zeros(1 + LOOK) if name is None else torch.cat([torch.ones(1), looks()[MATERIALS.index(name)]])
    return row[None, :, None, None].expand(-1, -1, SIDE, SIDE)


def own(name: str) -> torch.Tensor:
    look = LOOKS[name]
    return planes_of(look.base, look.roughness, look.metallic, look.transmission)


@pytest.mark.parametrize("name", ["brass", "wood", "glass", "rubber"])
def test_a_block_is_lit_as_the_draft_lights_that_material(name: str) -> None:
    seen = laid(planes_of(BLOCKED, BLOCKED_ROUGHNESS), said(name))
    look = LOOKS[name]
    material = Material(
        1, name, look.base, look.roughness, metallic=look.metallic, transmission=look.transmission, ior=1.5
    )
    around = np.broadcast_to(np.asarray(WORLD), (SIDE, SIDE, 3))
    facing = np.broadcast_to(np.linspace(0.2, 1, SIDE), (SIDE, SIDE))
    base = np.broadcast_to(np.asarray(look.base), (SIDE, SIDE, 3))
    true = draft(base, facing, np.ones((SIDE, SIDE), int), [material], around + LIGHT, around, np.asarray(WORLD))
    guide = seen[0, WHERE["guide"]].permute(1, 2, 0).numpy()
    assert np.abs(guide - filmic(true)).max() < 0.03
    assert torch.allclose(coloured(seen[0, WHERE["base"]])[:, 0, 0], torch.tensor(look.base), atol=0.02)
    for plane in ("metallic", "roughness", "transmission"):
        assert torch.allclose(seen[:, WHERE[plane]], torch.tensor(getattr(look, plane)), atol=0.01)


@pytest.mark.parametrize("name", MATERIALS)
def test_what_is_of_that_material_already_stays_as_it_is(name: str) -> None:
    # one grey stone can't be told from a block but by its polish
    assert torch.allclose(laid(own(name), said(name)), own(name), atol=0.02)


@pytest.mark.parametrize(
    ("is_of", "called"), [("wood", "brass"), ("brass", "wood"), ("steel", "glass"), ("ice", "brick")]
)
def test_what_cannot_be_of_that_material_becomes_it(is_of: str, called: str) -> None:
    seen, wanted = laid(own(is_of), said(called)), own(called)
    for plane in ("base", "metallic", "roughness", "transmission"):
        assert torch.allclose(seen[:, WHERE[plane]], wanted[:, WHERE[plane]], atol=0.02), plane


def test_nothing_said_changes_nothing() -> None:
    for name in MATERIALS:
        assert torch.equal(laid(own(name), said(None)), own(name))
