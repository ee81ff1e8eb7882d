"""Reads the evaluated scene frame by frame into plain numpy.

    with Reader(scene, view_layer, size) as reader:
        for frame in range(first - 1, last + 2):
            sample = reader.sample(frame)

Frames are read in order, each once; simulations that are not baked need that anyway.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Hashable
from types import TracebackType
from typing import Any

import bpy

from ..contract import Light, Material, Size
from .camera import camera_at, camera_row
from .instances import BodyRegistry, BodySource, Claim, Placed, placed_instances
from .materials import MaterialRegistry
from .reader_lights import LightRegistry
from .reader_mesh import MeshReader
from .reader_particles import particle_samples
from .reader_settings import as_rendered
from .reader_world import world_color
from .sample import Doubles, Instance, Mesh, ParticleSample, Sample

_UNSUPPORTED = {
    "VOLUME": "volume",
    "CURVES": "hair curves object",
    "POINTCLOUD": "point cloud",
    "GPENCIL": "grease pencil object",
    "GREASEPENCIL": "grease pencil object",
}


class Reader:
    """A scene, read as it renders. Use it in a ``with``: settings and handlers are put back at the end."""

    def __init__(self, scene: Any, view_layer: Any, size: Size) -> None:
        self._scene = scene
        self._view_layer = view_layer
        self._size = size
        settings = scene.unit_settings
        self._unit = float(settings.scale_length) if settings.system != "NONE" else 1.0
        self._bodies = BodyRegistry()
        self._materials = MaterialRegistry(culls="EEVEE" in scene.render.engine)
        self._lights = LightRegistry(self._unit)
        self._meshes = MeshReader()
        self._left_out: list[str] = []
        self._changed: set[int] = set()
        self._changed_materials: set[Any] = set()
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Reader:
        self._stack.enter_context(as_rendered(self._scene, self._view_layer))
        bpy.app.handlers.frame_change_post.append(self._note_changes)
        self._stack.callback(self._forget_handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def unit(self) -> float:
        """Metres of a Blender unit."""
        return self._unit

    @property
    def materials(self) -> list[Material]:
        """All materials seen so far, by index from 1."""
        return list(self._materials.materials)

    @property
    def lights(self) -> list[Light]:
        """All lamps seen so far, without rows; a sample that was read earlier has rows for those known then."""
        return list(self._lights.lights)

    def bodies(self) -> list[BodySource]:
        """All bodies seen so far, by index from 1."""
        return self._bodies.sources()

    def body_index(self, object_name: str, instancer_name: str | None = None) -> int | None:
        """The first body of that object (and instancer), None where none has been seen."""
        for source in self._bodies.sources():
            if source.object_name == object_name and source.instancer_name == instancer_name:
                return source.index
        return None

    @property
    def left_out(self) -> list[str]:
        """What the scene holds and the passes do not show, a sentence each."""
        return [*self._left_out, *self._materials.left_out, *self._lights.left_out]

    def sample(self, frame: float) -> Sample:
        """Set the scene to ``frame``, which may lie between two, and read it.

        Raises CameraError where there is no camera that a shot can be made with.
        """
        whole = math.floor(frame)
        self._scene.frame_set(whole, subframe=frame - whole)
        depsgraph = self._depsgraph()
        camera = camera_at(self._scene, frame)
        row = camera_row(self._scene, depsgraph, camera, self._size, self._unit)
        claims: list[Claim] = []
        parts: list[dict[str, Any]] = []
        lamps: list[tuple[Claim, Doubles, Any]] = []
        emitters: dict[int, Any] = {}
        fresh: dict[Hashable, Mesh] = {}
        for placed in placed_instances(depsgraph):
            kind = placed.object.type
            if kind == "MESH":
                found = self._mesh(placed, fresh)
                if found is not None:
                    claims.append(placed.claim)
                    parts.append({"mesh": found, "world": self._metric(placed.world), **self._shows(placed)})
            elif kind == "LIGHT":
                lamps.append((placed.claim, placed.world, placed.object.data))
            elif kind in _UNSUPPORTED:
                self._leave_out(f"The {_UNSUPPORTED[kind]} {placed.claim.object.name!r} is left out")
            if placed.claim.maker is None and len(placed.object.particle_systems):
                emitters[placed.claim.object.session_uid] = placed.claim.object
        for obj in self._hidden_emitters(depsgraph):
            emitters.setdefault(obj.session_uid, obj)
        indices = self._bodies.bodies_of(claims)
        instances = [
            Instance(body=index, identity=claim.identity, **part)
            for index, claim, part in zip(indices, claims, parts, strict=True)
        ]
        light_rows = self._lights.rows(lamps)
        world = self._scene.world
        color = world_color(world.evaluated_get(depsgraph) if world is not None else None, self._left_out)
        self._changed.clear()
        return Sample(
            frame=whole,
            camera=row,
            lights=light_rows,
            world_color=color,
            instances=instances,
            particles=self._particles(depsgraph, emitters, frame),
            surfaces=dict(self._materials.surfaces),
        )

    def _depsgraph(self) -> Any:
        # Not evaluated_depsgraph_get() under a temp_override: up to 5.0 (Python 3.11) it reads the override's dict
        # without Python's lock where another thread holds it, and our writers are other threads.
        self._view_layer.update()
        return self._view_layer.depsgraph

    def _metric(self, world: Doubles) -> Doubles:
        if self._unit != 1.0:
            world = world.copy()
            world[:3] *= self._unit
        return world

    def _mesh(self, placed: Placed, fresh: dict[Hashable, Mesh]) -> Mesh | None:
        obj, claim = placed.object, placed.claim
        data = obj.data
        if self._is_smoke(obj):
            self._leave_out(f"The smoke or fire of {claim.object.name!r} is left out")
            return None
        if not len(data.polygons):
            return None
        key = (claim.object.session_uid, claim.maker and claim.maker.session_uid, data.name, data.as_pointer())
        if key in fresh:
            return fresh[key]
        slots = tuple(self._materials.index(material, self._changed_materials) for material in _slots(obj, claim))
        owners = {claim.object.session_uid, claim.maker and claim.maker.session_uid}
        source = claim.object.data
        if source is not None:
            owners.add(source.session_uid)
        mesh = self._meshes.read(key, data, slots, changed=not owners.isdisjoint(self._changed))
        fresh[key] = mesh
        return mesh

    @staticmethod
    def _is_smoke(obj: Any) -> bool:
        return any(
            one.type == "FLUID" and one.fluid_type == "DOMAIN" and one.domain_settings.domain_type == "GAS"
            for one in obj.modifiers
        )

    def _shows(self, placed: Placed) -> dict[str, Any]:
        """Whether rays see an instance: its own switches and its instancer's both count, as in Cycles."""
        objects = [placed.claim.object, placed.claim.maker or placed.claim.object]
        layer = self._view_layer
        outer = objects[1]
        in_layer = outer.name in layer.objects
        return {
            "color": tuple(placed.object.color),
            "seen": all(one.visible_camera for one in objects)
            and not (in_layer and outer.indirect_only_get(view_layer=layer)),
            "shadows": all(one.visible_shadow for one in objects),
            "holdout": any(one.is_holdout for one in objects) or (in_layer and outer.holdout_get(view_layer=layer)),
        }

    def _particles(self, depsgraph: Any, emitters: dict[int, Any], frame: float) -> list[ParticleSample]:
        found: list[ParticleSample] = []
        fps = self._scene.render.fps / self._scene.render.fps_base
        for original in emitters.values():
            evaluated = original.evaluated_get(depsgraph)
            found.extend(particle_samples(evaluated, frame, self._bodies, self._unit, fps))
            for system in evaluated.particle_systems:
                if system.settings.type == "HAIR" and system.settings.render_type == "PATH":
                    self._leave_out(f"The hair {system.name!r} of {original.name!r} is left out")
        return found

    def _hidden_emitters(self, depsgraph: Any) -> list[Any]:
        """Emitters that do not show themselves; their particles may."""
        return [
            obj.original
            for obj in depsgraph.objects
            if len(obj.particle_systems) and not obj.original.show_instancer_for_render
        ]

    def _leave_out(self, sentence: str) -> None:
        if sentence not in self._left_out:
            self._left_out.append(sentence)

    def _note_changes(self, scene: Any, depsgraph: Any = None) -> None:
        """Called by Blender within ``frame_set``: afterwards the updates are forgotten."""
        if depsgraph is None or scene.session_uid != self._scene.session_uid:
            return
        for update in depsgraph.updates:
            original = update.id.original
            if update.is_updated_geometry:
                self._changed.add(original.session_uid)
            if isinstance(original, bpy.types.Material):
                library = original.library.filepath if original.library else None
                self._changed_materials.add((original.name, library))

    def _forget_handler(self) -> None:
        bpy.app.handlers.frame_change_post.remove(self._note_changes)


def _slots(obj: Any, claim: Claim) -> list[Any]:
    """The evaluated materials of an instance, one at least; those of the mesh where nodes or curves made it."""
    made = claim.maker is not None and claim.maker == claim.object
    if made or not len(obj.material_slots):
        materials = list(obj.data.materials)
    else:
        materials = [slot.material for slot in obj.material_slots]
    return materials or [None]
