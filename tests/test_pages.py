"""README and docs: links that lead somewhere, commands that exist, names that the interface has."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PICTURES = ROOT / "docs" / "pictures"
ADDON = ROOT / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
HEAVIEST = 400_000
"""Bytes of a picture."""

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`|^    (\S.*)$", re.MULTILINE)
MODULE = re.compile(r"python(?:\.exe)? -m ([\w.]+)(.*)")
IN_BLENDER = re.compile(r"blender .*--command sora (.*)")
GROUPS = (("engine", "trust"), ("engine", "data"))
"""Verbs with verbs of their own."""
FLAG = re.compile(r"--[a-z][a-z-]*")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code(page: Path) -> list[str]:
    """Spans and blocks of code; a span of prose that breaks at a line's end is whole."""
    whole = re.sub(r"(`[^`\n]*)\n([^`\n]*`)", r"\1 \2", text(page))
    return [(inline or block).split("  #")[0].strip() for inline, block in CODE.findall(whole)]


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(text(page)):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, part = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.exists(), link
        if part:
            assert part in {slug(heading) for heading in re.findall(r"^#+ (.*)$", text(target), re.MULTILINE)}, link


def test_pictures_are_shown_and_light() -> None:
    shown = {
        (page.parent / link).resolve() for page in PAGES for link in LINK.findall(text(page)) if link.endswith(".png")
    }
    assert set(PICTURES.glob("*")) == shown
    assert [path.name for path in shown if path.stat().st_size > HEAVIEST] == []


def test_readme_leads_to_every_page() -> None:
    linked = {(ROOT / link).resolve() for link in LINK.findall(text(PAGES[0]))}
    assert set(PAGES[1:]) - linked == set()


def test_make_targets_exist() -> None:
    named = {name for page in PAGES for line in code(page) for name in re.findall(r"^make ([a-z-]+)", line)}
    assert named >= {"demo", "test", "bench", "docs", "lint", "zip"}
    here = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    windows = set(re.findall(r"^:([a-z-]+)\s*$", text(ROOT / "make.bat"), re.MULTILINE))
    assert named - here == set()
    assert named - windows - {"lint"} == set()


def commands() -> list[tuple[str, str]]:
    """(module, what follows) of every command of ours that a page names."""
    found = set()
    for page in PAGES:
        for line in code(page):
            if inside := IN_BLENDER.search(line):
                found.add(("sora_addon", inside[1].strip()))
            elif module := MODULE.search(line):
                found.add((module[1], module[2].strip()))
            elif line.startswith("engine "):
                found.add(("engine", line.removeprefix("engine ")))
    return sorted(found)


@cache
def help_of(module: str, verb: str) -> str:
    """What the command says of itself; it must end well."""
    python = str(ADDON) if module.startswith("sora_addon") else sys.executable
    done = subprocess.run(
        [python, "-m", module, *verb.split(), "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{module} {verb}: {done.stderr}"
    return done.stdout


@pytest.mark.parametrize(("module", "words"), commands(), ids=" ".join)
def test_commands_and_their_flags_exist(module: str, words: str) -> None:
    first = words.split(maxsplit=1)[0] if words else ""
    verb = first if module in ("engine", "sora_addon") and re.fullmatch(r"[a-z]+", first) else ""
    if (module, verb) in GROUPS:
        verb = " ".join(words.split()[:2])
    told = help_of(module, verb)
    known = set(FLAG.findall(told))
    assert set(FLAG.findall(words)) - known == set()


def test_names_that_artists_are_told_are_in_the_interface() -> None:
    rooms = ("ui", "install", "sequencer", "models")
    files = [ROOT / "sora_addon" / name for name in ("properties.py", "properties_making.py")]
    files += [path for room in rooms for path in (ROOT / "sora_addon" / room).glob("*.py")]
    interface = "\n".join(text(path) for path in files)
    page = text(ROOT / "docs" / "artists.md")
    named = {" ".join(name.split()).removesuffix(".") for name in re.findall(r"\*\*([^*]+)\*\*", page)}
    assert len(named) > 20
    assert {name for name in named if f'"{name}' not in interface} == set()


def test_it_is_not_openais() -> None:
    assert "This is not OpenAI's product" in text(PAGES[0])


def test_one_version() -> None:
    version = tomllib.loads(text(ROOT / "blender_manifest.toml"))["version"]
    assert tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["version"] == version
    named = {found for page in PAGES for found in re.findall(r"sora_shots-(\d[\w.]*)\.zip", text(page))}
    assert named == {version}
