"""A studio's rounds in a real window: the model manager, guide and chain, and a take that two backends made.

As test_window.py: ``BLENDER`` names a Blender.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.blender.test_window import BLENDERS, ENGINE
from tests.blender.window.studio import missing_tools, screen, studio
from tests.build_zip import build_zip

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(not BLENDERS, reason="BLENDER names no Blender"),
    pytest.mark.skipif(bool(missing_tools()), reason=f"no {', '.join(missing_tools())} on this machine"),
]


@pytest.mark.parametrize("blender", BLENDERS, ids=[Path(path).parent.name for path in BLENDERS])
def test_models_guide_and_chain(blender: str, tmp_path: Path) -> None:
    extension = build_zip(tmp_path)
    with screen() as display, studio(blender, extension, SORA_ENGINE_PYTHON=str(ENGINE)) as artist:
        seen = artist.play("making", display=display)
    assert {"wan_vace", "ltx2", "sana_wm", "stable_audio"} <= set(seen["models"])
    assert seen["reason"], "sketch has no guide to weigh"
    assert (seen["state"], seen["chain"]) == (["done", ""], ["sketch", "sketch"])
    assert seen["fits"]
    assert seen["ended"]
