"""What surfaces look like, against Cycles: slots, pictures, colour attributes, and what is cut out of them."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest
from export_scenes import add, add_camera, box_mesh, empty_scene
from passes_truth import assert_same, looks_at, matte, painted, rendered

from sora_addon import compat

pytestmark = pytest.mark.bpy

COLOR = 2e-3
"""Drivers decode 8-bit sRGB to about this."""


def stage() -> Any:
    scene = empty_scene()
    add_camera(scene, (0.0, -3.0, 0.0))
    return scene


def board(
    scene: Any, name: str = "Board", size: float = 1.0, turned: tuple[float, float, float] = (0.0, 0.0, 0.3)
) -> Any:
    """An upright rectangle that faces the camera but for a turn, with a UV map."""
    mesh = bpy.data.meshes.new(name)
    w, h = 1.2 * size, 0.65 * size
    mesh.from_pydata([(-w, 0, -h), (w, 0, -h), (w, 0, h), (-w, 0, h)], [], [(0, 1, 2, 3)])
    mesh.uv_layers.new(name="Map").uv.foreach_set("vector", np.array([0, 0, 1, 0, 1, 1, 0, 1], np.float32))
    thing = add(scene, name, mesh)
    thing.rotation_euler = turned
    return thing


def picture(name: str, width: int = 16, height: int = 8, *, alpha: bool = False, data: bool = False) -> Any:
    """Random texels; the alpha is 0 or 1."""
    image = bpy.data.images.new(name, width, height, alpha=True)
    if data:
        image.colorspace_settings.name = "Non-Color"
    texels = np.random.default_rng(7).random((height * width, 4)).astype(np.float32)
    texels[:, 3] = texels[:, 3] > 0.4 if alpha else 1.0
    image.pixels.foreach_set(texels.reshape(-1))
    image.pack()
    return image


def textured(image: Any, **settings: Any) -> tuple[Any, Any]:
    """A matte material of a picture, and its texture node."""
    material = matte("Printed")
    nodes, links = material.node_tree.nodes, material.node_tree.links
    node = nodes.new("ShaderNodeTexImage")
    node.image = image
    for name, value in settings.items():
        setattr(node, name, value)
    links.new(node.outputs["Color"], shader_of(material).inputs["Color"])
    return material, node


def shader_of(material: Any) -> Any:
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_DIFFUSE")


def output_of(material: Any) -> Any:
    return next(node for node in material.node_tree.nodes if node.type == "OUTPUT_MATERIAL").inputs["Surface"]


def check(scene: Any, show: list[str], **asked: Any) -> None:
    """Both painters against Cycles."""
    truth = rendered(scene)
    for by in ("gpu", "cycles"):
        assert_same(painted(scene, by=by).picture, truth, show, color=COLOR, materials=True, **asked)


def test_several_materials_by_face_and_by_object() -> None:
    scene = stage()
    looks_at(scene.camera, (1.5, -4.0, 2.0), (0.0, 0.0, 0.0))
    box = add(scene, "Box", box_mesh(1.2), (-0.8, 0.0, 0.0))
    for name, color in (("Red", (0.7, 0.1, 0.1)), ("Green", (0.1, 0.6, 0.2)), ("Blue", (0.1, 0.2, 0.9))):
        box.data.materials.append(matte(name, color))
    for polygon, slot in zip(box.data.polygons, (0, 1, 2, 1, 0, 2), strict=True):
        polygon.material_index = slot
    own = add(scene, "Own", box.data, (1.0, 0.0, 0.0))
    own.material_slots[1].link = "OBJECT"
    own.material_slots[1].material = matte("Grey", (0.3, 0.3, 0.3))
    check(scene, ["Box", "Own"])


@pytest.mark.parametrize("extension", ["REPEAT", "EXTEND", "CLIP", "MIRROR"])
@pytest.mark.parametrize("interpolation", ["Linear", "Closest"])
def test_pictures_laid_on(extension: str, interpolation: str) -> None:
    scene = stage()
    smooth = interpolation == "Linear"
    # Smooth sRGB is not compared: Cycles alone mixes texels before it decodes them.
    material, node = textured(picture("Print", data=smooth), extension=extension, interpolation=interpolation)
    lay(material, node)
    board(scene).data.materials.append(material)
    check(scene, ["Board"], strays=0.0 if smooth else 0.005)


def test_srgb_is_mixed_in_light() -> None:
    scene = stage()
    material, node = textured(picture("Print"))
    lay(material, node)
    board(scene).data.materials.append(material)
    ours, other = painted(scene).picture, painted(scene, by="cycles").picture
    assert_same(ours, other, ["Board"], color=COLOR)


def lay(material: Any, node: Any) -> None:
    """Moved, turned and scaled on the UV map."""
    tree = material.node_tree
    mapping, uv = tree.nodes.new("ShaderNodeMapping"), tree.nodes.new("ShaderNodeUVMap")
    uv.uv_map = "Map"
    mapping.inputs["Location"].default_value = (0.23, -0.31, 0.0)
    mapping.inputs["Rotation"].default_value = (0.0, 0.0, 0.4)
    mapping.inputs["Scale"].default_value = (1.7, 1.3, 1.0)
    tree.links.new(uv.outputs[0], mapping.inputs["Vector"])
    tree.links.new(mapping.outputs[0], node.inputs["Vector"])


def test_pictures_by_another_map_without_colour_space_and_tinted() -> None:
    scene = stage()
    thing = board(scene)
    other = thing.data.uv_layers.new(name="Other")
    other.uv.foreach_set("vector", np.array([0, 1, 0, 0, 1, 0, 1, 1], np.float32))
    material, node = textured(picture("Data", data=True))
    tree = material.node_tree
    uv, mix = tree.nodes.new("ShaderNodeUVMap"), tree.nodes.new("ShaderNodeMix")
    uv.uv_map, mix.data_type, mix.blend_type = "Other", "RGBA", "MULTIPLY"
    tree.links.new(uv.outputs[0], node.inputs["Vector"])
    factor, one, two = (
        next(socket for socket in mix.inputs if socket.identifier == name)
        for name in ("Factor_Float", "A_Color", "B_Color")
    )
    factor.default_value, two.default_value = 0.8, (0.9, 0.4, 0.6, 1.0)
    tree.links.new(node.outputs["Color"], one)
    tree.links.new(next(s for s in mix.outputs if s.identifier == "Result_Color"), shader_of(material).inputs["Color"])
    thing.data.materials.append(material)
    check(scene, ["Board"])


@pytest.mark.parametrize(("domain", "kind"), [("POINT", "FLOAT_COLOR"), ("CORNER", "BYTE_COLOR")])
def test_colour_attributes(domain: str, kind: str) -> None:
    scene = stage()
    thing = board(scene)
    thing.data.color_attributes.new("Unused", "FLOAT_COLOR", "POINT")
    layer = thing.data.color_attributes.new("Paint", kind, domain)
    layer.data.foreach_set("color", np.random.default_rng(3).random(16).astype(np.float32))
    material = matte("Painted")
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeVertexColor")
    node.layer_name = "Paint"
    tree.links.new(node.outputs["Color"], shader_of(material).inputs["Color"])
    thing.data.materials.append(material)
    check(scene, ["Board"])


def test_the_object_s_own_colour() -> None:
    scene = stage()
    material = matte("Own")
    tree = material.node_tree
    tree.links.new(tree.nodes.new("ShaderNodeObjectInfo").outputs["Color"], shader_of(material).inputs["Color"])
    for name, x, color in (("Left", -0.6, (0.9, 0.2, 0.1, 1.0)), ("Right", 0.6, (0.1, 0.5, 0.3, 1.0))):
        thing = board(scene, name, 0.45)
        thing.location.x, thing.color = x, color
        thing.data.materials.append(material)
    check(scene, ["Left", "Right"])


def test_principled_metal_and_glow_have_the_colour_that_they_were_given() -> None:
    scene = stage()
    for name, x, inputs in (
        ("Plain", -0.8, {"Base Color": (0.5, 0.3, 0.1, 1.0)}),
        ("Metal", 0.0, {"Base Color": (0.9, 0.7, 0.2, 1.0), "Metallic": 1.0, "Roughness": 0.2}),
        (
            "Glow",
            0.8,
            {"Base Color": (0.2, 0.2, 0.2, 1.0), "Emission Color": (1.0, 0.5, 0.0, 1.0), "Emission Strength": 3.0},
        ),
    ):
        material = bpy.data.materials.new(name)
        shader = next(n for n in compat.shader_tree(material).nodes if n.type == "BSDF_PRINCIPLED")
        for key, value in inputs.items():
            shader.inputs[key].default_value = value
        thing = board(scene, name, 0.3)
        thing.location.x = x
        thing.data.materials.append(material)
    ours = painted(scene)
    for name, color in (("Plain", (0.5, 0.3, 0.1)), ("Metal", (0.9, 0.7, 0.2)), ("Glow", (0.2, 0.2, 0.2))):
        assert np.abs(ours.picture.color[ours.picture.names == name] - color).max() < 1e-6
    told = {material.name: material for material in ours.materials}
    assert told["Metal"].metallic == 1.0
    assert told["Metal"].roughness == pytest.approx(0.2)
    assert told["Glow"].emission == pytest.approx((3.0, 1.5, 0.0))


def cut_by(material: Any, factor: Any) -> None:
    """Let the material be there where ``factor`` is above a half."""
    tree = material.node_tree
    mix, clear = tree.nodes.new("ShaderNodeMixShader"), tree.nodes.new("ShaderNodeBsdfTransparent")
    step = tree.nodes.new("ShaderNodeMath")
    step.operation = "GREATER_THAN"
    step.inputs[1].default_value = 0.5
    tree.links.new(factor, step.inputs[0])
    tree.links.new(step.outputs[0], mix.inputs[0])
    tree.links.new(clear.outputs[0], mix.inputs[1])
    tree.links.new(shader_of(material).outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], output_of(material))


@pytest.mark.parametrize("interpolation", ["Linear", "Closest"])
def test_alpha_that_clips(interpolation: str) -> None:
    scene = stage()
    material, node = textured(picture("Leaf", alpha=True, data=True), interpolation=interpolation)
    node.image.alpha_mode = "CHANNEL_PACKED"
    cut_by(material, node.outputs["Alpha"])
    board(scene).data.materials.append(material)
    wall = board(scene, "Wall", 3.0, (0.0, 0.0, 0.0))
    wall.location.y = 1.0
    wall.data.materials.append(matte("Plaster"))
    check(scene, ["Wall", "Board"], strays=0.005)


def test_hair_cards() -> None:
    """Strips one behind the other, each cut by its picture's alpha through the Principled shader's input."""
    scene = stage()
    image = picture("Strands", 32, 4, alpha=True)
    material = bpy.data.materials.new("Hair")
    tree = compat.shader_tree(material)
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image, node.interpolation = image, "Closest"
    tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    tree.links.new(node.outputs["Alpha"], shader.inputs["Alpha"])
    for number in range(5):
        card = board(scene, f"Card {number}", 0.6 + 0.1 * number, (0.1, 0.0, 0.2 - 0.08 * number))
        card.location.y = 0.2 * number
        card.data.materials.append(material)
    ours, truth = painted(scene).picture, rendered(scene)
    assert_same(ours, truth, [])
    assert len(np.unique(ours.names)) >= 5
    assert_same(painted(scene, by="cycles").picture, truth, [])


def test_a_colour_attribute_s_alpha_cuts() -> None:
    scene = stage()
    thing = board(scene)
    layer = thing.data.color_attributes.new("Paint", "FLOAT_COLOR", "POINT")
    layer.data.foreach_set("color", np.array([1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 1, 0, 0], np.float32))
    material = matte("Fading")
    node = material.node_tree.nodes.new("ShaderNodeVertexColor")
    node.layer_name = "Paint"
    material.node_tree.links.new(node.outputs["Color"], shader_of(material).inputs["Color"])
    cut_by(material, node.outputs["Alpha"])
    thing.data.materials.append(material)
    check(scene, ["Board"])


def test_backs_are_culled_where_eevee_culls_them() -> None:
    scene = stage()
    material = matte("One-sided")
    material.use_backface_culling = True
    for name, x, turn in (("Front", -0.6, 0.2), ("Back", 0.6, 3.3)):
        thing = board(scene, name, 0.4, (0.0, 0.0, turn))
        thing.location.x = x
        thing.data.materials.append(material)
    mirrored = board(scene, "Mirrored", 0.3, (0.0, 0.0, 3.3))
    mirrored.scale.x = -1.0
    mirrored.data.materials.append(material)
    mirrored.location.z = 0.6
    scene.render.engine = compat.EEVEE
    for by in ("gpu", "cycles"):
        assert set(np.unique(painted(scene, by=by).picture.names)) == {"", "Front"}
    scene.render.engine = "CYCLES"
    assert set(np.unique(painted(scene).picture.names)) == {"", "Front", "Back", "Mirrored"}


def test_colours_that_are_animated() -> None:
    scene = stage()
    material = matte("Changing")
    socket = shader_of(material).inputs["Color"]
    for frame, value in ((1, 0.1), (3, 0.7)):
        socket.default_value = (value, 0.5, 0.5, 1.0)
        socket.keyframe_insert("default_value", frame=frame)
    board(scene).data.materials.append(material)
    check(scene, ["Board"])
