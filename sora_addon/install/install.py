"""Makes an environment, stage by stage; what stops it half-way is recorded, and the next try goes on from there."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from . import answers, check_run
from .edition import CannotInstall
from .meter import Meter, Progress
from .owner import owned
from .pip import Pip, empty, groups, is_whole, size_under
from .places import Record, Stage, machine, python_in, read_record, records, write_record
from .plan import Pick, Plan
from .processes import Log, Runner, Stopped, clean_environment

LOG = "install.log"
WHEELS, TEMPORARY = "wheels", "partial"
ROOM = 100 * 2**20
"""Bytes that stay free."""


@dataclass
class Job:
    """An install, a repair or a check under way in a folder that is held."""

    root: Path
    plan: Plan
    runner: Runner
    meter: Meter
    record: Record

    @property
    def environment(self) -> Path:
        return self.root / self.plan.name

    @property
    def python(self) -> Path:
        return python_in(self.environment)

    @property
    def pip(self) -> Pip:
        return Pip(self.python, self.root / TEMPORARY, self.runner)

    def enter(self, stage: Stage, problem: str = "") -> None:
        """Record that a stage begins."""
        self.record = write_record(self.root, replace(self.record, stage=stage, problem=problem))
        self.meter.tell(stage)


def install(
    root: Path,
    plan: Plan,
    watch: Callable[[Progress], None],
    cancel: threading.Event,
    folder: Path | None = None,
) -> Path:
    """Make what ``plan`` says in ``root``, or finish it; the Python of the whole, checked environment.

    ``folder`` holds the wheels where nothing may be downloaded. Blocks: for a thread. Older environments go once the
    new one answers. Raises CannotInstall with the sentence for the artist, Stopped.
    """
    with _job(root, plan, watch, cancel) as job:
        if job.record.stage == "whole" and job.pip.works():
            return job.python
        _fill(job, folder)
        return job.python


def repair(
    root: Path,
    plan: Plan,
    watch: Callable[[Progress], None],
    cancel: threading.Event,
    folder: Path | None = None,
) -> Path:
    """Mend the packages that are not as they came; all of it where its Python or pip does not start. As ``install``."""
    with _job(root, plan, watch, cancel) as job:
        if job.record.stage not in ("whole", "broken", "checking") or not job.pip.works():
            job.enter("making")
            _fill(job, folder)
            return job.python
        job.enter("checking")
        spoilt = check_run.problems(job.python, plan.picks, job.runner)
        picks = [pick for pick in plan.picks if pick.name in spoilt]
        if len(picks) < len(spoilt):
            job.enter("making")
            _fill(job, folder)
            return job.python
        if picks:
            job.enter("broken", check_run.sentence(spoilt))
            source = folder or _download(job, picks, job.root / WHEELS)
            _must_hold(source, picks)
            job.pip.install(picks, source, lambda: None, anew=True)
        _check(job)
        return job.python


def fetch(root: Path, plan: Plan, target: Path, watch: Callable[[Progress], None], cancel: threading.Event) -> None:
    """Fill ``target`` with the wheels of ``plan``, for a machine without a network. Raises CannotInstall, Stopped."""
    with _job(root, plan, watch, cancel) as job:
        if not job.pip.works():
            _make(job)
        target.mkdir(parents=True, exist_ok=True)
        job.enter("downloading")
        _download(job, plan.picks, target)


@contextmanager
def _job(root: Path, plan: Plan, watch: Callable[[Progress], None], cancel: threading.Event) -> Iterator[Job]:
    with owned(root) as held, Log(root / LOG) as log:
        there = root / f"{plan.name}.json"
        fresh = Record(
            name=plan.name,
            edition=plan.edition.version,
            digest=plan.edition.digest(plan.parts),
            parts=list(plan.parts),
            machine=machine(),
            python=" ".join(plan.python),
            python_version=plan.python_version,
            stage="making",
            packages=[[pick.name, pick.version, pick.wheel.name] for pick in plan.picks],
        )
        before = read_record(there) if there.is_file() else None
        record = fresh if before is None else replace(fresh, stage=before.stage)
        wheels = root / WHEELS
        waiting = sum(pick.wheel.size for pick in plan.picks if not is_whole(wheels / pick.wheel.name, pick.wheel))
        job = Job(root, plan, Runner(log, cancel, held), Meter(plan.download, waiting, watch), record)
        log.add(f"{plan.name} in {root}, Python {plan.python_version} at {' '.join(plan.python)}")
        for note in plan.notes:
            log.add(note)
        try:
            yield job
        except CannotInstall as error:
            log.add(str(error))
            _note(job, str(error))
            raise
        except Stopped:
            log.add("cancelled")
            raise
        except OSError as error:
            sentence = f"{error.filename or root}: {error.strerror or error}; see to it and press Resume."
            log.add(sentence)
            _note(job, sentence)
            raise CannotInstall(sentence) from error


def _note(job: Job, sentence: str) -> None:
    """Keep why it stopped, where the disk still takes it and there is something to keep it with."""
    if (job.root / f"{job.plan.name}.json").is_file():
        try:
            write_record(job.root, replace(job.record, problem=sentence))
        except OSError as error:
            job.runner.log.add(f"The record could not be written: {error}")


def _fill(job: Job, folder: Path | None) -> None:
    picks = job.plan.picks
    if folder is not None:
        _must_hold(folder, picks)
    _must_fit(job, 0 if folder is not None else job.meter.to_download)
    # Packages half installed cannot be told from whole ones, so only an environment that is still empty is kept.
    if job.record.stage != "downloading" or not job.pip.works():
        _make(job)
    job.enter("downloading")
    source = folder or _download(job, picks, job.root / WHEELS)
    job.enter("installing")
    job.pip.install(picks, source, lambda: job.meter.tell("installing", done=_installed(job)))
    _check(job)
    empty(job.root / WHEELS)
    empty(job.root / TEMPORARY)
    remove_others(job.root, job.plan.name, job.runner.log)


def _make(job: Job) -> None:
    job.enter("making")
    empty(job.environment)
    isolated = [] if "-I" in job.plan.python else ["-I"]
    command = [*job.plan.python, *isolated, "-m", "venv", str(job.environment)]
    code, lines = job.runner.run(command, clean_environment(), lambda: job.meter.tell("making"))
    if code != 0:
        said = next((line for line in reversed(lines) if line.strip()), f"exit code {code}")
        raise CannotInstall(f"{job.plan.python[0]} could not make an environment ({said}); choose another Python.")


def _download(job: Job, picks: tuple[Pick, ...] | list[Pick], into: Path) -> Path:
    """Fetch what is not in ``into`` yet; what is there must be whole or is fetched anew."""
    into.mkdir(parents=True, exist_ok=True)
    empty(job.root / TEMPORARY)
    done = 0
    for group in groups([pick for pick in picks if not is_whole(into / pick.wheel.name, pick.wheel)]):
        for pick in group:
            (into / pick.wheel.name).unlink(missing_ok=True)
        name = group[0].name if len(group) == 1 else ""
        before = size_under(into)

        def look(name: str = name, done: int = done, before: int = before) -> None:
            job.meter.tell("downloading", name, done + size_under(job.root / TEMPORARY) + size_under(into) - before)

        look()
        job.pip.download(group, into, look)
        done += sum(pick.wheel.size for pick in group)
        job.meter.tell("downloading", name, done)
    return into


def _installed(job: Job) -> int:
    """Bytes of the wheels that are unpacked; pip writes a package's RECORD last."""
    packages = next(job.environment.glob("lib/python3*/site-packages"), job.environment / "Lib" / "site-packages")
    done = 0
    for pick in job.plan.picks:
        name = "-".join(pick.wheel.name.split("-")[:2]) + ".dist-info"
        if (packages / name / "RECORD").is_file():
            done += pick.wheel.size
    return done


