"""MADE-UP: speaks the engine's protocol and makes nothing. ``made_up_engine.py [HOW...]``

It stands for what a real engine does not do when asked: being mute, dying, talking nonsense. A job whose settings hold
``take`` has that folder copied to its ``out``; ``steps`` says how many steps it takes.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sora_addon.contract import decode, encode
from sora_addon.contract.messages import HEARTBEAT, METHODS, PROTOCOL, Beat, Job, Jobs, Nothing, Welcome

HOW = set(sys.argv[1:])
LOCK = threading.Lock()
JOBS: dict[str, Job] = {}
CANCELLED: set[str] = set()


def say(message: dict[str, Any]) -> None:
    with LOCK:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


def tell(job: Job) -> Job:
    JOBS[job.order.id] = job
    say({"method": "job", "params": encode(job)})
    return job


def make(job: Job) -> None:
    steps = int(job.order.settings.get("steps", 3))
    job = tell(replace(job, state="running", stage="draw", total=steps))
    for step in range(1, steps + 1):
        if job.order.id in CANCELLED:
            return
        time.sleep(0.02)
        job = tell(replace(job, step=step, share=step / steps, seconds_left=0.02 * (steps - step)))
    take = job.order.settings.get("take")
    if take:
        shutil.copytree(take, job.order.out)
        made = json.loads(Path(job.order.out, "take.json").read_text())["id"]
        tell(replace(job, state="done", share=1.0, take=made))
    else:
        tell(replace(job, state="failed", problem="This made-up engine makes nothing."))


def answer(method: str, params: Any) -> Any:
    if method == "hello":
        return Welcome(PROTOCOL + ("other" in HOW), "made up", "3.11", "CPU", os.getpid(), "/", [], ["cinematic"])
    if method == "submit":
        known = JOBS.get(params.id)
        if known is not None:
            return known
        job = tell(Job(params, "exporting" if params.exporting else "queued"))
        if not params.exporting:
            threading.Thread(target=make, args=(job,)).start()
        return job
    if method in ("ready", "retry"):
        job = JOBS[params.job]
        threading.Thread(target=make, args=(job,)).start()
        return job
    if method == "abandon":
        return tell(
            replace(JOBS[params.job], state="failed" if params.problem else "cancelled", problem=params.problem)
        )
    if method == "cancel":
        CANCELLED.add(params.job)
        return tell(replace(JOBS[params.job], state="cancelled"))
    if method == "status":
        return JOBS[params.job]
    if method == "list":
        found = [job for job in JOBS.values() if params.scene in ("", job.order.origin.scene)]
        return Jobs(found[::-1])
    if method == "heartbeat":
        return params
    return Nothing()


def beat() -> None:
    number = 0
    while True:
        time.sleep(HEARTBEAT)
        say({"method": "heartbeat", "params": encode(Beat(number))})


def main() -> None:
    if "mute" not in HOW:
        threading.Thread(target=beat, daemon=True).start()
    for line in sys.stdin:
        message = json.loads(line)
        method = message["method"]
        if "mute" in HOW and method != "hello":
            continue
        if "nonsense" in HOW and method != "hello":
            print("¿" * 3, flush=True)
            continue
        if "dies" in HOW and method not in ("hello", "heartbeat"):
            print("out of memory", file=sys.stderr, flush=True)
            os._exit(9)
        if "refuses" in HOW and method == "submit":
            fault = {"field": "backend", "mend": "choose sketch"}
            say({"id": message["id"], "error": {"code": -32000, "message": "There is no such backend.", "data": fault}})
            continue
        say({"id": message["id"], "result": encode(answer(method, decode(METHODS[method][0], message["params"])))})


if __name__ == "__main__":
    main()
