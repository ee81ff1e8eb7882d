"""A cut of takes, rendered without credentials, is signed with them as ingredients."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_for_trust import make_media
from made_shot import MadeShot

from engine.command import main
from engine.pipeline.generate import Options, generate
from engine.trust.settings import Settings
from engine.trust.verify import verify


def test_a_cut_names_its_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    MadeShot(width=16, height=16, frames=3).write(tmp_path / "shot")
    takes = [tmp_path / "one", tmp_path / "two"]
    made = [generate(tmp_path / "shot", folder, Options("sketch"), lambda stage, step, total: None) for folder in takes]
    cut = make_media(tmp_path)["mp4"]
    named = [word for folder in takes for word in ("--take", str(folder))]
    assert main(["sign", str(cut), *named, "--software", "Blender 5.2.2"]) == 0
    (finding,) = verify([cut], Settings())
    assert finding.state == "intact"
    assert finding.verdict.facts["takes"] == [take.id for take in made]
    assert [found["relationship"] for found in finding.verdict.ingredients] == ["componentOf"] * 2
    assert all(found["signed"] and not found["codes"] for found in finding.verdict.ingredients)
    data = bytearray((takes[0] / "clip.mp4").read_bytes())
    data[data.find(b"mdat") + 50] ^= 1
    (takes[0] / "clip.mp4").write_bytes(data)
    other = make_media(tmp_path)["mp4"]
    capsys.readouterr()
    assert main(["sign", str(other), *named]) == 2
    assert "is tampered" in capsys.readouterr().err
    assert verify([other], Settings())[0].verdict.codes == ("manifest.none",)
    assert main(["sign", str(other), *named, "--accept", "tampered"]) == 0
    assert main(["sign", str(other)]) == 2
