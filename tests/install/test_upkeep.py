"""Verify, repair, remove, and records that tell the truth."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from conftest import plan_of
from index import Index

from sora_addon.install.edition import CannotInstall, Edition
from sora_addon.install.install import repair
from sora_addon.install.places import choose_root, chosen_engine, installed_engine, python_in, records, state
from sora_addon.install.upkeep import remove, verify


def file_of(root: Path, name: str) -> Path:
    return next(root.glob(f"engine-*/**/site-packages/{name}"))


def mended(root: Path, edition: Edition) -> None:
    repair(root, plan_of(edition), lambda progress: None, threading.Event())
    assert verify(root, edition, threading.Event()) == ""
    assert state(root, edition).kind == "whole"


def test_whole_is_verified(whole: tuple[Edition, Path]) -> None:
    edition, root = whole
    assert verify(root, edition, threading.Event()) == ""


def test_a_changed_file_is_found_and_only_its_package_fetched(whole: tuple[Edition, Path], index: Index) -> None:
    edition, root = whole
    file_of(root, "first_little/__init__.py").write_text("VERSION = 'another'\n")
    assert "First-little has a changed file first_little/__init__.py; press Repair" in verify(
        root, edition, threading.Event()
    )
    assert state(root, edition).kind == "broken"
    assert installed_engine(root, edition) is None
    mended(root, edition)
    assert index.asked == ["first_little-1.0.0-py3-none-any.whl"]


def test_a_missing_file_is_found(whole: tuple[Edition, Path]) -> None:
    edition, root = whole
    file_of(root, "large_little/padding.bin").unlink()
    assert "lacks its file large_little/padding.bin" in verify(root, edition, threading.Event())


def test_a_lost_python_is_made_anew(whole: tuple[Edition, Path]) -> None:
    edition, root = whole
    python = installed_engine(root, edition)
    assert python is not None
    python.unlink()
    assert state(root, edition).kind == "broken"
    mended(root, edition)


def test_an_engine_that_does_not_answer_is_broken(whole: tuple[Edition, Path]) -> None:
    edition, root = whole
    code = edition.code / "engine" / "__main__.py"
    text = code.read_text()
    code.write_text("raise SystemExit('no model')")
    try:
        assert verify(root, edition, threading.Event()) == "The engine does not answer: no model"
    finally:
        code.write_text(text)


def test_a_torn_record_is_broken_not_whole(whole: tuple[Edition, Path]) -> None:
    edition, root = whole
    record = next(root.glob("engine-*.json"))
    record.write_text(record.read_text()[:40])
    found = state(root, edition)
    assert found.kind == "broken"
    assert installed_engine(root, edition) is None


def test_other_machines_environments_are_left_alone(whole: tuple[Edition, Path]) -> None:
    edition, root = whole
    record = next(root.glob("engine-*.json"))
    record.write_text(record.read_text().replace("-x86_64", "-another"))
    if records(root) == []:
        assert state(root, edition).kind == "absent"
        remove(root)
        assert python_in(root / record.stem).is_file()


def test_remove_leaves_only_the_log(whole: tuple[Edition, Path]) -> None:
    edition, root = whole
    remove(root)
    assert state(root, edition).kind == "absent"
    assert not [path for path in root.iterdir() if path.suffix not in (".log", ".lock")]


def test_nothing_to_verify(root: Path, edition: Edition) -> None:
    with pytest.raises(CannotInstall, match="No engine is installed"):
        verify(root, edition, threading.Event())


def test_the_client_finds_nothing_of_another_version(whole: tuple[Edition, Path]) -> None:
    choose_root(whole[1])
    try:
        assert chosen_engine() is None
    finally:
        choose_root(None)
