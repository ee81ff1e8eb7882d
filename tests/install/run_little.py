"""Installs an edition in a process of its own, which a test kills: ROOT CODE VERSION. Prints each stage."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from sora_addon.install.edition import Edition
from sora_addon.install.install import install
from sora_addon.install.plan import make_plan

root, code, version = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
plan = make_plan(Edition(version, code, {"core": code / "core.lock"}), [sys.executable])
install(root, plan, lambda progress: print(progress.stage, flush=True), threading.Event())
