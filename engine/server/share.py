"""How much of a job is done, by time, and how long it will still take."""

from __future__ import annotations

FIRST_GUESS: dict[str, float] = {"admit": 1.0, "foley": 1.0, "": 6.0, "encode": 2.0, "measure": 6.0}
"""Weights before a job of the backend was made; '' is the backend's own stage, whatever it calls it."""
AFTER = ("encode", "measure")
"""What comes after the backend in any case."""
TOO_EARLY = 0.02


class Progress:
    """Follows one job. ``seconds`` of the stages of an earlier job, in order, weigh them; {} where there was none."""

    def __init__(self, seconds: dict[str, float], began: float) -> None:
        """``began``: monotonic seconds."""
        self._weights = dict(seconds or FIRST_GUESS)
        self._stage = ""
        self._since = self._began = began
        self._passed: dict[str, float] = {}
        self._now = began
        self.step = self.total = 0
        self.share = 0.0

    @property
    def stage(self) -> str:
        return self._stage

    def note(self, stage: str, step: int, total: int, at: float) -> None:
        """The job is at ``step`` of ``total`` of ``stage``, ``at`` monotonic seconds."""
        if stage != self._stage:
            self._leave(at)
            self._stage, self._since = stage, at
            if stage not in self._weights:
                self._meet(stage)
        self.step, self.total, self._now = step, max(step, total), at
        before = 0.0
        for name, weight in self._weights.items():
            if name == stage:
                before += weight * (step / self.total if self.total else 0.0)
                break
            before += weight
        whole = sum(self._weights.values())
        self.share = max(self.share, min(0.999, before / whole if whole else 0.0))

    @property
    def seconds_left(self) -> float | None:
        """None as long as too little is known."""
        if self.share < TOO_EARLY:
            return None
        spent = self._now - self._began
        return round(spent / self.share * (1.0 - self.share), 1)

    def seconds(self, at: float) -> dict[str, float]:
        """Of every stage that was passed, in order; the job ends ``at``."""
        self._leave(at)
        self._stage = ""
        return {name: round(value, 3) for name, value in self._passed.items()}

    def _leave(self, at: float) -> None:
        if self._stage:
            self._passed[self._stage] = self._passed.get(self._stage, 0.0) + max(0.0, at - self._since)

    def _meet(self, stage: str) -> None:
        """A stage that nobody knew of: it takes the backend's place, or one before what comes last."""
        weight = self._weights.pop("", 1.0)
        later = {name: self._weights.pop(name) for name in AFTER if name in self._weights}
        self._weights[stage] = weight
        self._weights |= later
