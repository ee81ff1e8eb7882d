"""What will be done is known before anything is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import plan_of
from little import lock_of, make_wheel

from sora_addon.install import plan as plans
from sora_addon.install.edition import CannotInstall, Edition, read_lock
from sora_addon.install.plan import Plan, make_plan
from sora_addon.install.pythons import candidates

MISSING = """
import runpy, sys
sys.modules["ensurepip"] = None
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def one_package(folder: Path, *tags: str) -> Edition:
    wheels = [make_wheel(folder, "one", "1.0", tag, padding=100 * i) for i, tag in enumerate(tags, start=1)]
    (folder / "core.lock").write_text(lock_of([("one", "1.0", wheels)]))
    return Edition("1.0", folder, {"core": folder / "core.lock"})


def test_sizes_are_those_of_the_wheels(plan: Plan, index) -> None:
    assert plan.download == sum(path.stat().st_size for path in index.wheels.iterdir())
    assert plan.disk > plan.download
    assert index.asked == []


def test_the_wheel_of_this_machine_is_chosen(tmp_path: Path) -> None:
    abi = f"cp3{sys.version_info[1]}"
    here = f"{abi}-{abi}-manylinux_2_17_x86_64" if sys.platform == "linux" else f"{abi}-none-any"
    edition = one_package(tmp_path, "cp39-cp39-win_amd64", here, "py3-none-any")
    assert plan_of(edition).picks[0].wheel.name == f"one-1.0-{here}.whl"
    (tmp_path / "few").mkdir()
    make_wheel(tmp_path / "few", "one", "1.0", "py3-none-any", padding=300)
    assert plan_of(edition, wheels=tmp_path / "few").picks[0].wheel.name == "one-1.0-py3-none-any.whl"


def test_a_python_that_lacks_a_wheel_is_named(tmp_path: Path) -> None:
    edition = one_package(tmp_path, "cp39-cp39-win_amd64")
    with pytest.raises(CannotInstall, match=r"There is no one for Python 3\.\d+ on this machine"):
        plan_of(edition, python=Path(sys.executable))


def test_a_python_without_ensurepip_is_passed_over_with_advice(tmp_path: Path, edition: Edition) -> None:
    script = tmp_path / "without.py"
    script.write_text(MISSING)
    plan = make_plan(edition, [sys.executable, "-I", str(script)])
    assert "lacks ensurepip" in plan.notes[0]
    if sys.platform == "linux":
        assert "apt install python3" in plan.notes[0]
    assert str(script) not in plan.python


def test_what_is_no_python_is_told(tmp_path: Path, edition: Edition) -> None:
    with pytest.raises(CannotInstall, match=r"nowhere does not start .*choose a Python"):
        plan_of(edition, python=tmp_path / "nowhere")


def test_old_pythons_are_refused(edition: Edition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "VERSIONS", ("3.99",))
    with pytest.raises(CannotInstall, match=r"the engine needs 3\.11 to 3\.14"):
        plan_of(edition, python=Path(sys.executable))


def test_own_python_is_tried_first() -> None:
    assert next(candidates([sys.executable, "-I"])) == (sys.executable, "-I")


@pytest.mark.parametrize(
    "text", ["one=1.0\n", "#: one.whl 3\none==1.0 \\\n", "one==1.0 \\\n    --hash=sha256:" + "0" * 64]
)
def test_torn_locks_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "core.lock").write_text(text)
    with pytest.raises(CannotInstall, match=r"core\.lock"):
        read_lock(tmp_path / "core.lock")


def test_unknown_parts_are_refused(edition: Edition) -> None:
    with pytest.raises(CannotInstall, match="no part model"):
        make_plan(edition, [sys.executable], parts=("core", "model"))