def _check(job: Job) -> None:
    """Only what was checked and has answered is whole."""
    job.enter("checking")
    spoilt = check_run.problems(job.python, job.plan.picks, job.runner)
    sentence = check_run.sentence(spoilt) if spoilt else answers.hello(job.python, job.plan.edition, job.runner)
    if sentence:
        job.enter("broken", sentence)
        raise CannotInstall(sentence)
    job.enter("whole")


def _must_hold(folder: Path, picks: tuple[Pick, ...] | list[Pick]) -> None:
    lacking = [pick.wheel.name for pick in picks if not (folder / pick.wheel.name).is_file()]
    if lacking:
        more = f" (and {len(lacking) - 1} more)" if len(lacking) > 1 else ""
        raise CannotInstall(f"The wheel folder {folder} lacks {lacking[0]}{more}; fill it on a machine like this one.")
    spoilt = [pick.wheel.name for pick in picks if not is_whole(folder / pick.wheel.name, pick.wheel)]
    if spoilt:
        raise CannotInstall(
            f"{spoilt[0]} in the wheel folder is not the file that this version of the add-on was made with, so it was"
            " refused; copy it again from where it was downloaded."
        )


def _must_fit(job: Job, to_download: int) -> None:
    needed = to_download + job.plan.disk + ROOM
    free = shutil.disk_usage(job.root).free
    if free < needed:
        raise CannotInstall(
            f"The engine needs {needed / 1e9:.1f} GB and {job.root} has {free / 1e9:.1f} GB free;"
            " make room, or choose a folder on another disk in the preferences."
        )


def remove_others(root: Path, keep: str, log: Log) -> None:
    """Remove the environments beside ``keep``; one that the system holds on to is tried again after the next install."""
    for record in records(root):
        if record.name == keep:
            continue
        try:
            remove_environment(root, record)
            log.add(f"removed {record.name}")
        except OSError as error:
            log.add(f"{record.name} is still in use and stays for now: {error}")


def remove_environment(root: Path, record: Record) -> None:
    """Take an environment away, then its record: a half-removed one stays known as such. Raises OSError."""
    write_record(root, replace(record, stage="removing"))
    empty(root / record.name)
    (root / f"{record.name}.json").unlink(missing_ok=True)
