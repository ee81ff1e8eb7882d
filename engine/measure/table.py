"""A report in words and as a table, for a terminal and for a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sora_addon.contract import Measure


def in_words(measures: Sequence[Measure]) -> str:
    """One line, what an artist asks first: ``camera holds: 0.04 degrees, 3 mm; sound: 2 ms; ...``.

    What could not be measured is left out; the table says why.
    """
    by_name = {measure.name: measure for measure in measures}
    said = []
    for names, phrase in PHRASES:
        values = [by_name[name].take for name in names if name in by_name]
        known = [value for value in values if value is not None]
        if len(known) == len(names):
            said.append(phrase(known))
    return "; ".join(said) if said else "nothing could be measured"


def table(measures: Sequence[Measure]) -> str:
    """Lines of name, unit, take, and where any has them baseline and control; notes below. No trailing line break."""
    columns: list[tuple[str, Callable[[Measure], str]]] = [
        ("measure", lambda measure: measure.name),
        ("unit", lambda measure: measure.unit),
        ("take", lambda measure: number(measure.take)),
    ]
    if any(measure.baseline is not None for measure in measures):
        columns.append(("preview", lambda measure: number(measure.baseline)))
    if any(measure.control is not None for measure in measures):
        columns.append(("wrong camera", lambda measure: number(measure.control)))
    rows = [[title for title, _ in columns], *([cell(measure) for _, cell in columns] for measure in measures)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(columns))]
    lines = []
    for row in rows:
        # words to the left, figures to the right
        cells = [
            text.ljust(width) if k < 2 else text.rjust(width)
            for k, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines += [f"{measure.name}: {measure.note}" for measure in measures if measure.note]
    return "\n".join(lines)


def number(value: float | None) -> str:
    """Three figures that count, never an exponent; a dash where there is none."""
    if value is None:
        return "-"
    if value == 0 or abs(value) < 5e-5:
        return "0"
    decimals = (
        4 if abs(value) < 0.1 else 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    )
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def length(metres: float) -> str:
    if metres < 0.01:
        return f"{number(round(metres * 1000, 1))} mm"
    return f"{number(round(metres * 100, 1))} cm" if metres < 1 else f"{number(metres)} m"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _steps(values: list[float]) -> str:
    count = round(values[0])
    return "no frame dropped" if count == 0 else f"{count} frame{'' if count == 1 else 's'} dropped"


PHRASES: tuple[tuple[tuple[str, ...], Callable[[list[float]], str]], ...] = (
    (
        ("camera.rotation", "camera.position"),
        lambda values: f"camera holds: {number(round(values[0], 2))} degrees, {length(values[1])}",
    ),
    (("sound.onset",), lambda values: f"sound: {number(round(values[0], 1))} ms"),
    (("motion.warp",), lambda values: f"motion: {number(round(values[0], 2))} codes off"),
    (("motion.dropped",), _steps),
    (("edges.ids",), lambda values: f"outlines: {percent(values[0])}"),
    (("edges.depth",), lambda values: f"depth edges: {percent(values[0])}"),
    (("colour.drift",), lambda values: f"colour drifts {number(round(values[0], 2))} dE"),
    (("colour.flicker",), lambda values: f"flicker {number(round(values[0], 2))} %"),
    (("guide.flip",), lambda values: f"departs from the guide by {number(round(values[0], 2))} FLIP"),
)
