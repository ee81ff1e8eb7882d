"""Opens the tab in both editors and looks at it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import bpy
from artist import Act, area_of, find, note, open_tab, picture, play, redraws


def session() -> Act:
    bpy.context.preferences.view.show_splash = False
    yield from redraws(5)
    view = area_of("VIEW_3D")
    yield from open_tab(view)
    yield from picture("tab")
    note("generate", (yield from find(view, "sora.generate")))


play(session)
