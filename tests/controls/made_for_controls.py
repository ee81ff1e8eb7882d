"""What the tests of controls share."""

from __future__ import annotations

from dataclasses import dataclass

from made_shot import MadeShot

from engine.media.passes import Passes
from sora_addon.contract import Shot


@dataclass(frozen=True)
class Told:
    """A made shot, as it was made and as it is read."""

    made: MadeShot
    shot: Shot
    passes: Passes
