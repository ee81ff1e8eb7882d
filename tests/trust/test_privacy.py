"""Nothing leaves the machine, and what is secret stays where it is."""

from __future__ import annotations

import datetime
import os
import platform
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from made_for_trust import MadeChain, now
from made_shot import MadeShot

from engine.requirements.sbom import bill
from engine.trust.settings import Settings, Studio, write_settings
from sora_addon.contract import Words

ROOT = Path(__file__).resolve().parents[2]
FILTERED = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")
COMMAND = """
import sys
import zlib
from pathlib import Path
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
seen = b"".join(path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.stat().st_uid == __import__("os").getuid())
Path(sys.argv[2]).write_bytes(seen)
key = serialization.load_pem_private_key(Path(sys.argv[1]).read_bytes(), None)
r, s = decode_dss_signature(key.sign(sys.stdin.buffer.read(), ec.ECDSA(hashes.SHA256())))
sys.stdout.buffer.write(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
"""


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    folder = tmp_path / "shot"
    MadeShot(width=32, height=32, frames=4, words=Words(prompt="rain on glass")).write(folder)
    return folder


def _engine(*arguments: str, script: Path | None = None) -> subprocess.CompletedProcess[str]:
    start = [str(script)] if script else ["-m", "engine"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *start, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(not FILTERED, reason="the filter is written for Linux")
def test_a_whole_job_runs_with_the_network_refused(shot: Path, tmp_path: Path) -> None:
    script = Path(__file__).with_name("refuse_network.py")
    assert _engine("--try", script=script).returncode == -signal.SIGSYS
    made = _engine("generate", str(shot), "--out", str(tmp_path / "take"), "--exr", script=script)
    assert made.returncode == 0, made.stderr
    checked = _engine("verify", str(tmp_path / "take"), script=script)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what other processes were started with")
def test_secrets_are_nowhere_but_in_their_files(shot: Path, tmp_path: Path, trust_home: Path) -> None:
    (tmp_path / "studio").mkdir()
    chain = MadeChain(now() - datetime.timedelta(days=1), datetime.timedelta(days=9))
    folder = chain.write(tmp_path / "studio")
    own = _engine("generate", str(shot), "--out", str(tmp_path / "own"))
    command = [sys.executable, "-c", COMMAND, str(folder / "key.pem"), str(tmp_path / "seen")]
    write_settings(Settings(studio=Studio(str(folder / "chain.pem"), command=command)))
    hired = _engine("generate", str(shot), "--out", str(tmp_path / "hired"))
    assert (own.returncode, hired.returncode) == (0, 0), own.stderr + hired.stderr
    secrets = [_secret(folder / "key.pem"), _secret(trust_home / "authority" / "leaf.key")]
    secrets.append(_secret(trust_home / "authority" / "root.key"))
    keys = {folder / "key.pem", trust_home / "authority" / "leaf.key", trust_home / "authority" / "root.key"}
    said = (own.stdout + own.stderr + hired.stdout + hired.stderr).encode()
    places = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path not in keys}
    assert (tmp_path / "seen") in places  # with what every process of ours was started
    for forms in secrets:
        for form in forms:
            assert form not in said
            assert [path for path, data in places.items() if form in data] == []


def _secret(path: Path) -> list[bytes]:
    """A key as it could stand in a file: its number, and lines of its PEM."""
    data = path.read_bytes()
    key = serialization.load_pem_private_key(data, None)
    number = key.private_numbers().private_value  # type: ignore[union-attr]
    lines = [line for line in data.splitlines() if len(line) > 40 and not line.startswith(b"-")]
    # The lines after these hold the public half, which certificates hold too.
    return [number.to_bytes(32, "big"), f"{number:x}".encode(), str(number).encode(), *lines[:2]]


def test_the_bill_of_materials_names_every_package_with_its_hashes() -> None:
    made = bill()
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert all(component["hashes"] for component in made["components"])
    names = {component["name"] for component in made["components"]}
    assert {"numpy", "c2pa-python", "cryptography", "torch"} <= names
    assert bill() == made


@pytest.mark.skipif(sys.platform != "linux", reason="the bound on memory is Linux's")
def test_a_picture_that_says_it_is_huge_is_refused_before_memory_is_taken_for_it(tmp_path: Path) -> None:
    """A PNG of some hundred bytes that would be 1.2 GB."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    rows = b"IDAT" + zlib.compress(bytes(60_001))
    parts = [struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in (head, rows)]
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    code = (
        "import engine, resource, sys; from pathlib import Path; from engine.media.picture import read_picture\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 ** 30, 2 ** 30))\n"
        "read_picture(Path(sys.argv[1]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "bomb.png")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "cannot be read as a picture" in run.stderr
    assert "Insufficient memory" not in run.stderr
