"""The model manager and the studio's server on the add-on's page: every state drawn, every press, and one model's whole life."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

from made_up_layout import MadeUpLayout, _Context  # noqa: E402
from real_blender import ROOT  # noqa: E402

sys.path.insert(0, str(ROOT / "tests" / "hub"))

from made_hub import MadeHub  # noqa: E402

import sora_addon  # noqa: E402
from sora_addon.client import engine  # noqa: E402
from sora_addon.client.engine import engine_environment, engine_python  # noqa: E402
from sora_addon.install import preferences  # noqa: E402
from sora_addon.models import follow, operators, page, places, settings  # noqa: E402
from sora_addon.models.told import Listing, Model, Plan, Standing, Step, read_listing  # noqa: E402
from sora_addon.models.work import MODELS, Shown  # noqa: E402
from sora_addon.ui.told import told  # noqa: E402
from sora_addon.ui.translations.indonesian import TEXTS  # noqa: E402
from sora_addon.ui.translations.indonesian_sentences import SENTENCES  # noqa: E402

pytestmark = pytest.mark.bpy
REPO = "Wan-AI/Wan2.1-VACE-1.3B-diffusers"
PYTHON = ROOT / ".venv-engine" / "bin" / "python"
needs_hub = pytest.mark.skipif(
    not PYTHON.is_file()
    or subprocess.run([PYTHON, "-c", "import huggingface_hub, diffusers"], capture_output=True).returncode != 0,
    reason="no engine with the hub's client",
)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The add-on's preferences; nothing runs, and nothing is known of models."""
    monkeypatch.setenv("SORA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(engine.VARIABLE, sys.executable)
    monkeypatch.setattr(MODELS, "shown", Shown())
    sora_addon.register()
    addon = bpy.context.preferences.addons.new()
    addon.module = preferences.PACKAGE
    yield addon.preferences
    MODELS.stop()
    bpy.context.preferences.system.use_online_access = False
    bpy.context.preferences.addons.remove(addon)
    places.choose_home(None)
    sora_addon.unregister()


@pytest.fixture
def online(own: Any) -> None:
    bpy.context.preferences.system.use_online_access = True


VACE = Model(
    "wan_vace",
    "wan_vace",
    "Wan 2.1 VACE 1.3B",
    "Picture by depth",
    REPO,
    "Apache-2.0",
    "https://www.apache.org/licenses/LICENSE-2.0",
    ["Commercial use is allowed."],
    False,
    20 << 30,
    Standing("absent"),
)
PLAN = Plan("wan_vace", "c" * 40, 21, 18_300_000_000)


def shown(monkeypatch: pytest.MonkeyPatch, standing: Standing, **more: Any) -> list[tuple[str, str]]:
    """What the page draws of one model that stands so."""
    listing = Listing("/models", [replace(VACE, standing=standing)])
    monkeypatch.setattr(MODELS, "shown", Shown(listing=listing, **more))
    return page_of()


def page_of() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    context = _Context(bpy.context, "PREFERENCES")
    own = preferences.preferences()
    page.draw_models(MadeUpLayout(found), context, own)
    page.draw_server(MadeUpLayout(found), context, own)
    return found


def words(found: list[tuple[str, str]]) -> str:
    return " ".join(text for kind, text in found if kind in ("label", "progress"))


def pressed(found: list[tuple[str, str]]) -> set[str]:
    return {text.removeprefix("sora.") for kind, text in found if kind == "operator"}


def test_before_anybody_looked_there_is_one_press(own) -> None:
    found = page_of()
    assert "look_for_models" in pressed(found)
    assert "press the arrows" in words(found)


def test_each_model_says_what_it_needs_and_what_its_licence_allows(own, online, monkeypatch) -> None:
    found = shown(monkeypatch, Standing("absent"))
    said = words(found)
    assert "Wan 2.1 VACE 1.3B" in said
    assert "not here" in said
    assert "Needs about 21.5 GB of memory for 5 s of 512x288" in said
    assert "Licence: Apache-2.0" in said
    assert "Commercial use is allowed." in said
    assert {"wm.url_open", "plan_model", "use_model_folder", "store_token"} <= pressed(found)


def test_offline_getting_says_how_to_allow_it_and_a_folder_still_can_be_used(own, monkeypatch) -> None:
    found = shown(monkeypatch, Standing("absent"))
    assert "allow Online Access" in words(found)
    assert "use_model_folder" in pressed(found)
    assert not {"plan_model", "get_model"} & pressed(found)
    for operator in (bpy.ops.sora.plan_model, bpy.ops.sora.get_model):
        with pytest.raises(RuntimeError, match="Allow Online Access"):
            operator(model="wan_vace")
    own.server = "https://farm.example"
    with pytest.raises(RuntimeError, match="Allow Online Access"):
        bpy.ops.sora.ask_server()
    assert not MODELS.busy


@pytest.mark.parametrize(
    ("standing", "said", "buttons"),
    [
        (Standing("partial", bytes=3_000_000_000), "3.0 GB of it are here", {"get_model", "remove_model"}),
        (Standing("whole", "/m", 18_300_000_000, "c" * 40), "here, 18.3 GB", {"verify_model", "remove_model"}),
        (Standing("used", "/elsewhere", 5_000_000, ""), "used from /elsewhere, 5 MB", {"remove_model"}),
        (Standing("broken", "/m", 5, "c" * 40, "A file is missing."), "A file is missing.", {"verify_model"}),
        (Standing("broken", "/e", 5, "", "It is gone."), "It is gone.", {"remove_model"}),
    ],
)
def test_every_state_is_said_with_what_can_be_done(own, online, monkeypatch, standing, said, buttons) -> None:
    found = shown(monkeypatch, standing, plans={"wan_vace": PLAN})
    assert said in words(found)
    assert buttons <= pressed(found)


def test_a_plan_says_size_and_commit_before_anything_is_downloaded(own, online, monkeypatch) -> None:
    found = shown(monkeypatch, Standing("absent"), plans={"wan_vace": PLAN})
    assert "21 files, 18.3 GB, at commit cccccccccccc" in words(found)
    assert "get_model" in pressed(found)


def test_progress_has_a_bar_a_rest_and_a_cancel(own, online, monkeypatch) -> None:
    step = Step("get", 3_200_000_000, 18_300_000_000, 240.0)
    found = shown(monkeypatch, Standing("partial"), task="getting", model="wan_vace", step=step)
    assert ("progress", "Getting, 3.2 GB of 18.3 GB, 4 min left") in found
    assert "cancel_models" in pressed(found)
    assert not {"get_model", "remove_model"} & pressed(found)
    assert not bpy.ops.sora.verify_model.poll()
    found = shown(monkeypatch, Standing("absent"), task="planning", model="wan_vace")
    assert ("progress", "Asking the hub...") in found


def test_what_went_wrong_stands_at_its_model(own, online, monkeypatch) -> None:
    found = shown(monkeypatch, Standing("absent"), model="wan_vace", problem="It is gated; accept it at https://a.")
    assert "It is gated; accept it at https://a." in words(found)
    found = shown(monkeypatch, Standing("whole"), model="wan_vace", well="getting")
    assert "It is here, whole and checked" in words(found)


def test_what_is_pressed_becomes_what_the_engine_is_asked(own, online, monkeypatch) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(operators, "begin", lambda *given, **more: asked.append((*given, *more.values())) or True)
    monkeypatch.setattr(MODELS, "shown", Shown(listing=Listing("/m", [VACE]), plans={"wan_vace": PLAN}))
    bpy.ops.sora.plan_model(model="wan_vace")
    bpy.ops.sora.get_model(model="wan_vace")
    bpy.ops.sora.get_model(model="ltx2")
    bpy.ops.sora.verify_model(model="wan_vace")
    bpy.ops.sora.remove_model(model="wan_vace")
    bpy.ops.sora.use_model_folder(model="wan_vace", directory="/there/")
    bpy.ops.sora.store_token(server="", token=" abc ")
    bpy.ops.sora.store_token(server="https://farm.example", token="abc")
    own.server, own.server_certificate = "https://farm.example", "/ca.pem"
    bpy.ops.sora.ask_server()
    told = ["--json", "--progress", "json"]
    pinned = ["--revision", "c" * 40]
    assert [one[:2] for one in asked] == [
        ("planning", ["engine.hub", "plan", "wan_vace", "--json"]),
        ("getting", ["engine.hub", "get", "wan_vace", *pinned, *told]),
        ("getting", ["engine.hub", "get", "ltx2", *told]),
        ("verifying", ["engine.hub", "verify", "wan_vace", *told]),
        ("removing", ["engine.hub", "remove", "wan_vace", "--json"]),
        ("using", ["engine.hub", "use", "wan_vace", "/there", "--json"]),
        ("storing", ["engine.hub", "token", "--json"]),
        ("storing", ["engine.backends.remoting", "token", "--server", "https://farm.example"]),
        (
            "asking",
            ["engine.backends.remoting", "check", "--server", "https://farm.example", "--certificate", "/ca.pem"],
        ),
    ]
    assert [one[2] for one in asked if one[0] == "storing"] == ["abc\n", "abc\n"], "on its standard input"
    assert not any("abc" in word for one in asked for word in one[1]), "and in no command line"


@pytest.mark.parametrize(
    ("operator", "given", "why"),
    [
        ("use_model_folder", {"model": "wan_vace", "directory": ""}, "Choose the folder"),
        ("store_token", {"token": "  "}, "Paste the token first"),
        ("ask_server", {}, "Set the address"),
        ("cancel_models", {}, "Nothing is under way"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(own, online, operator, given, why) -> None:
    with pytest.raises(RuntimeError, match=why):
        getattr(bpy.ops.sora, operator)(**given)


def test_without_an_engine_nothing_can_be_pressed(own, monkeypatch, tmp_path) -> None:
    monkeypatch.delenv(engine.VARIABLE)
    monkeypatch.setattr(engine, "ROOT", tmp_path)
    engine.look_again()
    assert not bpy.ops.sora.look_for_models.poll()
    follow.look()
    assert not MODELS.busy


def test_the_server_says_what_it_is_and_that_pictures_go_there(own, monkeypatch) -> None:
    own.server = "https://farm.example"
    monkeypatch.setattr(MODELS, "shown", Shown(answer="serves LTX-2\nas ltx2: 8k+1 frames"))
    found = page_of()
    assert {"ask_server", "store_token"} <= pressed(found)
    assert "Words and pictures of your shots go to this server" in words(found)
    assert "serves LTX-2" in words(found)
    assert {("prop", "server"), ("prop", "server_kind"), ("prop", "server_certificate")} <= set(found)


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://127.0.0.1:8000", True),
        ("https://localhost/x", True),
        ("http://[::1]:9", True),
        ("https://farm.example", False),
        ("https://localhost.example", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_a_server_on_this_machine_is_no_going_online(address, local) -> None:
    assert settings.is_local(address) == local


def test_the_folder_of_models_reaches_the_engine(own, tmp_path) -> None:
    assert places.VARIABLE not in engine_environment()
    own.models_home = str(tmp_path / "für Modelle")
    assert MODELS.wait(60)
    assert engine_environment()[places.VARIABLE] == str(tmp_path / "für Modelle")
    own.models_home = ""
    assert MODELS.wait(60)
    assert places.VARIABLE not in engine_environment()


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of the real class, as the hub would hold it."""
    folder = tmp_path_factory.mktemp("hub") / "repository"
    code = f"from pathlib import Path; from tiny import vace; vace.save(Path({str(folder)!r}))"
    path = f"{ROOT / 'tests' / 'backends'}:{ROOT}"
    subprocess.run([PYTHON, "-c", code], check=True, env={"PYTHONPATH": path, "PATH": "/usr/bin"}, capture_output=True)
    (folder / "text_encoder" / "pytorch_model.bin").write_bytes(b"\x80\x04" + b"p" * 9000)
    return folder


def ended(task: str) -> Shown:
    assert MODELS.wait(120)
    assert (MODELS.shown.problem, MODELS.shown.well) == ("", task)
    return MODELS.shown


def stands() -> Standing:
    assert MODELS.shown.listing is not None
    found = MODELS.shown.listing.named("wan_vace")
    assert found is not None
    return found.standing


@needs_hub
def test_a_model_is_looked_up_got_cancelled_resumed_verified_and_removed(
    own, online, monkeypatch, pipeline, tmp_path
) -> None:
    hub = MadeHub(pipeline, REPO)
    for name, value in (("HF_ENDPOINT", hub.url), ("HF_HUB_DISABLE_XET", "1"), ("HF_HOME", str(tmp_path / "hf"))):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(engine.VARIABLE, str(PYTHON))
    try:
        own.models_home = str(tmp_path / "models")
        ended("looking")
        assert stands().state == "absent"
        bpy.ops.sora.plan_model(model="wan_vace")
        plan = ended("planning").plans["wan_vace"]
        assert plan.revision == hub.commit
        assert "at commit aaaaaaaaaaaa" in words(page_of())
        large = max(hub.files(), key=lambda name: len(hub.files()[name]) * name.endswith(".safetensors"))
        hub.holds, hub.moment = large, threading.Event()
        bpy.ops.sora.get_model(model="wan_vace")
        end = time.monotonic() + 60
        while not any(large in path for method, path, _ in hub.seen if method == "GET"):
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.5)
        began = time.monotonic()
        bpy.ops.sora.cancel_models()
        assert MODELS.wait(60)
        hub.moment.set()
        assert MODELS.shown.well == ""
        assert stands().state == "partial"
        assert time.monotonic() - began < 30
        bpy.ops.sora.get_model(model="wan_vace")
        ended("getting")
        assert (stands().state, stands().revision) == ("whole", hub.commit)
        assert not list(Path(stands().folder).rglob("*.bin")), "no pickle came"
        bpy.ops.sora.verify_model(model="wan_vace")
        ended("verifying")
        bpy.ops.sora.remove_model(model="wan_vace")
        ended("removing")
        assert stands().state == "absent"
        bpy.ops.sora.use_model_folder(model="wan_vace", directory=str(pipeline))
        assert MODELS.wait(120)
        assert "pickle" in MODELS.shown.problem, "the folder has one"
    finally:
        hub.close()


@needs_hub
def test_the_engine_tells_of_every_model_that_it_can_load(own, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv(engine.VARIABLE, str(PYTHON))
    listed = subprocess.run(
        [engine_python(), "-m", "engine.hub", "list", "--json", "--home", str(tmp_path)],
        env=engine_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    listing = read_listing(listed.stdout)
    assert {model.backend for model in listing.models} >= {"wan_vace", "ltx2", "sana_wm"}
    for model in listing.models:
        assert model.licence_link.startswith("https://")
        assert model.limits
        assert model.standing.state == "absent"
    monkeypatch.setattr(MODELS, "shown", Shown(listing=listing))
    assert "Lightricks" in words(page_of())


SPOKEN = [
    (
        "Hub: stabilityai/a is gated: its licence must be accepted first; accept it at https://hub/a, then store a token "
        "of your account.",
        "Hub: stabilityai/a dibatasi: lisensinya harus diterima dulu; terima di https://hub/a, lalu simpan token akun Anda.",
    ),
    (
        "Picture by depth, lines or motion; makes one body again and keeps the rest. No sound",
        "Gambar menurut kedalaman, garis, atau gerak; membuat ulang satu benda dan mempertahankan sisanya. Tanpa suara",
    ),
    (
        "server: https://farm:8000 cannot be reached (Connection refused); see that it is well, then press Retry.",
        "server: https://farm:8000 tidak dapat dihubungi (Connection refused); pastikan baik-baik saja, lalu tekan Ulangi.",
    ),
    (
        "a/text_encoder/pytorch_model.bin: is or may be a pickle, which can run any code when it is opened; delete it "
        "where the same weights are there as .safetensors, else choose a model that has those.",
        "a/text_encoder/pytorch_model.bin: adalah atau mungkin pickle, yang dapat menjalankan kode apa pun saat dibuka; "
        "hapus bila bobot yang sama ada sebagai .safetensors, bila tidak pilih model yang punya itu.",
    ),
]


@pytest.mark.parametrize(("english", "indonesian"), SPOKEN)
def test_what_is_said_of_models_and_servers_is_told_in_indonesian(monkeypatch, english: str, indonesian: str) -> None:
    texts = TEXTS | SENTENCES
    monkeypatch.setattr("sora_addon.ui.told.language", lambda: "id")
    monkeypatch.setattr("sora_addon.ui.told._", lambda text: texts.get(text, text))
    assert told(english) == indonesian
