"""The audit of what the locks pin: each package is asked about, and no answer is never taken for a good one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from engine.requirements.audit import TOOL, audit
from engine.requirements.sbom import bill

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-in is a script with a first line of its own")
STAND_IN = """#!{python}
import json, sys
from pathlib import Path
pins = Path(sys.argv[sys.argv.index("--requirement") + 1]).read_text().split()
with Path("{seen}").open("a") as seen:
    seen.write("\\n".join(pins) + "\\n")
answer = {answer}
made = [dict(name=pin.split("==")[0], version=pin.split("==")[1], vulns=[]) for pin in pins]
for one in made:
    one.update(answer.get(one["name"], {{}}))
print(json.dumps(dict(dependencies=made))) if answer != "mute" else print("no network", file=sys.stderr)
"""


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    return tmp_path / "seen"


def _stand_in(folder: Path, seen: Path, monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    tool = folder / "bin" / TOOL
    tool.parent.mkdir()
    tool.write_text(STAND_IN.format(python=sys.executable, seen=seen, answer=repr(answer)))
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent))


def test_every_package_is_asked_about(tmp_path: Path, seen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(tmp_path, seen, monkeypatch, {})
    assert audit() == 0
    asked = {pin.lower() for pin in seen.read_text().split()}
    assert asked == {f"{component['name']}=={component['version']}" for component in bill()["components"]}


def test_a_known_fault_is_code_1_and_named(
    tmp_path: Path, seen: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _stand_in(tmp_path, seen, monkeypatch, {"numpy": {"vulns": [{"id": "FAULT-1", "fix_versions": ["9.9"]}]}})
    assert audit() == 1
    assert "FAULT-1, mended in 9.9" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["mute", {"numpy": {"skip_reason": "not found"}}], ids=["mute", "skipped"])
def test_no_answer_is_code_2(tmp_path: Path, seen: Path, monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    _stand_in(tmp_path, seen, monkeypatch, answer)
    assert audit() == 2


def test_without_the_tool_it_is_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert audit() == 2
    assert TOOL in capsys.readouterr().err
