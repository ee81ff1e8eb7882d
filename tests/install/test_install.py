"""From nothing to a whole environment, and every way in which that can be interrupted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import plan_of, put
from index import Index
from little import make_edition, make_wheel

from sora_addon.install import install as installing
from sora_addon.install.edition import CannotInstall, Edition
from sora_addon.install.install import LOG, TEMPORARY, WHEELS, fetch, install
from sora_addon.install.owner import FILE, Busy, owned
from sora_addon.install.places import installed_engine, python_in, records, state
from sora_addon.install.plan import Plan
from sora_addon.install.processes import Stopped

HERE = Path(__file__).parent


def version_in(python: Path) -> str:
    asked = [str(python), "-I", "-c", "import first_little; print(first_little.VERSION)"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def wait_until_free(root: Path) -> None:
    """What a killed installer had started may run on for a moment, and holds the folder until it ends."""
    import fcntl

    with (root / FILE).open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def test_from_the_index_into_a_path_with_spaces_and_other_letters(root: Path, edition: Edition, plan: Plan) -> None:
    assert state(root, edition).kind == "absent"
    told = put(root, plan)
    python = installed_engine(root, edition)
    assert python == python_in(root / plan.name)
    assert version_in(python) == "1.0.0"
    assert state(root, edition).kind == "whole"
    shares = [progress.share for progress in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {progress.stage for progress in told} == {"making", "downloading", "installing", "checking", "whole"}
    assert max(progress.done for progress in told if progress.stage == "downloading") == plan.download
    assert not (root / WHEELS).exists()
    assert not (root / TEMPORARY).exists()
    log = (root / LOG).read_text(encoding="utf-8")
    assert "Successfully installed" in log
    assert '"id": 1' in log


def test_cancel_takes_two_seconds_and_what_was_downloaded_is_kept(
    root: Path, edition: Edition, plan: Plan, index: Index
) -> None:
    index.held = "large_little"
    cancel, ended = threading.Event(), []

    def run() -> None:
        with pytest.raises(Stopped):
            install(root, plan, lambda progress: None, cancel)
        ended.append(time.monotonic())

    thread = threading.Thread(target=run)
    thread.start()
    index.reached.wait()
    asked = time.monotonic()
    cancel.set()
    thread.join()
    assert ended[0] - asked < 2.0
    assert state(root, edition).kind == "stopped"
    assert installed_engine(root, edition) is None
    assert len(list((root / WHEELS).iterdir())) == 2
    index.held, index.asked = "", []
    put(root, plan)
    assert index.asked == ["large_little-1.0.0-py3-none-any.whl"]
    assert state(root, edition).kind == "whole"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that a process cannot catch")
@pytest.mark.parametrize("stage", ["making", "downloading", "installing"])
def test_killed_in_any_stage_it_is_recognised_and_resumed(
    stage: str, made_once: tuple[Edition, Path, Path], root: Path, index: Index
) -> None:
    edition, wheels, _ = made_once
    shutil.copytree(wheels, index.wheels)
    paths = os.environ | {"PYTHONPATH": str(HERE.parents[1])}
    command = [sys.executable, str(HERE / "run_little.py"), str(root), str(edition.code), edition.version]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=paths)
    assert process.stdout is not None
    assert stage in (line.strip() for line in process.stdout)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    wait_until_free(root)
    assert state(root, edition).kind == "stopped"
    assert state(root, edition).record.stage == stage  # pyright: ignore[reportOptionalMemberAccess]
    assert installed_engine(root, edition) is None
    if stage == "installing":  # the other stages leave less behind; one resume costs seconds
        put(root, plan_of(edition))
        assert version_in(python_in(root / plan_of(edition).name)) == "1.0.0"
        assert state(root, edition).kind == "whole"


def test_a_file_that_is_not_the_locked_one_is_refused(begun: tuple[Edition, Path], index: Index) -> None:
    edition, root = begun
    plan = plan_of(edition)
    make_wheel(index.wheels, "second-little", "1.0.0", words="somebody else's")
    with pytest.raises(CannotInstall, match=r"second-little is not the file .* refused"):
        put(root, plan)
    found = state(root, edition)
    assert found.kind == "stopped"
    assert found.record is not None
    assert "refused" in found.record.problem
    assert not list((root / WHEELS).glob("second*"))
    assert not list((root / plan.name).rglob("second_little"))


def test_an_index_that_is_not_there(begun: tuple[Edition, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    edition, root = begun
    plan = plan_of(edition)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(CannotInstall, match=r"could not be downloaded .* press Resume"):
        put(root, plan)
    assert state(root, edition).kind == "stopped"


def test_wheel_folder_needs_no_index(begun: tuple[Edition, Path], index: Index, tmp_path: Path) -> None:
    edition, root = begun
    plan = plan_of(edition)
    folder = tmp_path / "wheels für unten"
    fetch(root, plan, folder, lambda progress: None, threading.Event())
    assert sorted(path.name for path in folder.iterdir()) == sorted(pick.wheel.name for pick in plan.picks)
    index.asked = []
    offline = plan_of(edition, wheels=folder)
    moved = next(folder.glob("second*")).rename(tmp_path / "second.whl")
    with pytest.raises(CannotInstall, match=r"lacks second_little-1\.0\.0-py3-none-any\.whl; fill it"):
        put(root, offline, folder)
    make_wheel(folder, "second-little", "1.0.0", words="somebody else's")
    with pytest.raises(CannotInstall, match="refused"):
        put(root, offline, folder)
    moved.replace(folder / "second_little-1.0.0-py3-none-any.whl")
    put(root, offline, folder)
    assert index.asked == []
    assert state(root, edition).kind == "whole"
    assert len(list(folder.iterdir())) == 3


def test_the_old_version_goes_when_the_new_one_answers(
    whole: tuple[Edition, Path], tmp_path: Path, index: Index
) -> None:
    old, root = whole
    mute = "import sys; sys.exit('this engine says nothing')"
    new = make_edition(tmp_path, index.wheels, "2.0.0", mute)
    assert state(root, new).kind == "older"
    with pytest.raises(CannotInstall, match="does not answer: this engine says nothing"):
        put(root, plan_of(new))
    assert installed_engine(root, old) is not None
    assert installed_engine(root, new) is None
    assert state(root, new).kind == "broken"
    assert len(records(root)) == 2
    (new.code / "engine" / "__main__.py").write_text((old.code / "engine" / "__main__.py").read_text())
    put(root, plan_of(new))
    python = installed_engine(root, new)
    assert python is not None
    assert version_in(python) == "2.0.0"
    assert installed_engine(root, old) is None
    assert [path.name for path in root.iterdir() if path.is_dir()] == [plan_of(new).name]


def test_only_one_installs_at_a_time(root: Path, edition: Edition, plan: Plan) -> None:
    with owned(root):
        assert state(root, edition).kind == "working"
        with pytest.raises(Busy, match="Another Blender is installing"):
            put(root, plan)
    assert state(root, edition).kind == "absent"


def test_a_disk_that_a_stand_in_calls_full(
    root: Path, edition: Edition, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(Path.home())
    monkeypatch.setattr(installing.shutil, "disk_usage", lambda folder: usage._replace(free=1000))
    with pytest.raises(CannotInstall, match=r"needs 0\.1 GB and .* has 0\.0 GB free; make room"):
        put(root, plan)
    assert not (root / plan.name).exists()


def test_a_folder_that_cannot_be_written_to(tmp_path: Path, plan: Plan) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotInstall, match="choose another in the preferences"):
        put(tmp_path / "file" / "engine", plan)
