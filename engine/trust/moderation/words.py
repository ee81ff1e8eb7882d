"""Everything that a shot says in words, looked at before any work is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sora_addon.contract import ContractError, Shot

from ..settings import Settings
from . import head
from .rules import NAMED, OTHERS, Rule, broken, undressing

UNDRESSED = "naked"
"""What a negative prompt against clothes says."""


@dataclass(frozen=True)
class Refusal:
    """``field`` is where it stands; ``rule`` why."""

    field: str
    rule: Rule
    text: str

    def error(self) -> ContractError:
        """For the artist: which words, which rule, and whether a studio may decide otherwise. Never the words themselves."""
        mend = "change the words"
        if not self.rule.kept:
            mend += f", or let the studio allow '{self.rule.name}' in the trust settings"
        return ContractError(self.field, f"is refused by the rule '{self.rule.name}' ({self.rule.why})", mend)


def look_at_text(
    text: str, settings: Settings, field: str = "words.prompt", whole: str | None = None
) -> Refusal | None:
    """The first rule that a text breaks and that the settings leave on. Raises ContractError for settings that may not be."""
    allowed = _allowed(settings)
    for rule in broken(text, whole):
        if rule.name not in allowed:
            return Refusal(field, rule, text)
    if "head" not in allowed:
        kind = head.suspected(text, allowed)
        if kind is not None:
            rule = replace(OTHERS["head"], why=f"words that mean something near to what the rule '{kind}' refuses")
            return Refusal(field, rule, text)
    return None


def look_at_words(shot: Shot, settings: Settings) -> Refusal | None:
    """The first refusal of a shot: its prompt, style, the words of bodies, names and lines that are spoken; its negative prompt."""
    said = list(_said(shot))
    whole = "\n".join(text for _, text in said)
    for field, text in said:
        refusal = look_at_text(text, settings, field, whole)
        if refusal is not None:
            return refusal
    if undressing(shot.words.negative):
        # 'No clothes' is nudity, said of whoever the other words are about: rules that stay on look at that.
        meant = next((rule for rule in broken(UNDRESSED, f"{whole}\n{UNDRESSED}") if rule.kept), None)
        if meant is not None:
            return Refusal("words.negative", meant, shot.words.negative)
        if "negative-undress" not in _allowed(settings):
            return Refusal("words.negative", OTHERS["negative-undress"], shot.words.negative)
    return None


def _said(shot: Shot) -> Iterator[tuple[str, str]]:
    texts = [("words.prompt", shot.words.prompt), ("words.style", shot.words.style)]
    texts += [(f"bodies[{i}].words", body.words) for i, body in enumerate(shot.bodies)]
    texts += [(f"materials[{i}].words", material.words) for i, material in enumerate(shot.materials)]
    texts += [(f"cues[{i}].words", cue.words) for i, cue in enumerate(shot.cues)]
    for field, text in texts:
        if text.strip():
            yield field, text


def _allowed(settings: Settings) -> set[str]:
    """Rules that are off. 'studio' turns off what is for adults; a list of the studio's own may turn off more."""
    for name in settings.allowed:
        if name not in NAMED:
            raise ContractError("trust settings.allowed", f"{name!r} is no rule", f"name one of {', '.join(NAMED)}")
        if NAMED[name].kept:
            raise ContractError("trust settings.allowed", f"no setting turns off {name!r}", "remove it")
    return set(settings.allowed) | ({"gore", "head", "negative-undress"} if settings.level == "studio" else set())
