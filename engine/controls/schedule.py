"""When a control speaks, and how strongly, at each step of the schedule and for each body."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Control, Shot, Steer

from .masks import body_weights


def steered(shot: Shot, control: Control, default: float = 1.0) -> Steer:
    """What the shot asks of that control; the backend's ``default`` weight, all the time, where it asks nothing."""
    return shot.words.steer(control) or Steer(control, default)


def weight_at(steer: Steer, step: int, steps: int) -> float:
    """The weight at ``step`` (from 0) of ``steps``: 0 unless the whole step lies between start and end.

    The rule of diffusers' ``control_guidance_start`` and ``control_guidance_end``.
    """
    return steer.weight if step / steps >= steer.start and (step + 1) / steps <= steer.end else 0.0


def weights(steer: Steer, steps: int) -> tuple[float, ...]:
    """``weight_at`` of every step."""
    return tuple(weight_at(steer, step, steps) for step in range(steps))


def weight_map(steer: Steer, body: NDArray[np.uint32]) -> NDArray[np.float32]:
    """(H, W) shares of the control's weight, from 0 to 1, by the bodies seen there (H, W): 1 where none is named."""
    return body_weights(body, {one.body: one.weight for one in steer.bodies})


def refuse_unheard(
    shot: Shot,
    backend: str,
    heard: Iterable[Control],
    timed: Iterable[Control] = (),
    by_body: Iterable[Control] = (),
) -> None:
    """Refuse what the shot asks of controls that the backend cannot do. Raises ContractError naming the field.

    ``heard`` the controls that it takes, ``timed`` those with a start and an end, ``by_body`` those with a weight a body.
    A control that it does not take may be asked for with the weight 0.
    """
    heard, timed, by_body = set(heard), set(timed), set(by_body)
    for i, steer in enumerate(shot.words.controls):
        place = f"words.controls[{i}]"
        if steer.control not in heard and steer.weight > 0:
            raise ContractError(f"{place}.control", f"{backend} does not take {steer.control}", "give it the weight 0")
        if steer.control in heard and steer.control not in timed and (steer.start, steer.end) != (0.0, 1.0):
            raise ContractError(f"{place}.start", f"{backend} hears {steer.control} from start to end", "use 0 and 1")
        if steer.control in heard and steer.control not in by_body and steer.bodies:
            mend = "remove the weights of bodies"
            raise ContractError(f"{place}.bodies", f"{backend} has one weight of {steer.control} for all", mend)
