from __future__ import annotations

import pytest
from made_shot import MadeShot
from measured_clip import MadeClip


@pytest.fixture(scope="session")
def clip() -> MadeClip:
    """A second of the made shot: the camera trucks past while a ball falls."""
    return MadeClip(MadeShot(width=256, height=144, frames=24))
