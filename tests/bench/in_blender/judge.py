"""The contacts of a shot held against what must be among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sora_addon.contract import Contact, Shot

from .truths import Truth, Truths

NEAR = 0.06
"""Seconds within which a contact may be meant by a truth, however wrong it is."""
HALF_A_SECOND = 0.5


@dataclass(frozen=True)
class Verdict:
    scene: str
    what: str
    """Kind, bodies and time of the truth, or of the false contact."""
    error: float | None
    """Seconds; None where it was not found, or is false."""
    bound: float | None
    """Seconds; None for a false contact."""
    speed: tuple[float, float] | None = None
    """Found and true, m/s."""
    speed_bound: float | None = None
    """Share."""
    end: tuple[float, float] | None = None
    """Error of the end of what lasts and its bound, seconds."""

    @property
    def false(self) -> bool:
        return self.bound is None

    @property
    def holds(self) -> bool:
        """Whether it was found, and in time."""
        if self.error is None or self.bound is None or self.error > self.bound:
            return False
        return self.end is None or self.end[0] <= self.end[1]

    @property
    def speed_holds(self) -> bool:
        if self.speed is None or self.speed_bound is None:
            return True
        found, true = self.speed
        return abs(found / true - 1) <= self.speed_bound

    def __str__(self) -> str:
        if self.false:
            return f"{self.scene}: {self.what}: no such contact"
        if self.error is None:
            return f"{self.scene}: {self.what}: not found"
        told = f"{self.scene}: {self.what}: {1000 * self.error:.2f} ms off"
        if self.speed is not None:
            told += f", speed {self.speed[0]:.3f} where {self.speed[1]:.3f} m/s is true"
        if self.end is not None:
            told += f", its end {1000 * self.end[0]:.2f} ms off"
        return told


def judge(scene: str, shot: Shot, truths: Truths) -> list[Verdict]:
    """A verdict for each truth that is asked for or was found, and one for each contact that is none."""
    left = list(shot.contacts)
    names = {body.index: body.name for body in shot.bodies}
    verdicts = []
    for truth in sorted(truths.contacts, key=lambda truth: (not truth.asked, truth.time)):
        meant = [one for one in left if _may_mean(one, truth, names)]
        best = min(meant, key=lambda one: _error(one, truth), default=None)
        what = f"{truth.kind} {' and '.join(sorted(truth.bodies))} at {1000 * truth.time:.2f} ms"
        if best is None or (not truth.asked and _error(best, truth) > truth.bound):
            if truth.asked:
                verdicts.append(Verdict(scene, what, None, truth.bound))
            continue
        left.remove(best)
        speed = None if truth.speed is None else (_speed(best), truth.speed)
        end = None
        if truth.until is not None and best.until is not None:
            end = (abs(best.until - truth.until), truth.until_bound)
        verdicts.append(Verdict(scene, what, _error(best, truth), truth.bound, speed, truth.speed_bound, end))
    if truths.whole:
        for one in left:
            what = f"{one.kind} {' and '.join(sorted(names[body] for body in one.bodies))} at {1000 * one.time:.2f} ms"
            verdicts.append(Verdict(scene, what, None, None))
    return verdicts


def _may_mean(contact: Contact, truth: Truth, names: dict[int, str]) -> bool:
    there = {names[body] for body in contact.bodies}
    return contact.kind == truth.kind and truth.bodies <= there and _error(contact, truth) < NEAR


def _error(contact: Contact, truth: Truth) -> float:
    return max(truth.time - contact.time, contact.time - truth.last, 0.0)


def _speed(contact: Contact) -> float:
    if contact.until is None:
        return contact.speed
    times = np.linspace(contact.time, contact.until, len(contact.speeds))
    return float(np.interp(contact.time + HALF_A_SECOND, times, contact.speeds))
