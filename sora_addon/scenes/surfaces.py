"""Materials whose names say what they sound like."""

from __future__ import annotations

import bpy

from .. import compat

Colour = tuple[float, float, float]
"""Scene linear."""


def surface(
    name: str,
    color: Colour = (0.5, 0.5, 0.5),
    *,
    image: bpy.types.Image | None = None,
    roughness: float = 0.6,
    metallic: float = 0.0,
    transmission: float = 0.0,
    ior: float = 1.45,
    glow: float = 0.0,
) -> bpy.types.Material:
    """A Principled BSDF of one colour, or with ``image`` for its base colour; ``glow`` is its strength as a lamp."""
    material = bpy.data.materials.new(name)
    tree = compat.shader_tree(material)
    shader = tree.nodes["Principled BSDF"]
    values = {
        "Base Color": (*color, 1.0),
        "Roughness": roughness,
        "Metallic": metallic,
        "Transmission Weight": transmission,
        "IOR": ior,
        "Emission Color": (*color, 1.0),
        "Emission Strength": glow,
    }
    for key, value in values.items():
        shader.inputs[key].default_value = value
    if image is not None:
        node = tree.nodes.new("ShaderNodeTexImage")
        node.image = image
        node.location = (-320.0, 200.0)
        tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    material.diffuse_color = (*color, 1.0)
    return material
