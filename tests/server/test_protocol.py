"""Calls and their answers, with a real engine."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from stand_in import ROOT, SCENE, Refusal, StandIn, leftovers, order_of

from sora_addon.contract import decode, read_take
from sora_addon.contract.messages import LONGEST_MESSAGE, PROTOCOL, REFUSED, Job, Jobs, Welcome

PNG = b"\x89PNG\r\n\x1a\n"
HEAVY = ("numpy", "scipy", "torch", "av", "cv2", "OpenEXR", "soundfile")


def test_a_job_from_order_to_take(blender: StandIn, shot: Path, tmp_path: Path) -> None:
    words = {"prompt": "noir, hujan", "negative": "", "style": "noir", "seed": 7, "backend": "", "settings": {}}
    job = blender.submit(shot, tmp_path / "take", words=words, settings={"exr": True, "steps": 3})
    last = blender.until_ended(job)
    assert last["state"] == "done", last["problem"]
    take = read_take(tmp_path / "take")
    assert last["take"] == take.id
    assert (take.words.prompt, take.words.style, take.words.seed) == ("noir, hujan", "noir", 7)
    assert take.backend.settings == {"exr": True, "loudness": None, "steps": 3}
    assert len(list((tmp_path / "take" / "frames").glob("*.exr"))) == 6
    told = [one for one in blender.told if one["order"]["id"] == job]
    stages = list(dict.fromkeys(one["stage"] for one in told if one["stage"]))
    assert stages == ["admit", "foley", "sketch", "encode", "measure"]
    shares = [one["share"] for one in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(one["own"] for one in told)
    assert Path(last["preview"]).read_bytes().startswith(PNG)
    assert "sketch" in Path(last["log"]).read_text()
    assert (last["started"], last["ended"]) > ("", "")
    assert decode(Jobs, blender.call("list")).jobs == [decode(Job, last)]
    assert leftovers(tmp_path) == []
    blender.call("forget", job=job)
    assert blender.call("list") == {"jobs": [], "more": False}
    assert not Path(last["preview"]).exists()
    assert not Path(last["log"]).exists()
    assert (tmp_path / "take").is_dir()


def test_an_order_sent_twice_is_one_job(blender: StandIn, shot: Path, tmp_path: Path) -> None:
    job = blender.submit(shot, tmp_path / "take")
    assert blender.submit(shot, tmp_path / "take", id=job) == job
    with pytest.raises(Refusal) as caught:
        blender.submit(shot, tmp_path / "other", id=job)
    assert (caught.value.code, caught.value.field) == (REFUSED, "id")
    blender.until_ended(job)
    assert blender.call("submit", **order_of(shot, tmp_path / "take", job))["state"] == "done"
    assert len(blender.call("list")["jobs"]) == 1


def test_refusals_name_the_field(blender: StandIn, shot: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    waiting = blender.submit(tmp_path / "later", tmp_path / "promised", exporting=True)
    cases: list[tuple[str, dict[str, Any]]] = [
        ("backend", {"backend": "dream"}),
        ("shot", {"shot": str(tmp_path / "nowhere")}),
        ("shot", {"shot": "shot"}),
        ("out", {"out": str(tmp_path / "there")}),
        ("out", {"out": str(tmp_path / "a" / ".." / "b")}),
        ("out", {"out": str(tmp_path / "promised")}),
        ("out", {"out": str(shot / "take")}),
        ("settings.exr", {"settings": {"exr": 1}}),
        ("settings.loudness", {"settings": {"loudness": "loud"}}),
        ("settings.loudness", {"settings": {"loudness": 3}}),
        ("settings", {"settings": {"much": "x" * 300_000}}),
        ("settings", {"settings": {"deep": json.loads("[" * 100 + "]" * 100)}}),
        ("id", {"id": "no uuid"}),
        ("origin.scene", {"origin": {"scene": ""}}),
        ("words.seed", {"words": {"seed": -1}}),
        ("speed", {"speed": 1}),
    ]
    for field, changes in cases:
        with pytest.raises(Refusal) as caught:
            blender.call("submit", **(order_of(shot, tmp_path / "take", str(uuid.uuid4())) | changes))
        assert caught.value.field == field, changes
        assert len(str(caught.value)) > 10
    for method, params, field in (
        ("status", {"job": str(uuid.uuid4())}, "job"),
        ("forget", {"job": waiting}, "job"),
        ("retry", {"job": waiting}, "job"),
        ("ready", {"job": waiting}, "shot"),
        ("list", {"most": 0}, "most"),
        ("sing", {}, "method"),
        ("hello", {"protocol": 99}, "protocol"),
    ):
        with pytest.raises(Refusal) as caught:
            blender.call(method, **params)
        assert caught.value.field == field, method
    assert [job["state"] for job in blender.call("list")["jobs"]] == ["exporting"]


def test_nothing_before_hello(tmp_path: Path) -> None:
    with StandIn(tmp_path / "home", greet=False) as blender:
        with pytest.raises(Refusal, match="greeted"):
            blender.call("list")
        assert blender.call("heartbeat", number=3) == {"number": 3}
        welcome = decode(Welcome, blender.call("hello", protocol=PROTOCOL))
        assert welcome.home == str(tmp_path / "home")
        assert "sketch" in [backend.name for backend in welcome.backends]
        assert "noir" in welcome.styles


def test_a_shot_that_is_still_written(blender: StandIn, shot: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    job, given_up, broken = (blender.submit(later, tmp_path / name, exporting=True) for name in "abc")
    assert blender.call("abandon", job=given_up)["state"] == "cancelled"
    failed = blender.call("abandon", job=broken, problem="The camera is missing.")
    assert (failed["state"], failed["problem"]) == ("failed", "The camera is missing.")
    later.symlink_to(shot)
    assert blender.call("ready", job=job)["state"] == "queued"
    assert blender.until_ended(job)["state"] == "done"
    with pytest.raises(Refusal, match="done"):
        blender.call("ready", job=job)


def test_five_hundred_jobs_wait_in_order_and_come_in_pages(tmp_path: Path) -> None:
    with StandIn(tmp_path / "home") as blender:
        origin = {"scene": SCENE, "name": "n" * 400}
        words = {"prompt": "è" * 2000}
        for number in range(500):
            blender.begin(
                "submit",
                **order_of(tmp_path / "shot", tmp_path / f"take{number}", str(uuid.UUID(int=number))),
                **{"exporting": True, "words": words},
            )
        blender.call("heartbeat")
        found: list[str] = []
        after, more, pages = "", True, 0
        while more:
            page = blender.call("list", most=300, after=after)
            assert len(json.dumps(page)) < LONGEST_MESSAGE
            found += [job["order"]["id"] for job in page["jobs"]]
            after, more, pages = found[-1], page["more"], pages + 1
        assert found == [str(uuid.UUID(int=number)) for number in reversed(range(500))]
        assert pages > 3
        assert blender.call("list", scene=str(uuid.uuid4()))["jobs"] == []
        assert origin["scene"] == SCENE
        blender.call("cancel", job=found[7])
        assert blender.call("status", job=found[7])["state"] == "cancelled"
    with StandIn(tmp_path / "home") as again:
        jobs = again.call("list", most=20)["jobs"]
        again.until(lambda: again.call("list", most=1)["jobs"][0]["state"] == "interrupted")
        assert len(jobs) == 20
        assert "press Generate again" in again.call("status", job=found[0])["problem"]
        assert again.call("status", job=found[7])["state"] == "cancelled"


def test_lines_that_are_too_long_are_passed_over(blender: StandIn) -> None:
    blender.send(
        b'{"jsonrpc": "2.0", "id": 1, "method": "list", "params": {"scene": "' + b"x" * LONGEST_MESSAGE + b'"}}'
    )
    while "id" not in (message := blender.next()):
        pass
    assert message["error"]["data"]["field"] == "message"
    assert blender.call("list")["jobs"] == []


def test_the_serving_process_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from engine.command import main; main(sys.argv[1:])\n"
        f"print('heavy:', [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    hello = b'{"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"protocol": 2}}\n'
    run = subprocess.run(
        [sys.executable, "-c", code, "serve", "--home", str(tmp_path)],
        cwd=ROOT,
        input=hello + hello.replace(b"hello", b"list").replace(b'"protocol": 2', b""),
        capture_output=True,
        check=True,
    )
    assert run.stderr.decode().splitlines()[-1] == "heavy: []"
    assert [json.loads(line)["id"] for line in run.stdout.splitlines() if b'"id"' in line] == [1, 1]


def test_signs_of_life_go_both_ways(blender: StandIn) -> None:
    number = blender.begin("heartbeat", number=8)
    while blender.beats < 2:
        message = blender.heard.get(timeout=60)
        assert message is not None
        blender.beats += message.get("method") == "heartbeat"
        if message.get("id") == number:
            assert message["result"] == {"number": 8}
