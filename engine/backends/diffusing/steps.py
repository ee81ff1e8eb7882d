"""A pipeline's steps as a job's progress: how far it is, what it looks like by now, and the way out of it.

A cancelled job leaves by an exception from the callback. ``pipe._interrupt`` would skip the steps that are left and still
decode, which can take as long as they do; some pipelines do not look at it at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..protocol import Request
from .faults import not_finite

Look = Callable[[Any], Any]
"""Latents to a small picture, (height, width, 3) uint8."""

OFTEN = 0.25
"""Seconds from one picture of what is being made to the next, at least: more are not shown."""


class Steps:
    """``callback_on_step_end`` of a pipeline, and what a step's weights are set by before it begins."""

    def __init__(
        self,
        request: Request,
        stage: str,
        lengths: Sequence[int],
        look: Look | None = None,
    ) -> None:
        """``lengths`` are the steps of each call of the pipeline that the clip takes; each call counts its own from 0."""
        self.request, self.stage, self.lengths, self.look = request, stage, tuple(lengths), look
        self.looks = 0
        self._due = 0.0
        self.run = 0
        self.at = 0
        """The step that is being made, from 0 within its run."""
        self.took: list[float] = []
        """Seconds of each step but the first of a run, before which other things are done."""
        self._since = 0.0

    def begin(self, run: int = 0) -> None:
        """Before each call. Raises Cancelled."""
        self.run, self.at = run, 0
        self._tell()

    def __call__(self, pipe: Any, step: int, timestep: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        """After each step. Raises Cancelled, and ContractError where the latents are not finite."""
        latents = kwargs.get("latents")
        # This waits for the card. Without it steps would be queued there ahead of what is told, timed and cancelled.
        if latents is not None and not bool(latents.isfinite().all()):
            raise not_finite(self.request.shot.words.backend or self.stage, "latents")
        self.at = step + 1
        now = time.perf_counter()
        if step > 0:
            self.took.append(now - self._since)
        self._since = now
        self._tell()
        if latents is not None:
            self._show(latents)
        return {}

    def share(self, weight: Callable[[int, int], float]) -> float:
        """``weight`` (step, steps) of the step that is being made, in its own run."""
        steps = self.lengths[self.run]
        return weight(min(self.at, steps - 1), steps)

    def _show(self, latents: Any) -> None:
        if self.look is None or self.request.preview is None or time.monotonic() < self._due:
            return
        self.request.preview(self.looks, self.look(latents))
        self.looks += 1
        self._due = time.monotonic() + OFTEN

    def _tell(self) -> None:
        done = sum(self.lengths[: self.run]) + min(self.at, self.lengths[self.run])
        self.request.progress(self.stage, done, sum(self.lengths))


@contextmanager
def changed(module: Any, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """While it lasts, ``change`` may change the keyword arguments of each call of a module in place, before it runs.

    Pipelines fix most of what they tell their network before the first step; this is the way to tell it by the step.
    """

    def before(_: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        change(named)
        return arguments, named

    handle = module.register_forward_pre_hook(before, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


def called(pipe: Any, **kwargs: Any) -> Any:
    """What the pipeline returns for keyword arguments; where it does not return, its offloaded parts go home."""
    done = False
    try:
        made = pipe(**kwargs)
        done = True
        return made
    finally:
        if not done:
            # Hooks of offloading would else keep the component at work on the card until the next job.
            pipe.maybe_free_model_hooks()
