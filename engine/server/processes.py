"""Which process is which: a number that the system gave out once, told apart from the same number given out again."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WINDOWS = sys.platform == "win32"


@dataclass(frozen=True)
class Process:
    """A process of a machine. ``start`` is when it began, in the system's own terms: equal for the same process alone."""

    host: str
    number: int
    start: str

    @property
    def alive(self) -> bool | None:
        """False is proof; None where it runs on another machine, or its start is not to be had."""
        if self.host != host():
            return None
        found = _start_of(self.number)
        return found == self.start if found != "?" else None


def this_process() -> Process:
    """The one that asks."""
    return process(os.getpid())


def process(number: int) -> Process:
    """The process of this machine that has the number now; one that is gone has the start ''."""
    return Process(host(), number, _start_of(number))


@cache
def host() -> str:
    """The name of this machine."""
    return platform.node() or "localhost"


def own_session() -> dict[str, object]:
    """What ``subprocess.Popen`` needs so that a process has a group of its own, no console, and outlives a terminal."""
    if WINDOWS:
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW  # type: ignore[attr-defined]
        return {"creationflags": flags}
    return {"start_new_session": True}


def leave_session() -> None:
    """Stand alone: what ends Blender's terminal or session no longer ends this process."""
    if WINDOWS:
        return
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with contextlib.suppress(PermissionError):  # it leads a session already
        os.setsid()


def end_group(leader: Process) -> None:
    """Kill a process that leads its own group, and all of the group; nothing where it is not that process any more."""
    if leader.alive:
        kill_group(leader.number)


def kill_group(number: int) -> None:
    """Kill the group that the process ``number`` leads; for a child that was not waited for, whose number is its own."""
    if WINDOWS:
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(number)], capture_output=True, check=False)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(number, signal.SIGKILL)


def _start_of(number: int) -> str:
    """'' where there is no such process, '?' where it cannot be told."""
    if sys.platform.startswith("linux"):
        return _start_on_linux(number)
    if WINDOWS:
        return _start_on_windows(number)
    return _start_by_ps(number)


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _start_on_linux(number: int) -> str:
    try:
        line = Path(f"/proc/{number}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The name in brackets may hold anything; after it come the state and, as the 20th word, the start in ticks.
    words = line[line.rindex(b")") + 2 :].split()
    if words[0] in (b"Z", b"X"):
        return ""
    return f"{_boot()} {int(words[19])}"


def _start_by_ps(number: int) -> str:
    found = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(number)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ.get("PATH", "/bin:/usr/bin"), "LC_ALL": "C", "TZ": "UTC"},
    ).stdout.split(None, 1)
    return "" if not found or found[0].startswith("Z") else found[1].strip()


def _start_on_windows(number: int) -> str:
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
    kernel.OpenProcess.restype = ctypes.c_void_p
    limited, invalid_parameter, still_active = 0x1000, 87, 259
    handle = kernel.OpenProcess(limited, False, number)
    if not handle:
        return "" if ctypes.get_last_error() == invalid_parameter else "?"  # type: ignore[attr-defined]
    try:
        code, times = ctypes.c_ulong(), [ctypes.c_ulonglong() for _ in range(4)]
        kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
        kernel.GetProcessTimes(ctypes.c_void_p(handle), *(ctypes.byref(time) for time in times))
        return str(times[0].value) if code.value == still_active else ""
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
