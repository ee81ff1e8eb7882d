"""The one place in Blender where jobs are asked for and their news arrive. Only the main thread comes here."""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy

from .. import properties, stalls
from ..contract import SHOT_FILE, ContractError
from ..contract.messages import Job, Jobs, Order, Welcome
from ..export.background import export_in_background
from ..export.options import ExportOptions
from ..export.progress import Message
from ..sequencer import SequencerError
from . import asking, laying, making, pace, places
from .aside import Aside
from .board import Board, Row
from .engine import NoEngine, engine_command, engine_environment, engine_python, look_again
from .exports import Exports
from .handover import Handover
from .link import Event, Launch, Lost
from .session import Session
from .shelf import Shelf
from .state import State
from .wire import Answer, Refusal, Told

NO_SUCH_JOB = bpy.app.translations.pgettext_n("There is no such job")
NO_SHOT = bpy.app.translations.pgettext_n("The shot of this job was never written; press Generate in its scene")

Hears = Callable[[Message], None]

BUDGET = 0.008
"""Seconds of a tick that are spent on news."""
BUSY, IDLE = 0.1, 0.5
"""Seconds between ticks, with and without something going on."""


@dataclass
class Plan:
    """What a job was asked with, to ask it again where its shot was never written."""

    order: Order
    options: ExportOptions


