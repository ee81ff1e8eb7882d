"""Time on one clock: frames, seconds from the first frame, and audio samples at 48 kHz."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from .codec import Bound, Count
from .errors import ContractError

SAMPLE_RATE = 48_000
LONGEST_SHOT = 100_000
"""Frames."""

Seconds = Annotated[float, Bound(low=-1e6, high=1e6)]
"""From the first frame of the shot."""

Frame = Annotated[int, Bound(low=-1_048_574, high=1_048_574)]
"""A frame number as Blender counts."""


@dataclass(frozen=True)
class Time:
    """The frames of a shot, both ends included, and their rate.

    ``handle_in`` and ``handle_out`` of them, at either end, lie outside the cut. ``timecode`` is that of the first frame.
    """

    fps: tuple[Annotated[int, Bound(low=1, high=1_000_000)], Annotated[int, Bound(low=1, high=1_000_000)]]
    first: Frame
    last: Frame
    handle_in: Count = 0
    handle_out: Count = 0
    timecode: str = "00:00:00:00"

    def check(self) -> None:
        if self.last < self.first:
            raise ContractError("last", f"{self.last} comes before the first frame, {self.first}", "widen the range")
        if self.frames > LONGEST_SHOT:
            raise ContractError(
                "last", f"the shot has {self.frames} frames, more than {LONGEST_SHOT}", "cut it in parts"
            )
        if not Fraction(1) <= self.rate <= Fraction(1000):
            raise ContractError("fps", f"{float(self.rate):g} frames a second is not between 1 and 1000")
        if self.handle_in + self.handle_out >= self.frames:
            raise ContractError("handle_in", "the handles leave no frame between them", "shorten them")

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(*self.fps)

    @property
    def frames(self) -> int:
        return self.last - self.first + 1

    @property
    def duration(self) -> Fraction:
        """Seconds from the start of the first frame to the end of the last."""
        return self.frames / self.rate

    @property
    def samples(self) -> int:
        """Audio samples of the whole shot."""
        return samples_of(self.frames, self.rate)

    def seconds(self, frame: float) -> float:
        """Seconds from the first frame to ``frame``, which may lie between frames."""
        return float((Fraction(frame) - self.first) / self.rate)

    def frame(self, seconds: float) -> float:
        """The frame, perhaps between two, that shows ``seconds`` from the first one."""
        return self.first + seconds * float(self.rate)


def samples_of(frames: int, rate: Fraction) -> int:
    """Exactly round(F / r * 48000)."""
    return round(frames / rate * SAMPLE_RATE)
