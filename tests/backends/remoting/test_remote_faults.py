"""A server with its faults: what mends itself is lived through, what does not is told in a sentence, and a cancel is heard."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import numpy as np
import pytest
from made_server import QUICK, MadeServer, elsewhere, half, hang_up, page, status, without_id

from engine.backends.protocol import Cancelled
from engine.backends.registry import backend
from engine.backends.remote import Remote
from engine.backends.remoting.address import Server
from engine.backends.remoting.videos import Videos
from engine.pipeline.generate import Options, generate
from engine.tokens import keep_token
from sora_addon.contract import ContractError


def made(ask, server: MadeServer, **more) -> list[np.ndarray]:
    return list(backend("remote").frames(ask(server, **more)))


def soon(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


MENDED = {
    "busy when asked": ("create", status(429, Retry_After="0")),
    "busy until a moment": ("create", status(429, Retry_After=soon(-5))),
    "busy and does not say how long": ("create", status(429)),
    "starting": ("create", status(503, Retry_After="0")),
    "failed when asked": ("create", status(500)),
    "busy when looked at": ("status", status(429, Retry_After="0")),
    "failed when looked at": ("status", status(500)),
    "gateway gone when looked at": ("status", status(502)),
    "hung up when looked at": ("status", hang_up),
    "failed when fetched": ("content", status(500)),
    "hung up when fetched": ("content", hang_up),
    "broke off when fetched": ("content", half),
}


@pytest.mark.parametrize("fault", MENDED.values(), ids=MENDED.keys())
def test_what_passes_is_lived_through(ask, server: MadeServer, fault) -> None:
    kind, answer = fault
    server.faults[kind].extend([answer, answer])
    assert len(made(ask, server)) == 9
    assert len(server.jobs) == 1, "one job was asked for, and one was made"
    assert not server.faults[kind], "the fault was met"


LASTS = {
    "busy": ("create", status(429, "12 jobs wait", Retry_After="0"), "is busy (12 jobs wait)"),
    "busy for long": ("create", status(429, Retry_After="7200"), "asks to be left alone for 120 min; try again later"),
    "fails": ("create", status(500, "CUDA error"), "failed with 500 (CUDA error); see that it is well"),
    "refuses": ("create", status(400, "num_frames must be 8k+1"), "refuses the job (400: num_frames must be 8k+1)"),
    "too much": ("create", status(413), "does not take so much at once"),
    "no such place": ("create", status(404), "there is no /v1/videos at"),
    "sends elsewhere": ("create", elsewhere("https://other.example/"), "sends elsewhere (302)"),
    "a web page": ("create", page, "answers with text/html that is no job"),
    "no id": ("create", without_id, "answers with JSON that is no job"),
    "a web page when looked at": ("status", page, "answers with text/html that is no job"),
    "hangs up": ("status", hang_up, "cannot be reached"),
    "gives a page for a clip": ("content", page, "gave text/html and no MP4 clip"),
    "forgets the clip": ("content", status(404), "does not know the job any more"),
}


@pytest.mark.parametrize("fault", LASTS.values(), ids=LASTS.keys())
def test_what_lasts_is_told(ask, server: MadeServer, fault) -> None:
    kind, answer, sentence = fault
    server.faults[kind].extend([answer] * 1000)
    with pytest.raises(ContractError) as caught:
        made(ask, server)
    assert sentence in str(caught.value)
    assert caught.value.mend
    assert len(server.jobs) <= 1
    assert len(server.requests("DELETE")) == len(server.jobs), "nothing is left there"


@pytest.mark.parametrize("answer", [hang_up, status(502), status(504)], ids=["hang up", "502", "504"])
def test_a_job_that_may_have_arrived_is_not_handed_over_twice(ask, server: MadeServer, answer) -> None:
    server.faults["create"].append(answer)
    with pytest.raises(ContractError, match=r"broke while the job was handed over.*may be running there; press Retry"):
        made(ask, server)
    assert len(server.requests("POST")) == 1


def test_nobody_there(ask, server: MadeServer) -> None:
    request = ask(server)
    server.close()
    with pytest.raises(ContractError, match="cannot be reached"):
        list(backend("remote").frames(request))


def test_a_slow_job_is_waited_for(ask, server: MadeServer) -> None:
    server.steps = 60
    assert len(made(ask, server)) == 9
    assert len(server.requests("GET")) > 60


def test_a_server_that_falls_silent_is_asked_again(ask, server: MadeServer, monkeypatch) -> None:
    monkeypatch.setattr(Remote, "pace", replace(QUICK, read=0.2))
    silence = threading.Event()
    server.faults["status"].append(lambda handler: silence.wait(60) and None)
    try:
        assert len(made(ask, server)) == 9
    finally:
        silence.set()


def test_a_job_that_vanishes(ask, server: MadeServer) -> None:
    def lose(handler) -> None:
        server.jobs.clear()
        handler.do_GET()

    server.faults["status"].append(lose)
    with pytest.raises(
        ContractError, match=r"does not know the job any more; perhaps it was started anew; press Retry"
    ):
        made(ask, server)


def test_a_job_that_fails_there(ask, server: MadeServer) -> None:
    server.error = "CUDA out of memory. Tried to allocate 20 GiB"
    with pytest.raises(ContractError, match="failed: CUDA out of memory"):
        made(ask, server)


@pytest.mark.parametrize("state", ["cancelled", "deleted", "expired"])
def test_a_job_that_is_ended_there(ask, server: MadeServer, state: str) -> None:
    server.faults["status"].append(lambda handler: handler.answer(200, {"id": "video_gen_0", "status": state}))
    with pytest.raises(ContractError, match=f"the job was {state}"):
        made(ask, server)


CLIPS = {
    "not a clip": (lambda clip: b"no clip at all" * 99, "cannot be read"),
    "cut off": (lambda clip: clip[: len(clip) // 3], "cannot be read|made [0-8] frames"),
    "nothing": (lambda clip: b"", "cannot be read"),
    "a playlist": (lambda clip: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "cannot be read"),
}


@pytest.mark.parametrize("clip", CLIPS.values(), ids=CLIPS.keys())
def test_content_that_is_no_clip(ask, server: MadeServer, clip) -> None:
    server.change, sentence = clip
    with pytest.raises(ContractError, match=sentence):
        made(ask, server)


def test_a_clip_that_is_not_what_was_asked_for(ask, server: MadeServer) -> None:
    server.frames_made = lambda asked: asked - 1
    with pytest.raises(ContractError, match=r"made 8 frames, 9 were asked for.*frame_step"):
        made(ask, server)
    server.frames_made, server.size_made = (lambda asked: asked), (lambda width, height: (width - 16, height))
    with pytest.raises(ContractError, match=r"made 48x64, 64x64 was asked for.*side_step"):
        made(ask, server)


@pytest.mark.parametrize("stage", ["upload", "remote", "download"])
def test_a_cancel_is_heard_and_ends_the_job_there(
    folder: Path, server: MadeServer, tmp_path: Path, quick, ring, stage
) -> None:
    stop = threading.Event()
    held = threading.Event()
    kind = {"upload": "create", "remote": "status", "download": "content"}[stage]

    def hold(handler) -> None:
        """The server keeps the request until the cancel was heard; then it answers, too late."""
        stop.set()
        held.wait(60)
        {"create": handler._create, "status": handler.do_GET, "content": handler.do_GET}[kind]()

    def progress(at: str, step: int, total: int) -> None:
        if stop.is_set():
            raise Cancelled

    server.faults[kind].append(hold)
    deleted = threading.Event()

    def forget(handler) -> None:
        handler._delete("video_gen_0")
        deleted.set()

    server.faults["delete"].append(forget)
    options = Options("remote", settings={"server": server.url, "serves": "ltx2"})
    with pytest.raises(Cancelled):
        generate(folder, tmp_path / "take", options, progress)
    assert list(tmp_path.iterdir()) == []
    held.set()
    assert deleted.wait(60), "the job does not go on there"
    assert server.jobs["video_gen_0"].deleted


def test_a_token_goes_to_its_server_and_nowhere_else(ask, server: MadeServer, ring) -> None:
    server.token = "sk-secret-4711"
    with pytest.raises(ContractError, match=r"refuses the token \(401: Invalid API key\); store its token"):
        made(ask, server)
    keep_token(server.url, "sk-wrong")
    with pytest.raises(ContractError, match="ask for a new token"):
        made(ask, server)
    keep_token(server.url, "sk-secret-4711")
    server.seen.clear()
    store = MadeServer()
    store.jobs["video_gen_0"] = None  # type: ignore[assignment]
    try:
        server.faults["content"].append(elsewhere(f"{store.url}/bucket/clip.mp4"))
        store.faults["status"].append(
            lambda handler: handler.answer_bytes(200, server.clip(server.jobs["video_gen_0"]), "video/mp4")
        )
        assert len(made(ask, server)) == 9
        assert all("Authorization" in headers for _, _, headers in server.seen)
        assert [("Authorization" in headers) for _, _, headers in store.seen] == [False]
    finally:
        store.close()


def test_a_clip_is_not_fetched_in_the_clear(ask, server: MadeServer) -> None:
    server.faults["content"].append(elsewhere("http://bucket.example/clip.mp4"))
    with pytest.raises(ContractError, match="sends to http, which is in the clear"):
        made(ask, server)


def test_sent_in_a_circle(ask, server: MadeServer) -> None:
    server.faults["content"].extend([elsewhere("/v1/videos/video_gen_0/content")] * 20)
    with pytest.raises(ContractError, match="from one place to the next"):
        made(ask, server)


def test_the_token_is_in_no_take_and_no_log(ask, server: MadeServer, folder: Path, tmp_path: Path, capfd) -> None:
    server.token = "sk-secret-4711"
    keep_token(server.url, server.token)
    options = Options("remote", settings={"server": server.url, "serves": "ltx2"})
    generate(folder, tmp_path / "take", options, lambda *_: None)
    found = [path for path in tmp_path.rglob("*") if path.is_file() and b"sk-secret-4711" in path.read_bytes()]
    assert found == []
    assert "sk-secret-4711" not in "".join(capfd.readouterr())
    assert "sk-secret-4711" not in repr(Server(server.url, server.token))


def test_names_of_what_is_served(server: MadeServer) -> None:
    videos = Videos(Server(server.url), lambda: None, QUICK)
    assert videos.models() == ["Lightricks/LTX-2"]
    server.faults["models"].append(status(404))
    assert videos.models() == []
    server.faults["models"].append(lambda handler: handler.answer(200, {"data": ["x", {"id": 7}]}))
    assert videos.models() == ["7"]
