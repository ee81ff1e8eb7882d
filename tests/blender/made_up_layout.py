"""MADE-UP: stands for Blender's layout, which exists in a window only. It refuses what the real one would refuse."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy

ICONS = set(bpy.types.UILayout.bl_rna.functions["prop"].parameters["icon"].enum_items.keys())
NESTED = ("row", "column", "box", "split", "column_flow", "grid_flow")


class MadeUpLayout:
    """Writes down what is drawn in ``drawn``: the kind and its text, property or operator."""

    def __init__(self, drawn: list[tuple[str, str]], enabled: bool = True) -> None:
        self.drawn = drawn
        self.enabled = enabled

    def __getattr__(self, name: str) -> Any:
        if name in NESTED:
            return lambda **_: MadeUpLayout(self.drawn, self.enabled)
        raise AttributeError(f"a layout has no {name}")

    def label(self, text: str = "", icon: str = "NONE", translate: bool = True) -> None:
        assert icon in ICONS, icon
        self.drawn.append(("label", text))

    def separator(self, **_: Any) -> None: ...

    def prop(self, data: Any, name: str, text: str | None = None, icon: str = "NONE", **_: Any) -> None:
        assert name in data.bl_rna.properties, f"{data} has no {name}"
        assert icon in ICONS, icon
        self.drawn.append(("prop" if self.enabled else "greyed", name))

    def operator(self, name: str, text: str = "", icon: str = "NONE", **_: Any) -> SimpleNamespace:
        assert icon in ICONS, icon
        room, own = name.split(".")
        rna = getattr(getattr(bpy.ops, room), own).get_rna_type()
        self.drawn.append(("operator", name))
        return _Settings(rna)  # type: ignore[return-value]

    def menu(self, name: str, text: str = "", icon: str = "NONE") -> None:
        assert hasattr(bpy.types, name), name
        self.drawn.append(("menu", name))

    def progress(self, text: str = "", factor: float = 0.0, **_: Any) -> None:
        assert 0.0 <= factor <= 1.0
        self.drawn.append(("progress", text))

    def template_list(self, kind: str, _: str, data: Any, name: str, active: Any, index: str, **__: Any) -> None:
        assert hasattr(bpy.types, kind)
        assert {name} <= set(data.bl_rna.properties.keys())
        assert {index} <= set(active.bl_rna.properties.keys())
        self.drawn.append(("list", name))

    def template_icon(self, icon_value: int, scale: float = 1.0) -> None:
        self.drawn.append(("icon", str(icon_value)))


class _Settings:
    """What ``operator`` gives back: only settings that the operator has can be set."""

    def __init__(self, rna: Any) -> None:
        object.__setattr__(self, "_rna", rna)

    def __setattr__(self, name: str, value: Any) -> None:
        assert name in self._rna.properties, f"{self._rna.identifier} has no {name}"


def drawn(panel: type, context: Any, area: str) -> list[tuple[str, str]]:
    """What the panel draws in a sidebar of an editor of that type; an empty list where its poll says no."""
    shown = _Context(context, area)
    if not panel.poll(shown):  # type: ignore[attr-defined]
        return []
    found: list[tuple[str, str]] = []
    panel.draw(SimpleNamespace(layout=MadeUpLayout(found)), shown)  # type: ignore[attr-defined]
    return found


class _Context:
    """The real context, with the region and the space that a background Blender lacks."""

    def __init__(self, context: Any, area: str) -> None:
        self._context = context
        self.region = SimpleNamespace(width=300)
        self.space_data = SimpleNamespace(type=area)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)
