"""The rows of the table, in its order.

A new row is a module whose ``lines()`` measures and returns its ``Line``s, and an entry here. It may take its time, may
print what it likes to standard error, and raises ``NotMeasured`` where a figure cannot be had. What needs Blender goes
into ``in_blender/`` and is called by ``blender.in_blender``.
"""

from __future__ import annotations

ROWS: dict[str, str] = {
    "passes": "tests.bench.passes",
    "contacts": "tests.bench.contacts",
    "onsets": "tests.bench.onsets",
    "strips": "tests.bench.strips",
    "made_cases": "tests.bench.made_cases",
    "export": "tests.bench.export",
    "light": "tests.bench.light",
    "mutants": "tests.bench.mutants",
    "memory": "tests.bench.memory",
    "cycles": "tests.bench.cycles",
    "builtin": "tests.bench.builtin",
    "overhead": "tests.bench.overhead",
    "credentials": "tests.bench.credentials",
    "moderation": "tests.bench.moderation",
    "trust_cost": "tests.bench.trust_cost",
    "mark": "tests.bench.mark",
    "unmarked": "tests.bench.unmarked",
    "hello": "tests.bench.hello",
    "stalls": "tests.bench.stalls",
    "cancel": "tests.bench.cancel",
    "kills": "tests.bench.kills",
    "messages": "tests.bench.messages",
    "faults": "tests.bench.faults",
}
"""Module by name."""
