"""Install Engine as Blender runs it: the operators return at once, and what becomes of it is shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
import pytest
from real_blender import ROOT

sys.path.insert(0, str(ROOT / "tests" / "install"))

from little import make_edition

import sora_addon
from sora_addon.client import engine
from sora_addon.install import places, preferences, work
from sora_addon.install.edition import Edition
from sora_addon.install.meter import Progress
from sora_addon.install.plan import Pick
from sora_addon.install.work import WORK, Shown

pytestmark = pytest.mark.bpy


@pytest.fixture
def little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edition:
    """Instead of this add-on's edition, one that installs in seconds and needs no network."""
    edition = make_edition(tmp_path, tmp_path / "wheels", models=True)
    monkeypatch.setattr(work, "this_edition", lambda: edition)
    monkeypatch.setattr(places, "this_edition", lambda: edition)
    return edition


@pytest.fixture
def page(tmp_path: Path, little: Edition, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The add-on's preferences, with a folder of the test's."""
    monkeypatch.setenv("SORA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(engine.VARIABLE, raising=False)
    sora_addon.register()
    addon = bpy.context.preferences.addons.new()
    addon.module = preferences.PACKAGE
    addon.preferences.folder = str(tmp_path / "für die Engine")
    assert WORK.wait(60)
    yield addon.preferences
    WORK.stop()
    bpy.context.preferences.addons.remove(addon)
    sora_addon.unregister()
    WORK.shown = Shown()


def ended() -> Shown:
    assert WORK.wait(120)
    return WORK.shown


def test_another_folder_is_looked_at(page: Any, tmp_path: Path) -> None:
    assert preferences.root() == tmp_path / "für die Engine"
    assert WORK.shown.state == places.State("absent")
    assert WORK.shown.plan is not None
    assert "Downloads 3 MB" in preferences.size_line(WORK.shown.plan)
    page.folder = ""
    assert preferences.root() == tmp_path / "home" / "engine"


def test_offline_it_refuses_and_says_how_to_allow_it(page: Any) -> None:
    assert not bpy.app.online_access
    for operator in (bpy.ops.sora.install_engine, bpy.ops.sora.repair_engine):
        with pytest.raises(RuntimeError, match="Allow Online Access"):
            operator()
    with pytest.raises(RuntimeError, match="Allow Online Access"):
        bpy.ops.sora.fetch_wheels(directory=str(preferences.root()))
    assert not WORK.busy
    assert not preferences.root().exists()


def test_from_a_wheel_folder_to_an_engine_and_back(page: Any, tmp_path: Path) -> None:
    page.wheels = str(tmp_path / "wheels")
    ended()
    assert bpy.ops.sora.install_engine() == {"FINISHED"}
    assert WORK.busy
    assert preferences.progress() is not None
    assert not bpy.ops.sora.remove_engine.poll()
    assert bpy.ops.sora.cancel_install.poll()
    shown = ended()
    assert (shown.problem, shown.well) == ("", "installing")
    assert shown.state is not None
    assert shown.state.kind == "whole"
    assert not bpy.ops.sora.cancel_install.poll()
    python = places.chosen_engine()
    assert python is not None
    assert python.is_relative_to(tmp_path / "für die Engine")
    assert bpy.ops.sora.verify_engine() == {"FINISHED"}
    assert ended().well == "verifying"
    next((tmp_path / "für die Engine").glob("engine-*/**/first_little/__init__.py")).write_text("")
    bpy.ops.sora.verify_engine()
    shown = ended()
    assert shown.state is not None
    assert shown.state.kind == "broken"
    assert "First-little has a changed file" in shown.problem
    bpy.ops.sora.repair_engine()
    assert ended().well == "repairing"
    bpy.ops.sora.remove_engine()
    shown = ended()
    assert shown.state == places.State("absent")
    assert places.chosen_engine() is None


def test_models_are_added_to_an_engine_that_is_whole(page: Any, tmp_path: Path) -> None:
    page.wheels = str(tmp_path / "wheels")
    ended()
    bpy.ops.sora.install_engine()
    without = ended().state
    assert WORK.shown.plan is None
    assert preferences.lacks_models()
    assert preferences.models_size().startswith("Downloads 3 MB")
    page.models = True
    shown = ended()
    assert (shown.state, shown.plan is None) == (without, False), "what is there stays until the other one answers"
    page.models = False
    ended()
    assert bpy.ops.sora.add_models() == {"FINISHED"}
    assert page.models
    shown = ended()
    assert not preferences.lacks_models()
    assert (shown.problem, shown.plan) == ("", None)
    assert shown.state is not None and shown.state.record is not None  # noqa: PT018
    assert shown.state.kind == "whole"
    assert set(shown.state.record.parts) == {"core", "model"}
    assert len(list((tmp_path / "für die Engine").glob("engine-*.json"))) == 1
    page.models = False
    assert ended().plan is None, "nothing is missing where there is more than is asked for"


def test_cancel_leaves_what_can_be_resumed(page: Any, tmp_path: Path) -> None:
    page.wheels = str(tmp_path / "wheels")
    ended()
    bpy.ops.sora.install_engine()
    bpy.ops.sora.cancel_install()
    shown = ended()
    assert shown.problem == ""
    assert shown.state is not None
    assert shown.state.kind in ("absent", "stopped")
    assert places.chosen_engine() is None


def test_a_failure_is_shown_and_logged(page: Any, tmp_path: Path) -> None:
    page.wheels = str(tmp_path)
    ended()
    bpy.ops.sora.install_engine()
    shown = ended()
    assert "lacks first_little-1.0.0-py3-none-any.whl (and 2 more)" in shown.problem
    assert preferences.progress() == (False, 0.0, shown.problem)
    assert bpy.ops.sora.copy_install_log() == {"FINISHED"}


def test_no_log_yet(page: Any) -> None:
    assert bpy.ops.sora.copy_install_log() == {"CANCELLED"}


def test_words_while_it_downloads(little: Edition) -> None:
    picks = [Pick(package.name, package.version, package.wheels[0]) for package in little.parts["core"]]
    total = sum(pick.wheel.size for pick in picks)
    shown = Shown("installing", progress=Progress("downloading", "large-little", 1_000_000, total, 0.4, 42.0))
    assert preferences.progress_line(shown) == "Downloading large-little, 1 of 3 MB, 40 s left"
    assert preferences.progress_line(Shown("verifying")) == "Checking every file..."
