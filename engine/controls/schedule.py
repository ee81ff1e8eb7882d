"""When a control speaks, and how strongly, at each step of the schedule and for each body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sora_addon.contract import ContractError, Control, Shot, Steer

from .masks import body_weights

if TYPE_CHECKING:
    from ..backends.capabilities import Capabilities


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


def refuse_unheard(shot: Shot, known: Capabilities) -> None:
    """Refuse what the shot asks of controls and a backend cannot do, by what it declares. Raises ContractError naming the field.

    A control that it does not take may be asked for with the weight 0, one that it follows as it is with the weight 1.
    """
    for i, steer in enumerate(shot.words.controls):
        place, control = f"words.controls[{i}]", steer.control
        if control not in known.controls:
            if steer.weight > 0:
                raise ContractError(f"{place}.control", f"{known.name} does not take {control}", "give it the weight 0")
            continue
        if control not in known.steers and steer.weight != 1:
            raise ContractError(f"{place}.weight", f"{known.name} follows {control} as it is", "use the weight 1")
        if control not in known.timed and (steer.start, steer.end) != (0.0, 1.0):
            raise ContractError(f"{place}.start", f"{known.name} hears {control} from start to end", "use 0 and 1")
        if control not in known.by_body and steer.bodies:
            mend = "remove the weights of bodies"
            raise ContractError(f"{place}.bodies", f"{known.name} has one weight of {control} for all", mend)
