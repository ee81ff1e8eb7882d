"""Light from all around, as one colour."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import compat
from ..contract import Colour, vector
from .material_nodes import Nodes, root
from .picture_mean import image_pixels


def world_color(world: Any | None, notes: list[str]) -> Colour:
    """Radiance of an evaluated world, strength multiplied in: over the sphere the mean, where it is a picture.

    What cannot be followed (a sky model, say) is shown by the world's viewport colour and named in ``notes``.
    """
    if world is None:
        return 0.0, 0.0, 0.0
    viewport = vector(world.color)
    tree = compat.node_tree(world)
    if tree is None:
        return viewport
    output = tree.get_output_node("ALL") or tree.get_output_node("CYCLES") or tree.get_output_node("EEVEE")
    nodes = Nodes(viewport)
    source = nodes.source(root(output.inputs["Surface"])) if output is not None else None
    if source is None:
        return 0.0, 0.0, 0.0
    node = source.socket.node
    if node.type not in ("BACKGROUND", "EMISSION"):
        _say(notes, f"World {world.name!r}: its node {node.name!r} is shown as the world's viewport colour")
        return viewport
    strength = nodes.value(nodes.input(node, "Strength", source.groups))
    color = nodes.input(node, "Color", source.groups)
    feed = nodes.source(color)
    if feed is not None and feed.socket.is_output and feed.socket.node.type == "TEX_ENVIRONMENT":
        mean = _sphere_mean(feed.socket.node)
    else:
        mean = nodes.mean(nodes.color(color))
    for note in nodes.notes:
        _say(notes, f"World {world.name!r}: {note}")
    return vector(mean * strength)


def _sphere_mean(node: Any) -> np.ndarray:
    if node.image is None:
        return np.array([1.0, 0.0, 1.0])
    pixels = image_pixels(node.image)[..., :3]
    if node.projection != "EQUIRECTANGULAR":
        return pixels.mean(axis=(0, 1))
    # A row of an equirectangular picture covers as much of the sphere as the cosine of its latitude.
    rows = len(pixels)
    weight = np.cos((np.arange(rows) + 0.5) / rows * np.pi - np.pi / 2)
    return (pixels.mean(axis=1) * (weight / weight.sum())[:, None]).sum(axis=0)


def _say(notes: list[str], text: str) -> None:
    if text not in notes:
        notes.append(text)
