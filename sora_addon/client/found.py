"""Contacts that were found in a scene, as the panel lists and the view draws them. No bpy here."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path

from ..contract import Shot, read_shot

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Meeting:
    """A contact at frames of the scene. ``end`` equals ``start`` for what happens at once."""

    kind: str
    start: float
    end: float
    bodies: tuple[str, str]
    speed: float
    """Metres a second."""
    points: tuple[Point, ...]
    """Metres, world axes; along the way for what lasts."""
    normal: Point

    def point_at(self, frame: float) -> Point:
        """Where the two touch at ``frame``."""
        if self.end <= self.start or len(self.points) == 1:
            return self.points[0]
        place = (min(max(frame, self.start), self.end) - self.start) / (self.end - self.start) * (len(self.points) - 1)
        low = min(int(place), len(self.points) - 2)
        share = place - low
        (x, y, z), (u, v, w) = self.points[low], self.points[low + 1]
        return x + (u - x) * share, y + (v - y) * share, z + (w - z) * share


@dataclass
class Found:
    """The contacts of a scene, by their start, and the shot that they came from."""

    folder: Path
    first: int = 1
    """Frame of the scene at which the shot, and its sound, begins."""
    frames: int = 1
    meetings: list[Meeting] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    longest: float = 0.0
    """Frames of the contact that lasts longest."""

    def near(self, frame: float, before: float, after: float) -> list[Meeting]:
        """Those that touch the frames from ``frame - before`` to ``frame + after``."""
        low = bisect_left(self.starts, frame - before - self.longest)
        high = bisect_left(self.starts, frame + after)
        return [meeting for meeting in self.meetings[low:high] if meeting.end >= frame - before]

    def next_to(self, frame: float) -> int:
        """Place in the list of the first contact at or after ``frame``; the last one where none comes after."""
        return min(bisect_left(self.starts, frame), max(0, len(self.meetings) - 1))


def read_found(folder: Path) -> Found:
    """The contacts of the shot in ``folder``, which need not have pictures. Raises ContractError."""
    return found_in(read_shot(folder, passes=False), folder)


def found_in(shot: Shot, folder: Path) -> Found:
    """The contacts of ``shot``, in order of time."""
    names = {body.index: body.name for body in shot.bodies}
    meetings = [
        Meeting(
            kind=contact.kind,
            start=shot.time.frame(contact.time),
            end=shot.time.frame(contact.until if contact.until is not None else contact.time),
            bodies=(names[contact.bodies[0]], names[contact.bodies[1]]),
            speed=contact.speed,
            points=tuple(contact.points) if contact.points else (contact.point,),
            normal=contact.normal,
        )
        for contact in shot.contacts
    ]
    meetings.sort(key=lambda meeting: meeting.start)
    longest = max((meeting.end - meeting.start for meeting in meetings), default=0.0)
    return Found(folder, shot.time.first, shot.time.frames, meetings, [meeting.start for meeting in meetings], longest)
