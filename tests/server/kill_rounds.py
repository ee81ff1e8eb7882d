"""Kills engine, worker or Blender (a stand-in) with SIGKILL at random moments over every stage, and looks what became of the job.

    python -m tests.server.kill_rounds 200 [SEED]

After each: the job is in the list; it is done with a take that reads back whole, or it is offered for retry and nothing of it
is on the disk; and the next job works. All rounds share one list of jobs, which must never lose one.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from made_shot import MadeShot  # noqa: E402
from stand_in import HANGS, ROOT, StandIn, leftovers  # noqa: E402

from engine.server.verify import verify  # noqa: E402
from sora_addon.contract import decode  # noqa: E402
from sora_addon.contract.messages import Order  # noqa: E402

VICTIMS = ("engine", "worker", "blender", "engine and worker", "all")
MOMENTS = ("start", "admit", "foley", "sketch", "encode", "measure", "done")
LONGEST_WAIT = 0.3
"""Seconds after a moment within which it is killed; the longest stage takes some more."""


@dataclass
class Round:
    """What happened in one."""

    victim: str
    moment: str
    stage: str = ""
    """Where the job was, as far as Blender had heard."""
    found: str = ""
    """The state that the next Blender found in the end."""
    problem: str = ""


class Rounds:
    """Rounds on one list of jobs."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._dice = random.Random(seed)
        self._shot = folder / "shot"
        self._jobs: list[str] = []
        MadeShot(width=64, height=32, frames=16).write(self._shot)

    def run(self, number: int) -> Round:
        """One round. Raises AssertionError where a promise was broken."""
        this = Round(VICTIMS[number % len(VICTIMS)], MOMENTS[number // len(VICTIMS) % len(MOMENTS)])
        job, out = str(uuid.uuid4()), self._folder / "takes" / f"take{number}"
        self._jobs.append(job)
        self._kill(this, job, out)
        with StandIn(self._folder / "home") as blender:
            listed = [entry["order"]["id"] for entry in self._all(blender)]
            assert listed == self._jobs[::-1], "a job was lost"
            blender.call("status", job=job)
            ended = blender.until_ended(job)
            this.found, this.problem = ended["state"], ended["problem"]
            if this.found == "done":
                assert verify(decode(Order, ended["order"])).id == ended["take"]
            else:
                assert this.found == "interrupted", ended
                assert "Retry" in this.problem
                assert not os.path.lexists(out), "half a take"
            assert leftovers(self._folder) == []
            if this.found == "done":
                job = blender.submit(self._shot, out.with_name(f"next{number}"))
                self._jobs.append(job)
            else:
                blender.call("retry", job=job)
            ended = blender.until_ended(job)
            assert ended["state"] == "done", ended["problem"]
            assert verify(decode(Order, ended["order"])).id == ended["take"]
        return this

    def _kill(self, this: Round, job: str, out: Path) -> None:
        command = [sys.executable, str(Path(__file__).with_name("stand_in.py"))]
        blender = subprocess.Popen(
            [*command, str(self._folder / "home"), str(self._shot), str(out), job],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert blender.stdout is not None
        engine = worker = 0
        state = ""
        for line in blender.stdout:
            told = json.loads(line)
            engine, worker = told.get("engine", engine), told.get("worker", worker)
            state, this.stage = told.get("state", state), told.get("stage", this.stage)
            here = worker and (this.moment == "start" or this.moment in (this.stage, state))
            if engine and (here or state == "done"):
                break
        select.select([], [], [], self._dice.uniform(0, LONGEST_WAIT))
        ended = os.pidfd_open(engine)
        victims = {
            "engine": [engine],
            "worker": [worker],
            "blender": [blender.pid],
            "engine and worker": [engine, worker],
            "all": [blender.pid, engine, worker],
        }
        for victim in victims[this.victim]:
            os.kill(victim, signal.SIGKILL)
        if this.victim == "worker" and state != "done":
            for line in blender.stdout:
                if json.loads(line).get("state") in ("done", "interrupted"):
                    break
        # A Blender alone that dies leaves an engine that finishes its job and ends.
        blender.kill()
        blender.wait()
        blender.stdout.close()
        gone, _, _ = select.select([ended], [], [], HANGS)
        os.close(ended)
        assert gone, "the engine does not end"

    def _all(self, blender: StandIn) -> list[dict]:
        found: list[dict] = []
        more = True
        while more:
            page = blender.call("list", most=1000, after=found[-1]["order"]["id"] if found else "")
            found, more = found + page["jobs"], page["more"]
        return found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    began = time.monotonic()
    tally: Counter[tuple[str, str]] = Counter()
    stages: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        rounds = Rounds(Path(folder), seed)
        for number in range(count):
            this = rounds.run(number)
            tally[this.victim, this.found] += 1
            stages[this.stage or "before the first"] += 1
            print(
                f"{number + 1:4} {this.victim:18} {this.moment:8} at {this.stage:8} {this.found:12} {this.problem}",
                flush=True,
            )
    print(f"\n{count} rounds in {time.monotonic() - began:.0f} s, every promise kept")
    for (victim, found), times in sorted(tally.items()):
        print(f"  {victim:18} {found:12} {times}")
    print("  killed at: " + ", ".join(f"{stage} {times}" for stage, times in stages.items()))


if __name__ == "__main__":
    main()
