"""From a shot folder to a take folder, whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from made_shot import MadeShot

from engine.backends.protocol import Cancelled
from engine.command import main
from engine.media.clip import clip_facts
from engine.media.sound_file import read_sound
from engine.pipeline.generate import Options, generate, measure_take
from sora_addon.contract import ContractError, Take, Words, read_report, read_take

ROOT = Path(__file__).parents[2]


def quiet(stage: str, step: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def shot_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generate") / "shot"
    made = MadeShot(width=64, height=48, frames=14, fps=(30000, 1001), drop=0.1, words=Words(prompt="wind", seed=5))
    made.write(folder)
    return folder


@pytest.fixture(scope="module")
def take(shot_folder: Path) -> tuple[Path, Take]:
    folder = shot_folder.parent / "take"
    return folder, generate(shot_folder, folder, Options("sketch", exr=True), quiet)


def test_frames_and_samples_count_out(take: tuple[Path, Take]) -> None:
    folder, made = take
    facts = clip_facts(folder / made.files.clip)
    samples, rate = read_sound(folder / made.files.sound)
    assert (facts.frames, facts.rate) == (14, made.time.rate)
    assert (len(samples), rate) == (round(14 * 1001 / 30000 * 48000), 48000)
    assert made.samples == len(samples)
    for stem in made.files.stems.values():
        assert len(read_sound(folder / stem)[0]) == made.samples
    assert len(list((folder / "frames").glob("*.exr"))) == 14


def test_the_folder_reads_back_and_nothing_else_is_left(take: tuple[Path, Take]) -> None:
    folder, made = take
    assert read_take(folder) == made
    report = read_report(folder, made)
    assert report.take == made.id
    assert made.stages[0].name == "admit"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["shot", "take"]


def test_the_same_shot_and_seed_give_the_same_take(shot_folder: Path, take: tuple[Path, Take], tmp_path: Path) -> None:
    again = generate(shot_folder, tmp_path / "again", Options("sketch"), quiet)
    other = generate(shot_folder, tmp_path / "other", Options("sketch", seed=6), quiet)
    assert again.hashes == take[1].hashes
    assert again.id != take[1].id
    assert other.hashes.samples != again.hashes.samples


def test_measuring_again_says_the_same(shot_folder: Path, take: tuple[Path, Take]) -> None:
    folder, made = take
    report = measure_take(folder, shot_folder, wrong_camera=False, progress=quiet)
    assert report == read_report(folder, made)


@pytest.mark.parametrize("stage", ["foley", "sketch", "encode", "measure"])
def test_a_cancelled_job_leaves_nothing(shot_folder: Path, tmp_path: Path, stage: str) -> None:
    def cancel(at: str, step: int, total: int) -> None:
        if at == stage:
            raise Cancelled

    with pytest.raises(Cancelled):
        generate(shot_folder, tmp_path / "take", Options("sketch"), cancel)
    assert list(tmp_path.iterdir()) == []


def test_refusals(shot_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for out, options, field in (
        (tmp_path / "there", Options("sketch"), str(tmp_path / "there")),
        (tmp_path / "new", Options(backend="dream"), "backend"),
    ):
        with pytest.raises(ContractError) as caught:
            generate(shot_folder, out, options, quiet)
        assert caught.value.field == field
    assert not (tmp_path / "new").exists()


def test_command_line(shot_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "take"
    arguments = ["generate", str(shot_folder), "--out", str(out), "--style", "noir", "--progress", "json"]
    assert main(arguments) == 0
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    assert {"foley", "builtin", "encode", "measure"} <= {line["stage"] for line in lines}
    assert main(["measure", str(out), "--shot", str(shot_folder), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["format"] == "sora-report"
    assert main(["measure", str(out), "--shot", str(shot_folder)]) == 0
    assert "camera" in capfd.readouterr().out
    assert main(["sheet", str(out), "--shot", str(shot_folder), "--out", str(tmp_path / "sheets")]) == 0
    assert (tmp_path / "sheets" / "frames.png").stat().st_size > 1000
    assert (tmp_path / "sheets" / "sound.png").stat().st_size > 1000
    capfd.readouterr()
    assert main(arguments) == 2
    assert "exists already" in capfd.readouterr().err
    assert main(["generate", str(tmp_path), "--out", str(tmp_path / "x")]) == 2
    assert "shot.json" in capfd.readouterr().err


@pytest.mark.parametrize("verb", ["--help", "backends"])
def test_light_verbs_import_nothing_heavy(verb: str) -> None:
    code = (
        "import sys; from engine.command import main\n"
        "try: main([sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "print('heavy:', sorted({'torch', 'diffusers', 'transformers', 'scipy', 'matplotlib'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code, verb], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "heavy: []"
    assert "sketch" in run.stdout or "generate" in run.stdout
