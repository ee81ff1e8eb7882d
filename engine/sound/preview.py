"""What the contacts of a shot sound like, without a picture: ``python -m engine.sound.preview SHOT --out FILE.wav``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sora_addon.contract import ContractError, read_shot

from ..media.loudness import master
from ..media.sound_file import write_sound
from .foley import foley
from .stems import mix


def preview(shot_folder: Path, out: Path) -> int:
    """Write the sound of the shot in ``shot_folder``, which needs no pictures, as a WAV; its samples a channel.

    Raises ContractError where the shot is not sound, and OSError.
    """
    shot = read_shot(shot_folder, passes=False)
    samples = master(mix(foley(shot)), None)
    write_sound(out, samples)
    return len(samples)


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 done, 2 a shot that cannot be read, 1 a disk that fails."""
    parser = argparse.ArgumentParser(prog="python -m engine.sound.preview", description="Make the sound of a shot.")
    parser.add_argument("shot", type=Path, metavar="SHOT", help="the shot folder")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.wav", help="where the sound goes")
    chosen = parser.parse_args(arguments)
    try:
        preview(chosen.shot, chosen.out)
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