class Desk:
    """Jobs of this Blender, and the engine behind them."""

    def __init__(self) -> None:
        self.home = places.home()
        self.board = Board()
        self.session = Session(self._launch, f"Blender {bpy.app.version_string}")
        self.exports = Exports()
        self.engine_trouble = ""
        """Why the engine went last, until another one answers."""
        self._plans: dict[str, Plan] = {}
        self._handover = Handover(self.session, self.board)
        self._to_lay: deque[str] = deque()
        self._laid: set[tuple[str, str]] = set()
        """Scene and take that were laid, or could not be, since the file was opened: undo may take them back for good."""
        self._aside_exports: dict[str, tuple[Hears, Hears]] = {}
        self.aside = Aside()
        self._read_more = threading.Event()
        self.state = State(Shelf(self._read_more.set))
        self.changed = False
        self._python: Path | None = None
        """Of the engine that was started last."""
        self._seen = False
        self._to_greet = True

    # What the artist does. Each returns at once.

    def generate(self, context: Any, scene: Any, view_layer: Any) -> Row:
        """Start a job for ``scene`` as its panel says. Only the snapshot is written here and now.

        Raises NoEngine, preflight.Refused and snapshot.SnapshotFailed, with nothing started.
        """
        engine_python()
        asking.claim(scene)
        job = str(uuid.uuid4())
        folder = places.job_folder(scene, job)
        info = self.session.backend(scene.sora.backend)
        order = Order(
            id=job,
            shot=str(folder / "shot"),
            out=str(folder / "take"),
            backend=scene.sora.backend,
            origin=asking.origin_of(scene),
            settings=asking.settings_of(scene) | making.making_settings(scene, info),
            exporting=True,
            chain=making.chain_of(scene, self.session.backend),
            mix=making.mix_of(scene),
        )
        return self._start(context, order, making.with_making(asking.options_for(scene, view_layer), scene, info))

    def _start(self, context: Any, order: Order, options: ExportOptions) -> Row:
        running, warnings = export_in_background(context, Path(order.shot), options)
        row = self.board.ask(order, exports=True)
        row.notes = list(warnings)
        self._plans[order.id] = Plan(order, options)
        self.exports.watch(order.id, running)
        self.session.submit(order)
        self.changed = True
        return row

    def cancel(self, job: str) -> None:
        """Stop a job at whatever stage it is."""
        row = self.board.row(job)
        if row is None or not row.open:
            return
        row.stopping = True
        self.exports.cancel(job)
        self.session.cancel(job)
        self.changed = True

    def retry(self, context: Any, job: str) -> str:
        """Make a job again that did not end well; empty, or why that cannot be.

        Raises as ``generate`` where the shot has to be written again.
        """
        row = self.board.row(job)
        if row is None or row.open:
            return NO_SUCH_JOB
        if Path(row.job.order.shot, SHOT_FILE).is_file():
            row.ours = True
            row.trouble = ""
            self.session.retry(job)
            self.changed = True
            return ""
        plan = self._plans.get(job)
        scene = asking.scene_of(plan.order.origin.scene) if plan is not None else None
        if plan is None or scene is None:
            return NO_SHOT
        self.forget(job)
        again = str(uuid.uuid4())
        folder = places.job_folder(scene, again)
        order = replace(plan.order, id=again, shot=str(folder / "shot"), out=str(folder / "take"))
        self._start(context, order, replace(plan.options, scene=scene.name))
        return ""

    def forget(self, job: str) -> None:
        """Take an ended job off the list; its take stays."""
        self.board.forget(job)
        self.session.forget(job)
        self.changed = True

    def take_deleted(self, scene: str, take: str) -> None:
        """The artist deleted a take: its job leaves the list, and nothing lays it again."""
        self._laid.add((scene, take))
        for row in self.board.rows(scene):
            if row.job.take == take:
                self.forget(row.id)

    def look_for(self, scene: Any) -> None:
        """Ask the engine for the jobs of ``scene``, so that takes that were finished meanwhile are laid."""
        if scene.sora.id:
            self.session.list(scene.sora.id)

    def export_aside(
        self, context: Any, key: str, target: Path, options: ExportOptions, heard: Hears, ended: Hears
    ) -> None:
        """An export that is no job; ``ended`` is called with its last message, ``heard`` with those before.

        Raises as ``export_in_background``.
        """
        running, _ = export_in_background(context, target, options)
        self._aside_exports[key] = (heard, ended)
        self.exports.watch(key, running)

    # What happens to Blender.

    def file_opened(self) -> None:
        """Another file is open, or the same one again."""
        asking.forget_owners()
        self._laid.clear()
        for row in self.board.rows():
            row.laid = False
            self._want_laid(row)
        if any(scene.sora.id for scene in bpy.data.scenes):
            try:
                engine_python()
            except RuntimeError:
                return
            for scene in bpy.data.scenes:
                self.look_for(scene)

    def seen(self) -> None:
        """The panel is looked at: the first time, the engine is asked at the next tick what it offers."""
        self._seen = True

    def engine_changed(self) -> None:
        """An engine was installed or removed: one of another environment makes what it has, and the new one is greeted."""
        look_again()
        try:
            python = engine_python()
        except NoEngine:
            python = None
        if self.session.runs and python != self._python:
            self.session.close(finish=True, seconds=0.0)
        if python is not None:
            self.session.start()

    def close(self, finish: bool) -> None:
        """Blender goes. With ``finish`` the engine makes the open jobs on its own; exports under way end here."""
        self.exports.close()
        self.session.close(finish)

    # What is heard.

    def tick(self) -> float:
        """Take in what was heard, within the budget; seconds until the next call."""
        began = time.perf_counter()
        if self._seen and self._to_greet:
            self._greet()
        for event in self.session.drain(BUDGET):
            self._hear(event)
        while time.perf_counter() - began < BUDGET and (said := self.exports.heard()) is not None:
            self._hear_export(*said)
        while time.perf_counter() - began < BUDGET and self.aside.take():
            self.changed = True
        if self._to_lay and time.perf_counter() - began < BUDGET and laying.may_lay(bpy.context):
            self._lay(self._to_lay.popleft())
        return BUSY if self.busy else IDLE

    @property
    def longest(self) -> float:
        """Seconds of the longest tick so far."""
        return stalls.longest.get("tick", 0.0)

    def take_changed(self) -> bool:
        """Whether something has changed since this was asked last."""
        changed, self.changed = self.changed or self._read_more.is_set(), False
        self._read_more.clear()
        return changed

    @property
    def busy(self) -> bool:
        """Whether something goes on that has news soon."""
        return bool(self.board.open() or self.exports.running() or self._to_lay or self.aside.busy)

    def _greet(self) -> None:
        try:
            engine_python()
        except NoEngine:
            return
        self._to_greet = False
        self.session.start()

    def _hear(self, event: Event) -> None:
        self.changed = True
        if isinstance(event, Lost):
            self.engine_trouble = event.sentence
            self._handover.lost(event.sentence)
        elif isinstance(event, Refusal):
            self._refused(event)
        elif isinstance(event.value, Welcome):
            self._welcomed(event.value)
        elif isinstance(event.value, Job):
            self._job(event.value, event)
        elif isinstance(event.value, Jobs):
            for row in self.board.hear_all(event.value.jobs):
                self._want_laid(row)

    def _welcomed(self, welcome: Welcome) -> None:
        self.engine_trouble = ""
        styles = dict.fromkeys(welcome.styles, "A look that the engine knows")
        painting = [backend for backend in welcome.backends if backend.makes_picture]
        backends = {backend.name: backend.summary for backend in painting}
        silent = {backend.name: backend.summary for backend in welcome.backends if not backend.makes_picture}
        lacking = {backend.name for backend in welcome.backends if backend.missing}
        properties.offer(styles, backends or properties.BACKENDS, lacking, silent)

    def _job(self, job: Job, event: Answer | Told) -> None:
        row = self.board.hear(job)
        if row is not None:
            self._want_laid(row)
            self._handover.heard(row, event)

    def _refused(self, refusal: Refusal) -> None:
        job = refusal.params.id if refusal.method == "submit" else getattr(refusal.params, "job", "")
        row = self.board.row(job)
        if row is None or refusal.unheard:  # of a dead engine: ``Lost`` tells it for all jobs
            return
        if self._handover.refused(row, refusal):
            return
        if refusal.method in ("submit", "ready"):
            self.exports.cancel(job)
            self.board.fail(job, "failed", refusal.text, refusal.field)
        else:
            row.stopping = False
            row.trouble = refusal.text

    def _hear_export(self, key: str, message: Message) -> None:
        self.changed = True
        if key in self._aside_exports:
            heard, ended = self._aside_exports.pop(key) if message.last else self._aside_exports[key]
            (ended if message.last else heard)(message)
            return
        row = self.board.row(key)
        if row is None:
            return
        if message.kind == "progress":
            row.stage, row.step, row.total, row.seconds_left = (
                message.stage,
                message.step,
                message.total,
                message.seconds_left,
            )
        elif message.kind == "warning":
            row.notes.append(message.text)
        else:
            self._exported(row, message)

    def _exported(self, row: Row, message: Message) -> None:
        row.exports = False
        if message.kind == "done":
            if row.stopping or not row.open:
                return
            self._handover.written(row)
        elif message.kind == "failed":
            self.board.fail(row.id, "failed", message.text)
            self.session.abandon(row.id, message.text)
        elif row.open:
            self.session.abandon(row.id)
            self.board.fail(row.id, "cancelled", "")

    # Takes into timelines.

    def _want_laid(self, row: Row) -> None:
        if row.job.state == "done" and not row.laid and row.id not in self._to_lay:
            self._to_lay.append(row.id)

    def _lay(self, job: str) -> None:
        row = self.board.row(job)
        if row is None or row.job.state != "done":
            return
        scene = laying.home_of(row.job)
        if scene is None:  # another file is open: ``file_opened`` comes back to it
            return
        row.laid = True
        mark = (scene.sora.id, row.job.take)
        if mark in self._laid or laying.is_laid(scene, row.job.take):
            return
        self._laid.add(mark)
        self.changed = True
        try:
            laid = laying.lay_job(bpy.context, scene, row.job)
            pace.learn(self.home, row.job, laid.take)
        except (SequencerError, ContractError) as error:
            row.trouble = f"{str(error).rstrip('.')}."

    def _launch(self) -> Launch:
        self._python = engine_python()
        return Launch(engine_command(["serve", "--home", str(self.home)]), engine_environment())


_desk: Desk | None = None


def desk() -> Desk:
    """The desk of this Blender, made when first asked for."""
    global _desk
    if _desk is None:
        _desk = Desk()
    return _desk


def existing() -> Desk | None:
    """The desk, if there is one."""
    return _desk


def close(finish: bool) -> None:
    """Give up the desk: the extension is disabled, or Blender goes."""
    global _desk
    if _desk is not None:
        _desk.close(finish)
        _desk = None
