"""Runs ``python -m engine`` in a process that the kernel kills at its first try to open a socket of the internet.

    python tests/trust/refuse_network.py ARGUMENTS...

A filter of system calls (seccomp), so that native libraries and child processes are held to it too. Linux on x86-64 or arm64.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

SOCKET = {"x86_64": 41, "aarch64": 198}
FAMILIES = (2, 10)
"""AF_INET, AF_INET6."""
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2
LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06
KILL, ALLOW = 0x80000000, 0x7FFF0000


def refuse() -> None:
    """From now on. Raises OSError where the kernel does not do that."""
    number = SOCKET[platform.machine()]
    rows = [
        (LOAD, 0, 0, 0),
        (EQUALS, 0, 4, number),
        (LOAD, 0, 0, 16),
        (EQUALS, 1, 0, FAMILIES[0]),
        (EQUALS, 0, 1, FAMILIES[1]),
        (RETURN, 0, 0, KILL),
        (RETURN, 0, 0, ALLOW),
    ]
    code = b"".join(struct.pack("HBBI", *row) for row in rows)
    held = ctypes.create_string_buffer(code)
    program = struct.pack("HL", len(rows), ctypes.addressof(held))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or library.prctl(SECCOMP, FILTER, program, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel does not filter system calls")


if __name__ == "__main__":
    refuse()
    if sys.argv[1:] == ["--try"]:
        import socket

        socket.socket(socket.AF_INET)
    from engine.command import main

    raise SystemExit(main(sys.argv[1:]))
