"""What this Blender does about models: one thing at a time, in a thread, by the engine's Python; and what is shown of it.

No bpy here. Drawing reads ``MODELS.shown`` and never waits.
"""

from __future__ import annotations

import atexit
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ..contract import ContractError
from ..install.processes import end_group, own_group
from .told import Listing, Plan, Step, read_listing, read_plan, read_step

Task = Literal["", "looking", "planning", "getting", "using", "verifying", "removing", "storing", "asking"]
POLL = 0.2
"""Seconds between two looks whether it was cancelled."""

Command = Callable[[Sequence[str]], list[str]]
"""The engine's Python with these arguments after ``-m``; raises RuntimeError with a sentence where there is no engine."""
Environment = Callable[[], dict[str, str]]


@dataclass(frozen=True)
class Shown:
    """A moment's picture, never changed."""

    task: Task = ""
    model: str = ""
    """The name of the one that the task, or what was said last, is about."""
    listing: Listing | None = None
    """None until it was looked at."""
    plans: dict[str, Plan] = field(default_factory=dict)
    step: Step | None = None
    problem: str = ""
    """Why the last task did not end well."""
    well: Task = ""
    """The last task, where it ended well."""
    answer: str = ""
    """What the remote server said of itself."""


class Models:
    """Begin a task; whatever becomes of it is in ``shown``."""

    def __init__(self) -> None:
        self.shown = Shown()
        self._lock = threading.Lock()
        self._cancel = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        return self.shown.task != ""

    def begin(
        self,
        task: Task,
        command: Command,
        environment: Environment,
        words: Sequence[str] = (),
        model: str = "",
        said: str = "",
    ) -> bool:
        """Begin ``task`` unless another is under way; whether it was begun.

        ``words`` follow ``-m`` of the engine's Python; ``said`` goes to its standard input. Afterwards models are looked
        at anew with ``command(["engine.hub", "list", "--json"])``.
        """
        with self._lock:
            if self.busy:
                return False
            self._cancel = threading.Event()
            self.shown = replace(self.shown, task=task, model=model, step=None, problem="", well="")
            self._thread = threading.Thread(
                target=self._run,
                args=(task, model, command, environment, list(words), said, self._cancel),
                name=f"sora models {task}",
                daemon=True,
            )
            self._thread.start()
            return True

    def cancel(self) -> None:
        """Stop the task within two seconds; what has come is kept for the next time."""
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
        task: Task,
        model: str,
        command: Command,
        environment: Environment,
        words: list[str],
        said: str,
        cancel: threading.Event,
    ) -> None:
        shown = self.shown
        plans, listing, problem, answer, well = dict(shown.plans), shown.listing, "", shown.answer, task
        try:
            if task != "looking":
                answered = self._ask(command(words), environment(), said, cancel)
                if answered is None:
                    well = ""
                elif task == "planning":
                    plans[model] = read_plan(answered)
                elif task == "asking":
                    answer = answered.strip()
                else:
                    plans.pop(model, None)
            listed = self._ask(command(["engine.hub", "list", "--json"]), environment(), "", threading.Event())
            listing = read_listing(listed) if listed is not None else listing
        except (ContractError, OSError, RuntimeError) as error:
            problem, well = str(error), ""
        with self._lock:
            self.shown = Shown("", model, listing, plans, None, problem, well, answer)

    def _ask(self, command: list[str], environment: dict[str, str], said: str, cancel: threading.Event) -> str | None:
        """What a run of the engine prints; None where it was cancelled. Raises RuntimeError with the sentence that it says."""
        process = subprocess.Popen[bytes](
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            **own_group(),
        )
        lines: list[str] = []
        listener = threading.Thread(target=self._listen, args=(process, lines), daemon=True)
        answered: list[bytes] = []
        reader = threading.Thread(target=lambda: answered.append(_all(process)), daemon=True)
        try:
            assert process.stdin is not None
            listener.start()
            reader.start()
            with process.stdin:
                process.stdin.write(said.encode())
            while reader.is_alive():
                reader.join(POLL)
                if cancel.is_set():
                    return None
            listener.join()
            code = process.wait()
        finally:
            end_group(process)
        if code:
            last = next((line for line in reversed(lines) if line.strip()), f"the engine ended with {code}")
            raise RuntimeError(_sentence(last))
        return answered[0].decode("utf-8", "replace")

    def _listen(self, process: subprocess.Popen[bytes], lines: list[str]) -> None:
        assert process.stderr is not None
        with process.stderr:
            for raw in process.stderr:
                line = raw.decode("utf-8", "replace").rstrip()
                step = read_step(line)
                if step is None:
                    lines.append(line)
                else:
                    with self._lock:
                        self.shown = replace(self.shown, step=step)


def _all(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    with process.stdout:
        return process.stdout.read()


def _sentence(line: str) -> str:
    """The engine's words without its name before them."""
    said = line.removeprefix("models: ")
    return f"{said[:1].upper()}{said[1:].rstrip('.')}."


MODELS = Models()
"""Of this process. What Blender's end finds under way is cancelled, and gone on with when the artist likes."""

atexit.register(MODELS.stop)
