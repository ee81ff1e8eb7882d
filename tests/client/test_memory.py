"""What was freed is given back."""

from __future__ import annotations

import subprocess
import sys

import pytest

FREED = """
import re
from sora_addon.client.memory import give_back

def held():
    with open("/proc/self/status") as file:
        return int(re.search(r"VmRSS:\\s+(\\d+)", file.read()).group(1)) / 1024

blocks = [bytes(2000) for _ in range(50_000)]
kept = blocks[::100]
del blocks
before = held()
give_back()
print(before - held())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone keeps it")
def test_what_was_freed_goes_back_to_the_system() -> None:
    """100 MB in blocks, of which every hundredth stays: the pages between them are free, and the C library keeps them."""
    run = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True)
    assert float(run.stdout) > 20
