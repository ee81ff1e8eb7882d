"""The list of jobs: what is in it stays, whatever becomes of disk, lock, clock and neighbours."""

from __future__ import annotations

import ctypes
import os
import shutil
import sqlite3
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from stand_in import Refusal, StandIn, leftovers, order_of

from engine.server.processes import Process, host, process, this_process
from engine.server.store import FILE, Entry, Store
from engine.server.verify import verify
from sora_addon.contract import ContractError, decode
from sora_addon.contract.messages import Order


def order(folder: Path, number: int = 0, **more: object) -> Order:
    """An order that is still exporting, so that nobody makes it."""
    job = str(uuid.UUID(int=number))
    return decode(Order, order_of(folder / "shot", folder / f"take{number}", job) | {"exporting": True} | more)


def dead_process() -> Process:
    """One that ran and is gone, its number perhaps another's by now."""
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    found = process(child.pid)
    child.communicate()
    assert found.alive is False
    return found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, "me", this_process())


def test_processes_are_told_apart() -> None:
    assert this_process().alive is True
    assert dead_process().alive is False
    assert replace(this_process(), start="long ago").alive is False
    assert replace(this_process(), host="elsewhere").alive is None
    assert process(2**22 + 1).start == ""


def test_jobs_come_back_from_the_disk(store: Store, tmp_path: Path) -> None:
    added = store.add(order(tmp_path, 1))
    store.change(added.id, lambda entry: entry.told(state="failed", problem="no", field="f", share=0.25))
    again = Store(tmp_path, "other", this_process())
    found = again.job(added.id)
    assert found is not None
    assert found == store.job(added.id)
    assert (found.job.problem, found.job.share, found.server) == ("no", 0.25, "me")
    store.forget(added.id)
    assert again.job(added.id) is None


def test_only_changes_count_as_changes(store: Store, tmp_path: Path) -> None:
    first, second = store.add(order(tmp_path, 1)), store.add(order(tmp_path, 2))
    seen = store.last_change()
    assert store.change(first.id, lambda entry: entry) == first
    assert store.changed(seen) == []
    store.change(second.id, lambda entry: entry.told(step=2))
    store.change(first.id, lambda entry: entry.told(step=1))
    assert [entry.id for entry in store.changed(seen)] == [second.id, first.id]
    assert store.change(str(uuid.uuid4()), lambda entry: entry) is None


def test_a_failed_change_changes_nothing(store: Store, tmp_path: Path) -> None:
    added = store.add(order(tmp_path, 1))

    def fail(entry: Entry) -> Entry:
        raise KeyError(entry.id)

    with pytest.raises(KeyError):
        store.change(added.id, fail)
    assert store.job(added.id) == added
    assert store.add(order(tmp_path, 2)).job.state == "exporting"


def test_one_job_runs_on_a_machine(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path, "other", this_process())
    mine = [store.add(order(tmp_path, number, exporting=False)) for number in (1, 2)]
    theirs = other.add(order(tmp_path, 3, exporting=False))
    worker = this_process()
    first = store.claim(worker, impatient=False)
    assert isinstance(first, Entry)
    assert (first.id, first.job.state, first.worker) == (mine[0].id, "running", worker)
    assert other.claim(worker, impatient=True) == "machine"
    store.change(first.id, lambda entry: entry.told(state="done", take="t"))
    assert store.claim(worker, impatient=False) == "turn"
    second = other.claim(worker, impatient=False)
    assert isinstance(second, Entry)
    assert second.id == theirs.id
    other.change(second.id, lambda entry: entry.told(state="failed"))
    assert other.claim(worker, impatient=False) == "nothing"
    assert isinstance(store.claim(worker, impatient=False), Entry)


