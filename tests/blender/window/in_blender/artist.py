"""What an artist has: eyes, a pointer and keys, and patience. Runs inside Blender, driven by a generator on a timer.

A session is a generator function; it yields where an artist would wait: ``None`` for the next redraw, or a function that
is true when the wait is over. The pointer and the keys are Blender's own simulated events, so the interface cannot tell.
"""

from __future__ import annotations

import faulthandler
import json
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import bpy

Wait = Callable[[], Any] | None
Act = Generator[Wait, None, Any]

words = sys.argv[sys.argv.index("--") + 1 :]
RECORD, PICTURES, ASKED = Path(words[0]), Path(words[1]), words[2:]
PATIENCE = 420.0
"""Seconds after which a wait is given up, and the session has failed."""
LABEL = f"{bpy.app.version[0]}.{bpy.app.version[1]}"

faulthandler.enable()  # where Blender was when it crashed

record: dict[str, Any] = {"blender": bpy.app.version_string, "notes": []}


def note(name: str, value: Any = True) -> None:
    """Write into the session's record."""
    record[name] = value
    RECORD.write_text(json.dumps(record, indent=1), encoding="utf-8")


def window() -> Any:
    return bpy.context.window_manager.windows[0]


def area_of(kind: str) -> Any:
    """The largest area of that type."""
    areas = [area for area in window().screen.areas if area.type == kind]
    return max(areas, key=lambda area: area.width * area.height)


def region_of(area: Any, kind: str) -> Any:
    return next(region for region in area.regions if region.type == kind)


def until(condition: Callable[[], Any]) -> Act:
    yield condition


def redraws(count: int = 2) -> Act:
    for _ in range(count):
        for area in window().screen.areas:
            area.tag_redraw()
        yield None


def move(x: int, y: int) -> Act:
    window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
    yield None


def click(x: int, y: int) -> Act:
    yield from move(x, y)
    window().event_simulate(type="LEFTMOUSE", value="PRESS", x=x, y=y)
    yield None
    window().event_simulate(type="LEFTMOUSE", value="RELEASE", x=x, y=y)
    yield None
    yield None


KEYS = {" ": "SPACE", ",": "COMMA", ".": "PERIOD", "-": "MINUS"} | {
    str(digit): name
    for digit, name in enumerate(("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"))
}


def press(key: str, **modifiers: bool) -> Act:
    window().event_simulate(type=key, value="PRESS", x=_last[0], y=_last[1], **modifiers)
    yield None
    window().event_simulate(type=key, value="RELEASE", x=_last[0], y=_last[1], **modifiers)
    yield None


_last = [0, 0]


def type_text(text: str) -> Act:
    for letter in text:
        kind = KEYS.get(letter, letter.upper())
        window().event_simulate(type=kind, value="PRESS", unicode=letter, x=_last[0], y=_last[1])
        yield None
        window().event_simulate(type=kind, value="RELEASE", x=_last[0], y=_last[1])
    yield None


def open_tab(area: Any, category: str = "Sora") -> Act:
    """Show an area's sidebar, on that tab."""
    area.spaces.active.show_region_ui = True
    yield from redraws(4)
    region_of(area, "UI").active_panel_category = category
    yield from redraws(4)


def under_pointer(area: Any, region: Any) -> str:
    """What the button under the pointer does: 'bpy.ops.sora.generate()', a property's path, or nothing."""
    manager = bpy.context.window_manager
    for copy in (bpy.ops.ui.copy_python_command_button, lambda: bpy.ops.ui.copy_data_path_button(full_path=True)):
        manager.clipboard = ""
        with bpy.context.temp_override(window=window(), area=area, region=region):
            try:
                copy()
            except RuntimeError:
                continue
        if manager.clipboard:
            return manager.clipboard
    return ""


SHARES = (0.5, 0.79, 0.72, 0.66, 0.6, 0.54, 0.85)
"""Of the sidebar's width: where buttons stand, those of one icon at the right, up to four of them."""


def find(area: Any, wanted: str) -> Act:
    """(x, y) of the button whose command or path holds ``wanted``, looked for down the sidebar; None where there is none."""
    region = region_of(area, "UI")
    for share in SHARES:
        x = region.x + int(region.width * share)
        for y in range(region.y + region.height - 12, region.y + 6, -9):
            yield from move(x, y)
            if wanted in under_pointer(area, region):
                _last[:] = [x, y]
                return x, y
    return None


def push(area: Any, wanted: str) -> Act:
    """Press the button whose command or path holds ``wanted``. A panel that moves meanwhile is looked through again."""
    for _ in range(8):
        place = yield from find(area, wanted)
        if place is None:
            raise AssertionError(f"no button for {wanted!r} in the Sora tab of {area.type}")
        yield from redraws(3)
        yield from move(*place)
        if wanted in under_pointer(area, region_of(area, "UI")):
            yield from click(*place)
            return place
    raise AssertionError(f"the button for {wanted!r} in the Sora tab of {area.type} does not stand still")


def picture(name: str) -> Act:
    """Photograph the screen from outside, as ``name`` of this Blender's version."""
    yield from redraws(3)
    PICTURES.mkdir(parents=True, exist_ok=True)
    taken = subprocess.Popen(["import", "-window", "root", str(PICTURES / f"{name}-{LABEL}.png")])
    yield lambda: taken.poll() is not None


def play(session: Callable[[], Act], first: float = 1.0) -> None:
    """Run a session from the first redraw on; Blender ends with it, with code 0 where it ended well."""
    running = session()
    waiting: list[Any] = [None, time.monotonic()]

    def step() -> float | None:
        condition, since = waiting
        try:
            if condition is not None and not condition():
                if time.monotonic() - since > PATIENCE:
                    raise AssertionError(f"waited {PATIENCE:.0f} s in vain at {_line(running)}")
                return 0.05
            waiting[:] = [next(running), time.monotonic()]
        except StopIteration:
            note("ended", True)
            _quit(0)
            return None
        except BaseException:  # noqa: BLE001 - whatever it is, the session has failed and Blender must end
            note("failed", traceback.format_exc())
            traceback.print_exc()
            subprocess.run(["import", "-window", "root", str(PICTURES / f"failed-{LABEL}.png")], check=False)
            _quit(9)
            return None
        return 0.03

    bpy.app.timers.register(step, first_interval=first, persistent=True)


def _line(running: Any) -> str:
    frame = running.gi_frame
    return f"{frame.f_code.co_name}:{frame.f_lineno}" if frame else "its end"


def _quit(code: int) -> None:
    if code:
        sys.stdout.flush()
        import os

        os._exit(code)
    bpy.ops.wm.quit_blender()
