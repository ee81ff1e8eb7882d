"""What this machine has, found out without importing anything heavy."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import get_args

from sora_addon.contract.messages import PROTOCOL, BackendInfo, Welcome

from ..backends import registry
from ..backends.capabilities import Capabilities
from ..words.style import Style

ROOT = Path(__file__).resolve().parents[2]


def welcome(home: Path) -> Welcome:
    """The answer to ``hello``."""
    return Welcome(
        protocol=PROTOCOL,
        engine=engine_version(),
        python=platform.python_version(),
        device=device(),
        process=os.getpid(),
        home=str(home),
        backends=[backend_info(registry.capabilities(name)) for name in registry.names()],
        styles=list(get_args(Style)),
        memory=memory() or 0,
        card_memory=_card()[1],
    )


@cache
def engine_version() -> str:
    """As the extension's manifest has it: the two come in one zip."""
    return tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))["version"]


@cache
def device() -> str:
    """'NVIDIA H100' where torch can reach one, else 'CPU, 2 threads'."""
    name = _card()[0] if importlib.util.find_spec("torch") is not None else ""
    if name:
        return name
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


@cache
def memory() -> int | None:
    """Bytes of memory that the machine has; None where that cannot be told."""
    if sys.platform == "win32":
        status = (ctypes.c_ulonglong * 8)()
        ctypes.cast(status, ctypes.POINTER(ctypes.c_ulong))[0] = ctypes.sizeof(status)
        return int(status[1]) if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else None
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


@cache
def _card() -> tuple[str, int]:
    """Name and bytes of memory of the first card, from NVIDIA's management library, which comes with every driver."""
    try:
        library = ctypes.CDLL("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1")
    except OSError:
        return "", 0
    handle, name, sizes = ctypes.c_void_p(), ctypes.create_string_buffer(96), (ctypes.c_ulonglong * 3)()
    if library.nvmlInit_v2() != 0:
        return "", 0
    found = library.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(handle)) == 0
    found = found and library.nvmlDeviceGetName(handle, name, len(name)) == 0
    measured = found and library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(sizes)) == 0
    library.nvmlShutdown()
    return (name.value.decode("utf-8", "replace"), int(sizes[0]) if measured else 0) if found else ("", 0)


def missing(known: Capabilities) -> tuple[str, ...]:
    """What a backend needs and this machine lacks, in sentences."""
    return _lacking(known.requires)


@cache
def _lacking(packages: tuple[str, ...]) -> tuple[str, ...]:
    lacking = [package for package in packages if not _installed(package)]
    if not lacking:
        return ()
    return (f"Not installed: {', '.join(lacking)}. Press Add the Models, or Repair where they were added before.",)


def _installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def backend_info(known: Capabilities) -> BackendInfo:
    """Capabilities in plain values."""
    return BackendInfo(
        name=known.name,
        version=known.version,
        summary=known.summary,
        controls=sorted(known.controls),
        frame_step=known.grid.step,
        frame_offset=known.grid.offset,
        most_frames=known.grid.most,
        side_step=known.side_step,
        rates=None if known.rates is None else [(rate.numerator, rate.denominator) for rate in known.rates],
        makes_sound=known.makes_sound,
        memory=known.memory,
        licence=known.licence,
        licence_link=known.licence_link,
        missing=list(missing(known)),
        makes_picture=known.makes_picture,
        sound_over_foley=known.sound_over_foley,
        weights=known.weights,
        window=known.window,
        runs_on=known.runs_on,
        savings=list(known.savings),
        steps=list(known.steps),
        steers=sorted(known.steers),
        timed=sorted(known.timed),
        by_body=sorted(known.by_body),
        one_of=sorted(known.one_of),
        departs=known.departs,
    )