def test_a_clock_that_goes_back_changes_no_order(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = iter(range(99, 0, -1))
    monkeypatch.setattr("engine.server.store.now", lambda: f"2026-01-01T{next(hours):02}:00:00+00:00")
    ids = [store.add(order(tmp_path, number, exporting=False)).id for number in range(4)]
    assert [entry.id for entry in store.page("", 9, "")] == ids[::-1]
    made = []
    while isinstance(entry := store.claim(this_process(), impatient=False), Entry):
        made.append(entry.id)
        store.change(entry.id, lambda entry: entry.told(state="failed"))
    assert made == ids


def test_a_real_engine_under_a_clock_that_jumps_back(shot: Path, tmp_path: Path) -> None:
    """``sitecustomize`` turns the clocks of the engine's processes back by an hour at every look."""
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(
        "import datetime, itertools, time\n"
        "real, back = time.time, itertools.count(1)\n"
        "time.time = lambda: real() - 3600 * next(back)\n"
        "class Moved(datetime.datetime):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None): return super().now(tz) - datetime.timedelta(hours=next(back))\n"
        "datetime.datetime = Moved\n"
    )
    path = os.pathsep.join([str(tmp_path / "clock"), os.environ.get("PYTHONPATH", ""), str(Path(__file__).parents[2])])
    with StandIn(tmp_path / "home", {"PYTHONPATH": path}) as blender:
        jobs = [blender.submit(shot, tmp_path / name) for name in "ab"]
        assert [blender.until_ended(job)["state"] for job in jobs] == ["done", "done"]
        first, second = (blender.jobs[job] for job in jobs)
        assert first["ended"] < first["created"], "the clock did not move"
        assert [job["order"]["id"] for job in blender.call("list")["jobs"]] == jobs[::-1]
        done = [told["order"]["id"] for told in blender.told if told["state"] == "done"]
        assert list(dict.fromkeys(done)) == jobs
        assert second["seconds_left"] == 0.0


def test_a_list_that_is_locked_is_said_and_waited_for(blender: StandIn, shot: Path, tmp_path: Path) -> None:
    running = blender.submit(shot, tmp_path / "a")
    blender.until(lambda: blender.state(running) == "running")
    with sqlite3.connect(blender.home / FILE, isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Refusal, match="held by another program") as caught:
            blender.submit(shot, tmp_path / "b")
        assert caught.value.field == str(blender.home / FILE)
        blender.until(lambda: blender.worker["state"] == "warm")
        assert blender.call("heartbeat", number=1) == {"number": 1}
        holder.execute("COMMIT")
    holder.close()
    assert blender.until_ended(running)["state"] == "done"
    assert blender.until_ended(blender.submit(shot, tmp_path / "b"))["state"] == "done"


def test_a_list_that_cannot_be_opened_yet(shot: Path, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder belongs")
    with StandIn(tmp_path / "home") as blender:
        assert blender.welcome["protocol"] == 2
        with pytest.raises(Refusal) as caught:
            blender.submit(shot, tmp_path / "a")
        assert caught.value.field == str(tmp_path / "home" / FILE)
        (tmp_path / "home").unlink()
        job = blender.submit(shot, tmp_path / "a")
        assert blender.until_ended(job)["state"] == "done"


def test_a_list_that_is_removed_is_put_back(blender: StandIn, shot: Path, tmp_path: Path) -> None:
    waiting = [blender.submit(tmp_path / "later", tmp_path / f"b{number}", exporting=True) for number in range(3)]
    done = blender.submit(shot, tmp_path / "a")
    assert blender.until_ended(done)["state"] == "done"
    shutil.rmtree(blender.home)
    found = blender.call("list")["jobs"]
    assert [job["order"]["id"] for job in found] == [done, *waiting[::-1]]
    assert (blender.home / FILE).is_file()
    again = blender.submit(shot, tmp_path / "c")
    assert blender.until_ended(again)["state"] == "done"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("damage", ["no database", "newer"])
def test_a_list_that_cannot_be_read_is_left_alone(shot: Path, tmp_path: Path, damage: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    if damage == "newer":
        with sqlite3.connect(home / FILE) as made:
            made.execute("PRAGMA user_version = 99")
        made.close()
    else:
        (home / FILE).write_bytes(b"not a database, " * 100)
    kept = (home / FILE).read_bytes()
    with StandIn(home) as blender:
        with pytest.raises(Refusal) as caught:
            blender.submit(shot, tmp_path / "a")
        assert caught.value.field == str(home / FILE)
        assert caught.value.mend
    assert (home / FILE).read_bytes() == kept


def test_a_full_disk_is_said_and_nothing_is_lost(shot: Path, tmp_path: Path) -> None:
    """A disk of its own, of a few megabytes: the list is on it, then the takes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if mount is None or mount.mount(b"none", os.fsencode(disk), b"tmpfs", 0, b"size=24m") != 0:
        pytest.skip("only the root of a Linux may make a small disk")
    try:
        with StandIn(disk / "home") as blender:
            kept = blender.submit(shot, tmp_path / "a")
            assert blender.until_ended(kept)["state"] == "done"
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as file:
                try:
                    while file.write(b"\0" * 4096):
                        pass
                except OSError:
                    pass
            with pytest.raises(Refusal, match="full") as caught:
                submit_many(blender, tmp_path)  # what the write-ahead log has room for is taken in
            assert caught.value.field == str(disk / "home" / FILE)
            filler.unlink()
            job = blender.submit(shot, disk / "takes" / "b", settings={"exr": False})
            failed = blender.until_ended(job)  # 16 MB and more are needed, and a few are there
            assert failed["state"] == "done" or "free" in failed["problem"]
            with filler.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - 2**20)
            job = blender.submit(shot, disk / "takes" / "c")
            failed = blender.until_ended(job)
            assert failed["state"] == "failed"
            assert "MB" in failed["problem"] or "full" in failed["problem"]
            assert str(disk) in failed["problem"]
            assert leftovers(disk) == []
            assert blender.call("status", job=kept)["state"] == "done"
    finally:
        assert mount.umount2(os.fsencode(disk), 2) == 0


def submit_many(blender: StandIn, folder: Path) -> None:
    for number in range(200):
        words = {"prompt": "x" * 5000}
        blender.submit(folder / "later", folder / f"x{number}", exporting=True, words=words)


def left_by_a_dead_engine(home: Path, shot: Path, out: Path, stage: str = "encode") -> str:
    """A job that an engine ran when the power was cut."""
    dead = dead_process()
    store = Store(home, "dead", dead)
    job = str(uuid.uuid4())
    store.add(decode(Order, order_of(shot, out, job)))
    entry = store.claim(dead, impatient=True)
    assert isinstance(entry, Entry)
    store.change(job, lambda entry: entry.told(stage=stage))
    for name in (f"{out.name}.{dead.number}.partial", f"{out.name}.{dead.number}.scratch.abc"):
        (out.parent / name).mkdir(parents=True)
        (out.parent / name / "clip.mp4").write_bytes(b"half")
    return job


def test_after_a_power_cut_a_whole_take_is_done_and_a_damaged_one_is_put_aside(shot: Path, tmp_path: Path) -> None:
    home, takes = tmp_path / "home", tmp_path / "takes"
    with StandIn(home) as blender:
        first = blender.submit(shot, takes / "first")
        take = blender.until_ended(first)["take"]
    for name, state in (("whole", "done"), ("cut", "interrupted"), ("zeros", "interrupted"), ("none", "interrupted")):
        out = takes / name
        if name != "none":
            shutil.copytree(takes / "first", out)
        if name == "cut":
            clip = out / "clip.mp4"
            clip.write_bytes(clip.read_bytes()[:-1000])
        if name == "zeros":
            sound = out / "sound.wav"
            sound.write_bytes(sound.read_bytes()[:100] + bytes(sound.stat().st_size - 100))
        job = left_by_a_dead_engine(home, shot, out)
        with StandIn(home) as blender:
            blender.jobs[job] = blender.call("status", job=job)
            ended = blender.until_ended(job)
            assert ended["state"] == state, (name, ended["problem"])
            assert leftovers(tmp_path) == []
            if state == "done":
                assert ended["take"] == take
                continue
            assert "Retry" in ended["problem"]
            assert not out.exists()
            blender.call("retry", job=job)
            assert blender.until_ended(job)["state"] == "done"
            verify(decode(Order, ended["order"]))
    assert sorted(path.name for path in takes.iterdir()) == [
        "cut", "cut.damaged-1", "first", "none", "whole", "zeros", "zeros.damaged-1",
    ]  # fmt: skip


def test_a_fate_that_cannot_be_known_is_unknown_until_it_can(shot: Path, tmp_path: Path) -> None:
    home, takes = tmp_path / "home", tmp_path / "takes"
    with StandIn(home) as blender:
        blender.until_ended(blender.submit(shot, takes / "take"))
        blender.call("forget", job=next(iter(blender.jobs)))
    job = left_by_a_dead_engine(home, shot, takes / "take")
    takes.rename(tmp_path / "unplugged")
    with StandIn(home) as blender:
        blender.jobs[job] = blender.call("status", job=job)
        ended = blender.until_ended(job)
        assert ended["state"] == "unknown"
        assert str(takes) in ended["problem"]
        (tmp_path / "unplugged").rename(takes)
        blender.call("retry", job=job)
        assert blender.until_ended(job)["state"] == "done"


def test_another_machines_job_is_unknown_here(shot: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = Store(home, "far", Process("another-machine", 1, "x"))
    job = str(uuid.uuid4())
    store.add(decode(Order, order_of(shot, tmp_path / "take", job)))
    assert isinstance(store.claim(Process("another-machine", 2, "y"), impatient=False), Entry)
    with StandIn(home) as blender:
        blender.jobs[job] = blender.call("status", job=job)
        ended = blender.until_ended(job)
        assert ended["state"] == "unknown"
        assert host() in ended["problem"]


def test_verify_finds_what_is_missing(shot: Path, tmp_path: Path) -> None:
    with StandIn(tmp_path / "home") as blender:
        job = blender.submit(shot, tmp_path / "take", settings={"exr": True})
        ordered = decode(Order, blender.until_ended(job)["order"])
    assert verify(ordered).id == blender.jobs[job]["take"]
    frame = next((tmp_path / "take" / "frames").glob("*.exr"))
    kept = frame.read_bytes()
    for path, damage in (
        (frame, b""),
        (tmp_path / "take" / "report.json", b"{}"),
        (tmp_path / "take" / "stems" / "contacts.wav", b"RIFF"),
    ):
        if not path.exists():
            path = next((tmp_path / "take" / "stems").iterdir())
        kept = path.read_bytes()
        path.write_bytes(damage)
        with pytest.raises(ContractError):
            verify(ordered)
        path.write_bytes(kept)
    with pytest.raises(ContractError, match="backend"):
        verify(replace(ordered, backend="dream"))
    assert verify(ordered)
