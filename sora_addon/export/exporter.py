"""From an open scene to a shot folder, a frame at a time, so that whoever runs it may draw, report or stop in between."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy

from ..contract import (
    IDENTITY,
    SHOT_FILE,
    SHOT_FORMAT,
    SHOT_VERSION,
    Contact,
    Light,
    LightRow,
    Room,
    Shot,
    Source,
    Vector,
    World,
    passes_of,
    write_document,
)
from .bodies import bodies_of, drops_of, tracks_of
from .contacts import EARTH, Clock, solving
from .frame_writer import FrameWriter
from .history import History
from .identity import shot_identity, sound_of
from .options import ExportOptions, time_of
from .painter import Painter, painter_for
from .preroll import preroll
from .progress import Message, Pace
from .reader import Reader
from .replace import replacing_folder
from .room import room_of
from .sample import Sample
from .scene_kept import frame_kept, looked_through
from .seen import Eye
from .shot_parts import copy_references, cues_of, held, view_of
from .traits import Traits, traits_of

DARK = LightRow(IDENTITY, (0.0, 0.0, 0.0), 0.0)


class Exporter:
    """One export of one scene. Nothing is written before ``run``, and nothing is left where that does not end well."""

    def __init__(
        self,
        scene: Any,
        view_layer: Any,
        target: Path,
        options: ExportOptions,
        overwrite: bool = False,
        snapshot: bool = False,
    ) -> None:
        """``snapshot``: the scene is a copy of the artist's, in another Blender."""
        self._scene = scene
        self._view_layer = view_layer
        self._target = target
        self._options = options
        self._overwrite = overwrite
        self._snapshot = snapshot
        self._time = time_of(scene, options)
        self._lights: list[Light] = []
        self._shown: list[Sample] = []
        """The frames of the shot, without what stands in them."""
        self._room: Room | None = None

    def run(self) -> Iterator[Message]:
        """Do it a step at a time: progress and warnings, and ``done`` last. To cancel, close the generator.

        The scene stands afterwards where it stood, however this ends. Raises ContractError, OSError where the disk
        fails, and RuntimeError where Blender does.
        """
        with (
            replacing_folder(self._target, self._overwrite, SHOT_FILE) as folder,
            frame_kept(self._scene),
            looked_through(self._scene, self._options.camera),
            Reader(self._scene, self._view_layer, self._options.size) as reader,
        ):
            yield from self._simulations()
            painter = painter_for(self._scene, self._time, self._options.size) if self._options.passes else None
            history = History(Clock(float(self._time.rate), self._time.frames + 2))
            yield from self._frames(folder, reader, history, painter)
            shot = yield from self._shot(folder, reader, history, painter)
            write_document(folder / SHOT_FILE, shot)
        notes = [painter.note] if painter is not None and painter.note else []
        for sentence in [*notes, *shot.left_out]:
            yield Message("warning", sentence)
        yield Message("done", str(self._target))

    def _simulations(self) -> Iterator[Message]:
        """Play what is not baked up to the frame before the shot."""
        frames = preroll(self._scene, self._options.first - 1)
        pace = Pace("simulate", len(frames))
        for number, frame in enumerate(frames, 1):
            self._scene.frame_set(frame)
            yield pace.step(number)

    def _frames(self, folder: Path, reader: Reader, history: History, painter: Painter | None) -> Iterator[Message]:
        """Read each frame once, one ahead: the motion of a frame needs both of its neighbours."""
        frames = self._options.frames
        before, here = reader.sample(frames[0] - 1), reader.sample(frames[0])
        self._room = self._room_around(here, reader.unit)
        following = reader.sample(frames[0] + 1)
        self._lights = reader.lights
        history.add(before)
        pace = Pace("frames", len(frames))
        with ExitStack() as writing:
            writer = FrameWriter(folder, passes_of(len(self._lights)))
            if painter is not None:
                writing.enter_context(writer)
            for number, frame in enumerate(frames, 1):
                here = self._lit(here)
                if painter is not None:
                    writer.write(frame, painter.paint(before, here, following, self._lights, reader.materials))
                history.add(here)
                self._shown.append(replace(here, instances=[], particles=[], surfaces={}))
                yield pace.step(number)
                if frame != frames[-1]:
                    before, here, following = here, following, reader.sample(frame + 2)
        history.add(following)

    def _lit(self, sample: Sample) -> Sample:
        """The sample with a row for every lamp of the shot; some may not have been known when it was read."""
        rows = sample.lights[: len(self._lights)]
        return replace(sample, lights=rows + [DARK] * (len(self._lights) - len(rows)))

    def _room_around(self, sample: Sample, unit: float) -> Room | None:
        world = sample.camera.world
        depsgraph = self._view_layer.depsgraph
        return room_of(self._scene, depsgraph, (world[3], world[7], world[11]), unit, sound_of)

    def _shot(
        self, folder: Path, reader: Reader, history: History, painter: Painter | None
    ) -> Generator[Message, None, Shot]:
        """What the frames have told."""
        sources = reader.bodies()
        traits = traits_of(self._scene, sources, reader.unit)
        bodies = bodies_of(history, sources, traits, self._time)
        camera = [sample.camera for sample in self._shown]
        contacts = yield from self._contacts(reader, history, traits)
        if painter is not None:
            eye = Eye(folder, camera, self._time, self._options.size)
            contacts = [eye.see(contact) for contact in contacts]
        names = {source.object_name: source.index for source in reversed(sources)}
        late = [light.name for light in reader.lights[len(self._lights) :]]
        return Shot(
            format=SHOT_FORMAT,
            version=SHOT_VERSION,
            id=shot_identity(self._scene, self._options.shot),
            name=self._options.name or self._scene.name,
            source=self._source(painter),
            time=self._time,
            size=self._options.size,
            view=view_of(self._scene),
            camera=camera,
            lights=[
                replace(light, rows=[sample.lights[number] for sample in self._shown])
                for number, light in enumerate(self._lights)
            ],
            world=World([sample.world_color for sample in self._shown]),
            materials=reader.materials,
            bodies=bodies,
            contacts=contacts,
            words=held(self._options.words, sources) if self._options.by_body else self._options.words,
            cues=cues_of(self._scene, self._time, names),
            room=self._room,
            references=copy_references(self._options.references, folder, names),
            sequence=self._options.sequence,
            take=self._options.take,
            left_out=[*reader.left_out, *(f"The lamp {name!r} comes on too late and is left out" for name in late)],
        )

    def _contacts(
        self, reader: Reader, history: History, traits: Mapping[int, Traits]
    ) -> Generator[Message, None, list[Contact]]:
        steps = solving(
            tracks_of(history, reader.bodies(), traits),
            history.clock,
            drops_of(history, traits, self._time),
            gravity=self._gravity(reader.unit),
        )
        pace: Pace | None = None
        while True:
            try:
                done, total = next(steps)
            except StopIteration as end:
                return end.value
            pace = pace or Pace("contacts", total)
            yield pace.step(done + 1)

    def _source(self, painter: Painter | None) -> Source:
        passes = painter.kind if painter is not None else "none"
        return Source(f"Blender {bpy.app.version_string}", self._scene.name, passes, self._snapshot)

    def _gravity(self, unit: float) -> Vector:
        """Metres a second squared, as the rigid bodies feel it."""
        if not self._scene.use_gravity:
            return (0.0, 0.0, 0.0)
        if self._scene.rigidbody_world is None:
            return EARTH
        x, y, z = (float(value) * unit for value in self._scene.gravity)
        return (x, y, z)
