"""Every text of the add-on's interface, found in what is registered and in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from sora_addon import properties, registration

ADDON = Path(__file__).resolve().parents[2] / "sora_addon"
ROOMS = ("ui", "client", "sequencer", "install", "models")
SAYS = {"_", "fill", "report", "fill_report", "poll_message_set", "_step", "pgettext_n"}
"""Calls whose plain texts are shown."""
KEYWORDS = {"text", "heading", "placeholder"}
TABLES = {"STATES", "STAGES", "KINDS", "PLAIN", "PICTURE", "WORDS", "TASKS", "ENDED_WELL", "NOT_INSTALLED", "SAVINGS"}
"""Constants whose texts are shown."""
OWN = ("rna_type", "bl_idname", "bl_label", "bl_description", "bl_translation_context", "bl_options", "bl_undo_group")


def registered() -> set[str]:
    """Labels, tooltips, names and items of all classes that the add-on registers."""
    found: set[str] = set()
    for cls in registration.CLASSES:
        label = getattr(cls, "bl_label", "")
        if not getattr(cls, "bl_options", None) or "HIDE_HEADER" not in cls.bl_options:
            found.add(label)
        rna = cls.bl_rna if not issubclass(cls, bpy.types.Operator) else _rna_of(cls)
        if issubclass(cls, bpy.types.Operator):
            found.add(rna.description)
        if issubclass(cls, bpy.types.Operator | bpy.types.PropertyGroup | bpy.types.AddonPreferences):
            for name in cls.__annotations__:
                found |= set(_property(rna.properties.get(name)))
            for base in cls.__mro__[1:]:
                for name in getattr(base, "__annotations__", {}):
                    found |= set(_property(rna.properties.get(name)))
    for items in properties.offered():
        for item in items:
            found |= {item[1], item[2]}
    return {text for text in found if text}


def _rna_of(cls: Any) -> Any:
    room, name = cls.bl_idname.split(".")
    return getattr(getattr(bpy.ops, room), name).get_rna_type()


def _property(shown: Any) -> Iterator[str]:
    if shown is None or shown.is_hidden:
        return
    if shown.name != shown.identifier:
        yield shown.name
    yield shown.description
    if shown.type == "ENUM":
        for item in shown.enum_items:
            yield item.name
            yield item.description


def written() -> set[str]:
    """Texts that drawing and reports use, from the source."""
    found: set[str] = set()
    for room in ROOMS:
        for path in sorted((ADDON / room).rglob("*.py")):
            if "translations" not in path.parts:
                found |= set(_texts(ast.parse(path.read_text(encoding="utf-8"))))
    return {text for text in found if any(letter.isalpha() for letter in text)}


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in SAYS:
                for argument in node.args:
                    yield from _constants(argument)
            untranslated = any(
                keyword.arg == "translate" and getattr(keyword.value, "value", True) is False
                for keyword in node.keywords
            )
            drawn = isinstance(node.func, ast.Attribute) and not untranslated
            for keyword in node.keywords:
                if keyword.arg in KEYWORDS and drawn:
                    yield from _constants(keyword.value)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id in TABLES for target in targets) and node.value:
                yield from _shown(node.value)


def _constants(node: ast.AST) -> Iterator[str]:
    """Texts of an argument: itself, or either side of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def _shown(node: ast.AST) -> Iterator[str]:
    """Of a table: the values of a dict, the last text of each row, or the text itself."""
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _constants(value)
    elif isinstance(node, ast.Tuple):
        for row in node.elts:
            if isinstance(row, ast.Tuple):
                yield from _constants(row.elts[-1])
    else:
        yield from _constants(node)
