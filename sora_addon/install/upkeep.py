"""Checking and removing what is installed."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from . import answers, check_run
from .edition import CannotInstall, Edition, Wheel
from .install import LOG, TEMPORARY, WHEELS, remove_environment
from .owner import owned
from .pip import empty
from .places import python_in, records, state, write_record
from .plan import Pick
from .processes import Log, Runner


def verify(root: Path, edition: Edition, cancel: threading.Event, home: Path | None = None) -> str:
    """What is wrong with the environment of ``edition``, a sentence; empty where nothing is. It is recorded.

    ``home`` is the engine's, for ``engine doctor``, which writes what it finds into the log. Blocks for some seconds. Raises CannotInstall, Stopped.
    """
    record = state(root, edition).record
    if record is None:
        raise CannotInstall("No engine is installed; press Install Engine.")
    with owned(root) as held, Log(root / LOG) as log:
        runner = Runner(log, cancel, held)
        python = python_in(root / record.name)
        picks = [Pick(name, version, Wheel(wheel, 0, "")) for name, version, wheel in record.packages]
        if record.stage not in ("whole", "checking", "broken"):
            return "The install is not finished; press Resume."
        try:
            spoilt = check_run.problems(python, picks, runner)
            sentence = check_run.sentence(spoilt) if spoilt else answers.hello(python, edition, runner)
            if not sentence and home is not None:
                answers.doctor(python, edition, home, runner)
        except OSError as error:
            sentence = f"The engine's Python does not start ({error.strerror}); press Repair."
        try:
            write_record(root, replace(record, stage="broken" if sentence else "whole", problem=sentence))
        except OSError as error:
            raise CannotInstall(f"{root} cannot be written to ({error.strerror}).") from error
        return sentence


def remove(root: Path) -> None:
    """Take away every environment in ``root`` and what was downloaded; the log stays. Raises CannotInstall."""
    with owned(root), Log(root / LOG) as log:
        try:
            for record in records(root):
                remove_environment(root, record)
                log.add(f"removed {record.name}")
            empty(root / WHEELS)
            empty(root / TEMPORARY)
        except OSError as error:
            raise CannotInstall(
                f"{error.filename or root} cannot be removed ({error.strerror}); close what uses the engine and try again."
            ) from error
