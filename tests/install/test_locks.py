"""The locks that the zip holds are those of the requirements, and name no address."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from engine.requirements.__main__ import PARTS, PYTHONS, SYSTEMS, fits
from sora_addon.install.edition import this_edition

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("part", PARTS)
def test_locks_are_of_the_requirements(part: str) -> None:
    source = ROOT / PARTS[part]
    lock = this_edition().locks[part].read_text()
    assert hashlib.sha256(source.read_bytes()).hexdigest() in lock, "run 'python -m engine.requirements'"
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", source.read_text(), re.MULTILINE)
    locked = {(package.name, package.version) for package in this_edition().parts[part]}
    assert pins
    assert {(name.lower(), version) for name, version in pins} <= locked


@pytest.mark.parametrize("part", PARTS)
def test_locks_name_no_address(part: str) -> None:
    assert "/" not in this_edition().locks[part].read_text().replace("'python -m", "")


def test_every_supported_python_of_windows_and_linux_has_wheels_of_numpy() -> None:
    numpy = next(package for package in this_edition().parts["core"] if package.name == "numpy")
    for system in SYSTEMS:
        for python in PYTHONS:
            assert any(fits(wheel.name, python, system) for wheel in numpy.wheels), (system, python)


@pytest.mark.parametrize(
    ("wheel", "python", "system", "fitting"),
    [
        ("a-1-cp311-cp311-win_amd64.whl", "3.11", "Windows x86_64", True),
        ("a-1-cp311-cp311-win_amd64.whl", "3.12", "Windows x86_64", False),
        ("a-1-cp37-abi3-manylinux_2_28_x86_64.whl", "3.14", "Linux x86_64", True),
        ("a-1-cp314-cp314t-manylinux_2_28_x86_64.whl", "3.14", "Linux x86_64", False),
        ("a-1-cp312-cp312-musllinux_1_2_x86_64.whl", "3.12", "Linux x86_64", False),
        ("a-1-cp312-cp312-macosx_11_0_universal2.whl", "3.12", "macOS arm64", True),
        ("a-1-py3-none-any.whl", "3.13", "macOS x86_64", True),
        ("a-1-py2.py3-none-win32.whl", "3.13", "Windows x86_64", False),
    ],
)
def test_wheels_by_name(wheel: str, python: str, system: str, fitting: bool) -> None:
    assert fits(wheel, python, system) is fitting
