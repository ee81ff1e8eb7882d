"""Memory of this process, while another one works beside it."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """What was freed goes back to the system where the C library would keep it: after an export some 145 MB on Linux (glibc)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
