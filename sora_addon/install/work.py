"""What this Blender does about the engine's environment: one thing at a time, in a thread, and what is shown of it.

No bpy here. Drawing reads ``WORK.shown`` and never waits.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from .edition import CannotInstall, this_edition
from .install import fetch, install, repair
from .meter import Progress
from .places import State, state
from .plan import Plan, make_plan
from .processes import Stopped
from .upkeep import remove, verify

WITH_MODELS = ("core", "model")
Task = Literal["", "looking", "installing", "repairing", "verifying", "removing", "fetching"]


@dataclass(frozen=True)
class Wish:
    """What the artist has set. Empty paths are None."""

    root: Path
    own: tuple[str, ...]
    """Starts this process's Python."""
    python: Path | None = None
    wheels: Path | None = None
    home: Path | None = None
    """The engine's own folder, for ``engine doctor``."""
    parts: tuple[str, ...] = ("core",)
    """Of the edition: ``core``, and ``model`` where models that paint are wanted."""


@dataclass(frozen=True)
class Shown:
    """A moment's picture, never changed."""

    task: Task = ""
    state: State | None = None
    """None until it was looked at."""
    plan: Plan | None = None
    plan_problem: str = ""
    models: Plan | None = None
    """What it would take to add the models to an engine that is whole without them."""
    progress: Progress | None = None
    problem: str = ""
    """Why the last task did not end well."""
    well: Task = ""
    """The last task, where it ended well."""


def has_parts(found: State, parts: tuple[str, ...]) -> bool:
    """Whether the environment has at least these parts."""
    return found.record is not None and set(parts) <= set(found.record.parts)


Watch = Callable[[Progress], None]


class Work:
    """Begin a task; whatever becomes of it is in ``shown``."""

    def __init__(self) -> None:
        self.shown = Shown()
        self._lock = threading.Lock()
        self._cancel = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        return self.shown.task != ""

    def begin(self, task: Task, wish: Wish, target: Path | None = None) -> bool:
        """Begin ``task`` unless another is under way; whether it was begun. ``target`` is where fetched wheels go.

        A mere look is no hindrance: the task begins when it has ended.
        """
        with self._lock:
            if self.shown.task not in ("", "looking"):
                return False
            before, self._cancel = self._thread, threading.Event()
            self.shown = replace(self.shown, task=task, progress=None, problem="", well="")
            self._thread = threading.Thread(
                target=self._run, args=(before, task, wish, target, self._cancel), name=f"sora {task}", daemon=True
            )
            self._thread.start()
            return True

    def cancel(self) -> None:
        """Stop the task; it ends within two seconds and can be resumed."""
        self._cancel.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the task to end; whether it has. For scripts and for Blender's end."""
        if self._thread is not None:
            self._thread.join(seconds)
            return not self._thread.is_alive()
        return True

    def stop(self) -> None:
        """Cancel, and see to it that nothing of the task runs on."""
        self.cancel()
        self.wait(3.0)

    def _run(
        self,
        before: threading.Thread | None,
        task: Task,
        wish: Wish,
        target: Path | None,
        cancel: threading.Event,
    ) -> None:
        if before is not None:
            before.join()
        problem, well = "", task
        try:
            self._do(task, wish, target, cancel)
        except CannotInstall as error:
            problem, well = str(error), ""
        except Stopped:
            well = ""
        except OSError as error:
            problem, well = f"{error.filename or wish.root}: {error.strerror or error}.", ""
        found, plan, plan_problem = self._look(wish)
        models = self._look_for_models(wish, found)
        with self._lock:
            task = "" if self._thread is threading.current_thread() else self.shown.task
            self.shown = Shown(task, found, plan, plan_problem, models, None, problem, well)

    def _do(self, task: Task, wish: Wish, target: Path | None, cancel: threading.Event) -> None:
        edition = this_edition()
        if task == "removing":
            remove(wish.root)
        elif task == "verifying":
            sentence = verify(wish.root, edition, cancel, wish.home)
            if sentence:
                raise CannotInstall(sentence)
        elif task == "fetching":
            assert target is not None
            plan = make_plan(edition, wish.own, wish.python, parts=wish.parts)
            fetch(wish.root, plan, target, self._watch, cancel)
        elif task != "looking":
            do = {"installing": install, "repairing": repair}[task]
            plan = make_plan(edition, wish.own, wish.python, wish.wheels, wish.parts)
            do(wish.root, plan, self._watch, cancel, wish.wheels)

    def _look(self, wish: Wish) -> tuple[State | None, Plan | None, str]:
        """The state afterwards, and what an install would do where none is whole or parts are missing."""
        try:
            found = state(wish.root)
            if found.kind == "working" or (found.kind == "whole" and has_parts(found, wish.parts)):
                return found, None, ""
        except CannotInstall as error:
            return None, None, str(error)
        try:
            return found, make_plan(this_edition(), wish.own, wish.python, wish.wheels, wish.parts), ""
        except CannotInstall as error:
            return found, None, str(error)

    def _look_for_models(self, wish: Wish, found: State | None) -> Plan | None:
        if found is None or found.kind != "whole" or has_parts(found, WITH_MODELS):
            return None
        try:
            return make_plan(this_edition(), wish.own, wish.python, wish.wheels, WITH_MODELS)
        except CannotInstall:  # said once they are asked for
            return None

    def _watch(self, progress: Progress) -> None:
        with self._lock:
            self.shown = replace(self.shown, progress=progress)


WORK = Work()
"""Of this process. An install that Blender's end finds under way is cancelled, and resumed when the artist likes."""

atexit.register(WORK.stop)
