"""A made shot on disk, and its passes, for all that reads them."""

from __future__ import annotations

import pytest
from made_for_controls import Told
from made_shot import MadeShot

from engine.media.passes import Passes


@pytest.fixture(scope="package")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """At 24 frames a second, a size that no model makes, and a camera that trucks a metre."""
    folder = tmp_path_factory.mktemp("controls") / "shot"
    made = MadeShot(width=150, height=94, frames=13, travel=1.0)
    return Told(made, made.write(folder), Passes(folder, made.shot()))
