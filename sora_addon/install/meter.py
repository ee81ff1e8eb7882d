"""How far an install is, and how long it still takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .places import Stage

FIRST_DOWNLOAD = 8e6
"""Bytes a second that are guessed before anything was downloaded."""
FIRST_INSTALL = 8e6
"""Bytes of wheel a second that are guessed before anything was installed; measured: 172 MB in 20 s on two cores."""
MAKING, CHECKING = 5.0, 12.0
"""Seconds that an empty environment and the check take, about."""


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` bytes of this stage; ``share`` is of the whole install and never falls."""

    stage: Stage
    package: str
    done: int
    total: int
    share: float
    seconds_left: float


@dataclass
class Meter:
    """Turns stages and bytes into progress and tells it to ``watch``."""

    total: int
    to_download: int
    watch: Callable[[Progress], None]
    _started: float = field(default_factory=time.monotonic)
    _stage: Stage = "making"
    _since: float = field(default_factory=time.monotonic)
    _share: float = 0.0
    _rates: dict[str, float] = field(
        default_factory=lambda: {"downloading": FIRST_DOWNLOAD, "installing": FIRST_INSTALL}
    )

    def tell(self, stage: Stage, package: str = "", done: int = 0) -> None:
        """``done``: bytes of this stage, as counted on disk."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._since = stage, now
        size = self.to_download if stage == "downloading" else self.total
        done = min(done, size)
        # Early on the rate is that of a start, and would make the time left jump.
        if stage in self._rates and done > size / 8 and now - self._since > 1.0:
            self._rates[stage] = max(done / (now - self._since), 1e3)
        left = self._left(stage, done, now)
        spent = now - self._started
        self._share = max(self._share, min(spent / (spent + left), 0.999) if left else 1.0)
        self.watch(Progress(stage, package, done, size, self._share, left))

    def _left(self, stage: Stage, done: int, now: float) -> float:
        if stage in ("whole", "broken", "removing"):
            return 0.0
        ahead = {
            "making": MAKING,
            "downloading": self.to_download / self._rates["downloading"],
            "installing": self.total / self._rates["installing"],
            "checking": CHECKING,
        }
        stages = list(ahead)
        left = sum(ahead[later] for later in stages[stages.index(stage) + 1 :])
        if stage in self._rates:
            size = self.to_download if stage == "downloading" else self.total
            return left + (size - done) / self._rates[stage]
        return left + max(ahead[stage] - (now - self._since), 1.0)
