"""The doctor, on this machine and on what is broken."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from stand_in import ROOT

from engine.server import doctor
from engine.server.store import FILE


def test_it_says_what_it_found_and_its_code_agrees(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "engine", "doctor", "--home", str(tmp_path / "home"), "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    findings = json.loads(run.stdout)
    assert {"python", "packages", "memory", "disk", "encoder", "store", "worker", "device"} == {
        finding["name"] for finding in findings
    }
    assert run.returncode == (0 if all(finding["well"] for finding in findings) else 1)
    by_name = {finding["name"]: finding for finding in findings}
    assert by_name["worker"]["well"]
    assert by_name["encoder"]["well"]


def test_what_is_broken_is_named_with_what_mends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements-engine.txt").write_text("numpy==0.0.1\nnever-heard-of==1.0\nscipy==1.17.1\n")
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    monkeypatch.setattr(doctor, "ROOM", 2**70)
    monkeypatch.setattr(doctor, "ENCODER", "raise SystemExit('no such codec')")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / FILE).write_bytes(b"garbage " * 1000)
    wrong = [finding for finding in doctor.examine(tmp_path / "home") if not finding.well]
    assert [finding.name for finding in wrong] == ["packages", "packages", "disk", "encoder", "store"]
    assert all(finding.mend for finding in wrong)
    text = doctor.told(wrong)
    for words in ("numpy", "never-heard-of is missing", "no such codec", FILE, "5 things are wrong"):
        assert words in text
