"""Makes the pictures that README and docs show, into docs/pictures: ``python -m tests.pictures [DEMO]``.

Of the demo from DEMO (out/demo), of windows from what the tests in ``blender/window`` leave in out/pictures, of the built-in
model from what ``make eval-model`` leaves in out/data. What is not there is left as it was, and said.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "pictures"
DEMO, WINDOWS, SHEET = ROOT / "out" / "demo", ROOT / "out" / "pictures", ROOT / "out" / "data" / "sheet.png"
MOST = 400_000
"""Bytes of a picture: whoever clones us fetches each."""
COLOURS = 256
GAP = 12
WIDEST = 1440

Box = tuple[int, int, int, int]
TAB: Box = (900, 78, 1190, 812)
"""The Sora tab in a window of 1440x900: left, top, right, bottom."""


@dataclass(frozen=True)
class Shown:
    """Photographs of windows side by side, each cut to ``box``. A name has a Blender's version after it in the file."""

    names: tuple[str, ...]
    box: Box | None = None


WINDOW_PICTURES = {
    "first-clip": Shown(("first-run", "example", "example-running"), TAB),
    "generated": Shown(("example-done",)),
    "jobs": Shown(("running", "cancelled", "engine-killed"), TAB),
    "steering": Shown(("guide", "chain", "contacts"), TAB),
    "sequencer": Shown(("sequencer",)),
    "models": Shown(("models-1",)),
}


class NotThere(RuntimeError):
    """A picture's source is missing; the text is its path."""


def main() -> int:
    demo = Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO
    PAGES.mkdir(parents=True, exist_ok=True)
    makers: dict[str, Callable[[], Image.Image]] = {
        f"demo-{name}": partial(_opened, demo / "sheets" / f"{name}.png") for name in ("frames", "sound")
    }
    makers["builtin"] = partial(_opened, SHEET)
    makers |= {name: partial(side_by_side, shown) for name, shown in WINDOW_PICTURES.items()}
    for name, make in makers.items():
        try:
            path = write(make(), PAGES / f"{name}.png")
        except NotThere as missing:
            print(f"{name} stays as it was: there is no {missing}", file=sys.stderr)
            continue
        print(f"{path.relative_to(ROOT)}, {path.stat().st_size / 1000:.0f} kB")
    return 0


def side_by_side(shown: Shown) -> Image.Image:
    """Raises NotThere."""
    cut = [_opened(newest(name)) for name in shown.names]
    cut = [picture.crop(shown.box) if shown.box else picture for picture in cut]
    whole = Image.new(
        "RGB", (sum(one.width for one in cut) + GAP * (len(cut) - 1), max(one.height for one in cut)), "white"
    )
    left = 0
    for one in cut:
        whole.paste(one, (left, 0))
        left += one.width + GAP
    return whole


def newest(name: str) -> Path:
    """The photograph of the newest Blender there is. Raises NotThere."""
    found = sorted(WINDOWS.glob(f"{name}-[0-9]*.png"), key=lambda path: path.stem.rsplit("-", 1)[1])
    if not found:
        raise NotThere(WINDOWS / f"{name}-*.png")
    return found[-1]


def write(picture: Image.Image, path: Path) -> Path:
    """As a PNG: in all its colours where it is small enough so, else with a palette, narrower a step at a time."""
    wide = min(picture.width, WIDEST)
    while True:
        scaled = picture.resize((wide, round(picture.height * wide / picture.width)), Image.Resampling.LANCZOS)
        for version in (scaled, scaled.quantize(COLOURS, dither=Image.Dither.FLOYDSTEINBERG)):
            version.save(path, optimize=True)
            if path.stat().st_size <= MOST:
                return path
        wide = wide * 9 // 10


def _opened(path: Path) -> Image.Image:
    if not path.is_file():
        raise NotThere(path)
    return Image.open(path).convert("RGB")


if __name__ == "__main__":
    raise SystemExit(main())
