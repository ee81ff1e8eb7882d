"""The scene evaluated as a render evaluates it.

A depsgraph that Python can step through frames is a viewport's: it takes each modifier's and object's viewport choices.
``as_rendered`` gives these the render's values for the time being, on the throw-away snapshot or, in place, until it ends.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import bpy


@contextlib.contextmanager
def as_rendered(scene: Any, view_layer: Any) -> Iterator[None]:
    """Viewport settings of everything that the scene uses equal to the render's; put back at the end.

    Modifiers (visibility, subdivision, ocean, screw), objects and collections hidden in render, instancers, curves' and
    metaballs' resolution, particles' share and children, simplify. A particle system whose cache is not baked may start
    afresh, so enter before the first frame is set.
    """
    undo: list[tuple[Any, str, Any]] = []
    eyes: list[Any] = []
    try:
        for owner, name, value in _wanted(scene):
            before = getattr(owner, name)
            if before != value:
                undo.append((owner, name, before))
                setattr(owner, name, value)
        eyes = [obj for obj in view_layer.objects if obj.hide_get(view_layer=view_layer)]
        for obj in eyes:
            obj.hide_set(False, view_layer=view_layer)
        yield
    finally:
        for owner, name, before in reversed(undo):
            setattr(owner, name, before)
        for obj in eyes:
            obj.hide_set(True, view_layer=view_layer)


def _wanted(scene: Any) -> Iterator[tuple[Any, str, Any]]:
    """(owner, viewport property, render's value)."""
    if scene.render.use_simplify:
        yield scene.render, "simplify_subdivision", scene.render.simplify_subdivision_render
        yield scene.render, "simplify_child_particles", scene.render.simplify_child_particles_render
    for collection in [*bpy.data.collections]:
        yield collection, "hide_viewport", collection.hide_render
    for layer in _layers(scene.view_layers):
        yield layer, "hide_viewport", False
    for obj in bpy.data.objects:
        yield obj, "hide_viewport", obj.hide_render
        yield obj, "show_instancer_for_viewport", obj.show_instancer_for_render
        for modifier in obj.modifiers:
            yield from _modifier(modifier)
    for curve in bpy.data.curves:
        yield from _curve(curve)
    for ball in bpy.data.metaballs:
        yield ball, "resolution", ball.render_resolution
    for particles in bpy.data.particles:
        yield particles, "display_percentage", 100
        yield particles, "child_percent", particles.rendered_child_count
        if particles.render_type in ("OBJECT", "COLLECTION"):
            yield particles, "display_method", "RENDER"


def _layers(view_layers: Iterable[Any]) -> Iterator[Any]:
    waiting = [view_layer.layer_collection for view_layer in view_layers]
    while waiting:
        layer = waiting.pop()
        yield layer
        waiting.extend(layer.children)


def _modifier(modifier: Any) -> Iterator[tuple[Any, str, Any]]:
    yield modifier, "show_viewport", modifier.show_render
    if modifier.type in ("SUBSURF", "MULTIRES"):
        yield modifier, "levels", modifier.render_levels
    elif modifier.type == "OCEAN":
        yield modifier, "viewport_resolution", modifier.resolution
    elif modifier.type == "SCREW":
        yield modifier, "steps", modifier.render_steps


def _curve(curve: Any) -> Iterator[tuple[Any, str, Any]]:
    for side in ("u", "v"):
        steps = getattr(curve, f"render_resolution_{side}")
        if steps:
            yield curve, f"resolution_{side}", steps
            for spline in curve.splines:
                yield spline, f"resolution_{side}", steps
