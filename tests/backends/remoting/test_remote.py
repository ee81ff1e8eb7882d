"""A job on a server: what is sent, what is made of what comes back, on the shot's own frames and samples."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_server import MadeServer, decoded, picture
from made_shot import MadeShot

from engine.backends.protocol import Earlier
from engine.backends.registry import backend
from engine.media.clip import clip_facts, read_clip
from engine.pipeline.generate import Options, generate
from sora_addon.contract import ContractError, Link, Steer, Words, read_shot


def test_a_whole_job(ask, server: MadeServer) -> None:
    told = []
    request = ask(server, progress=lambda *at: told.append(at))
    remote = backend("remote")
    frames = np.array(list(remote.frames(request)))
    assert frames.shape == (9, 48, 64, 3)
    # 64x48 lies in the middle of 64x64: the edge that the grid asked for is cut off again
    truth = np.array([picture(k, 64, 64)[8:56] for k in range(9)])
    assert np.abs(frames.astype(int) - truth).max() <= 3
    sound = remote.sound(request)
    assert sound is not None
    assert sound.shape == (request.shot.time.samples, 2)
    assert np.abs(sound[4000:-4000] - 0.25).max() < 0.02
    fields = server.jobs["video_gen_0"].fields
    assert {name: fields[name] for name in ("prompt", "negative_prompt", "seed", "generate_sound")} == {
        "prompt": "two balls",
        "negative_prompt": "rain",
        "seed": "5",
        "generate_sound": "true",
    }
    assert (fields["size"], fields["width"], fields["height"]) == ("64x64", "64", "64")
    assert (fields["num_frames"], fields["fps"]) == ("9", "24")
    assert server.jobs["video_gen_0"].files == {}
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["upload", "remote", "download"]
    steps = [step for stage, step, _ in told if stage == "remote"]
    assert steps == sorted(steps)
    assert steps[-1] == 100
    assert server.requests("DELETE") == ["/v1/videos/video_gen_0"], "nothing of the film stays on the server"


@pytest.mark.parametrize(
    ("fps", "size", "frames", "asked"),
    [((24000, 1001), (62, 50), 10, 17), ((30, 1), (97, 55), 14, 17), ((12, 1), (64, 64), 9, 17)],
)
def test_odd_rates_and_sizes_come_out_exact(
    ask, server: MadeServer, tmp_path: Path, fps: tuple[int, int], size: tuple[int, int], frames: int, asked: int
) -> None:
    MadeShot(width=size[0], height=size[1], frames=frames, fps=fps, words=Words(prompt="x")).write(tmp_path / "shot")
    request = ask(server, shot_folder=tmp_path / "shot")
    remote = backend("remote")
    made = list(remote.frames(request))
    assert [frame.shape for frame in made] == [(size[1], size[0], 3)] * frames
    sound = remote.sound(request)
    assert sound is not None
    assert len(sound) == request.shot.time.samples
    fields = server.jobs["video_gen_0"].fields
    assert int(fields["num_frames"]) == asked
    assert int(fields["width"]) % 64 == int(fields["height"]) % 64 == 0


def test_a_first_frame_is_sent_where_the_shot_or_a_chain_has_one(ask, server: MadeServer) -> None:
    earlier = Earlier(np.stack([np.full((48, 64, 3), 20 * k, np.uint8) for k in range(9)]), None)
    list(backend("remote").frames(ask(server, earlier=earlier)))
    kind, data = server.jobs["video_gen_0"].files["input_reference"]
    assert kind == "image/png"
    assert np.array_equal(decoded(data), np.zeros((64, 64, 3)))
    list(backend("remote").frames(ask(server, earlier=earlier, settings={"first_frame": False})))
    assert server.jobs["video_gen_1"].files == {}


def test_a_control_goes_along_as_a_video(ask, server: MadeServer, tmp_path: Path) -> None:
    words = {"controls": [Steer("depth", 0.7)], "settings": {"serves": "cosmos3"}}
    request = ask(server, **words)
    list(backend("remote").frames(request))
    job = server.jobs["video_gen_0"]
    assert job.fields["control_type"] == "depth"
    assert json.loads(job.fields["extra_params"]) == {"depth": {"control_weight": 0.7}}
    kind, data = job.files["control_reference"]
    assert kind == "video/mp4"
    (tmp_path / "sent.mp4").write_bytes(data)
    facts = clip_facts(tmp_path / "sent.mp4")
    assert (facts.frames, facts.width, facts.height) == (int(job.fields["num_frames"]), 64, 48)
    seen = next(read_clip(tmp_path / "sent.mp4"))
    depth = request.passes.frame(request.shot.time.first, only=("depth",))["depth"]
    near, far = depth < np.percentile(depth, 20), depth > np.percentile(depth, 80)
    assert seen[near].mean() > seen[far].mean() + 60, "near is white"


def test_a_clip_of_the_chain_goes_along_whole(ask, server: MadeServer, tmp_path: Path) -> None:
    earlier = Earlier(np.stack([np.full((48, 64, 3), 20 * k, np.uint8) for k in range(9)]), None)
    list(backend("remote").frames(ask(server, earlier=earlier, settings={"serves": "cosmos3", "control": "none"})))
    job = server.jobs["video_gen_0"]
    assert set(job.files) == {"input_reference"}
    (tmp_path / "sent.mp4").write_bytes(job.files["input_reference"][1])
    means = [frame.mean() for frame in read_clip(tmp_path / "sent.mp4")]
    assert np.allclose(means, [20 * k for k in range(9)], atol=3)


def test_the_camera_goes_along_exactly(ask, server: MadeServer) -> None:
    earlier = Earlier(np.zeros((9, 48, 64, 3), np.uint8), None)
    request = ask(server, earlier=earlier, settings={"serves": "sana_wm", "scale": 2.0})
    made = list(backend("remote").frames(request))
    assert len(made) == 9
    fields = server.jobs["video_gen_0"].fields
    told = json.loads(fields["extra_params"])["sana_wm"]
    poses = np.array(told["camera"]["poses"])
    assert poses.shape == (int(fields["num_frames"]), 4, 4)
    assert np.allclose(poses[0], np.eye(4), atol=1e-6)
    worlds = np.array([row.world for row in request.shot.camera]).reshape(-1, 4, 4)
    # the model's last frame that stands on a frame of the shot: 16 a second against 24, so its frame 4 is the shot's 6
    truth = np.linalg.inv(worlds[0]) @ worlds[6]
    truth[:3, 3] *= 2.0
    assert np.allclose(poses[4], truth, atol=1e-5)
    scale = 704 / 48
    assert told["intrinsics"]["fx"] == pytest.approx(request.shot.camera[0].fx * scale, rel=1e-3)
    assert (told["intrinsics"]["cx"], told["intrinsics"]["cy"]) == pytest.approx((640, 352), abs=0.5)


def test_the_kind_is_told_by_what_is_served(ask, server: MadeServer) -> None:
    list(backend("remote").frames(ask(server, settings={"serves": "auto"})))
    assert server.jobs["video_gen_0"].fields["generate_sound"] == "true"
    server.served = ("somebody/dream-video",)
    with pytest.raises(ContractError, match="somebody/dream-video") as caught:
        list(backend("remote").frames(ask(server, settings={"serves": "auto"})))
    assert caught.value.field == "words.settings.serves"


def test_a_kind_of_the_studios_own(ask, server: MadeServer) -> None:
    own = {"serves": "other", "frame_step": 3, "frame_offset": 2, "side_step": 20, "rate": 24}
    list(backend("remote").frames(ask(server, settings=own)))
    fields = server.jobs["video_gen_0"].fields
    assert (fields["num_frames"], fields["size"]) == ("11", "80x60")


@pytest.mark.parametrize(
    ("settings", "words", "field"),
    [
        ({"serves": "sana_wm"}, {}, "references"),
        ({"control": "depth"}, {}, "words.settings.control"),
        ({}, {"controls": [Steer("depth")]}, "words.controls"),
        ({"serves": "cosmos3"}, {"controls": [Steer("depth"), Steer("edges")]}, "words.controls"),
        ({"serves": "cosmos3"}, {"controls": [Steer("depth", 1.0, 0.0, 0.5)]}, "words.controls"),
        ({"serves": "dream"}, {}, "words.settings.serves"),
        ({"rate": 0}, {}, "words.settings.rate"),
        ({"server": ""}, {}, "words.settings.server"),
        ({"certificate": "/nowhere.pem"}, {}, "words.settings.certificate"),
    ],
)
def test_what_a_server_cannot_is_named(ask, server: MadeServer, settings: dict, words: dict, field: str) -> None:
    with pytest.raises(ContractError) as caught:
        list(backend("remote").frames(ask(server, settings=settings, **words)))
    assert caught.value.field == field
    assert server.jobs == {}, "nothing was handed over"


def test_through_the_pipeline_in_a_chain(folder: Path, server: MadeServer, tmp_path: Path, quick, ring) -> None:
    settings = {"server": server.url, "serves": "ltx2"}
    take = generate(
        folder, tmp_path / "take", Options("sketch", chain=(Link("remote", "both", settings),)), lambda *_: None
    )
    assert [made.backend.name for made in take.chain] == ["sketch", "remote"]
    assert "joint" in take.files.stems
    assert take.time.frames == read_shot(folder).time.frames
    assert "input_reference" in server.jobs["video_gen_0"].files
    again = replace(take.time)
    assert again.samples == take.samples
