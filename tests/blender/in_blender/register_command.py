"""Run by a real Blender before ``--command``: what the enabled extension does, as far as the command goes."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from sora_addon.command import register_command

register_command()
