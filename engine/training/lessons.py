"""Prompts without pictures, from which the network learns what hour and weather words name.

A clip costs minutes to render and a prompt nothing: the grammar of the clips' prompts (``sora_addon/scenes/training/words``)
speaks with seeds that no clip has, in more ways than the clips do, and about every fifth prompt says no hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from sora_addon.scenes.training.recipe import Recipe, recipe
from sora_addon.scenes.training.words import AIR_WORDS, HOUR_WORDS, STYLE_WORDS, prompt

from ..model.network import Network
from ..model.told import ragged
from ..words.encoder import word_encoder
from ..words.said import AIRS, HOURS

Floats = NDArray[np.float32]

FIRST_SEED = 50_000_000
"""No clip has it or one after it."""
AT_ONCE = 64
NO_HOUR, STYLED, OTHERWISE = 0.2, 0.5, 0.4
"""Shares of prompts that say no hour, that name a style, that speak of hour and air in other words than clips do."""
OTHER_WORDS: dict[str, tuple[str, ...]] = {
    "noon": ("under the midday sun", "in bright sunshine", "in the glare of the sun", "a sunny day"),
    "overcast": ("a cloudy day", "under a grey sky", "gloomy weather", "flat diffuse daylight"),
    "golden hour": ("in golden evening light", "long warm shadows", "early morning sun", "magic hour"),
    "sunset": ("at dawn", "sunrise", "against the setting sun", "the sky on fire at dusk"),
    "blue hour": ("twilight", "before sunrise, blue light", "the last light of the day", "in the cold dusk"),
    "night": ("at midnight", "under the moon", "in the dark of night", "lit by street lamps at night"),
    "studio": ("in a photo studio", "softbox lighting", "product shot, studio light", "key light and rim light"),
    "neon": ("cyberpunk neon", "under pink neon signs", "neon tubes glow", "club lights in magenta and cyan"),
    "clear": ("", "", "fresh clear air"),
    "rain": ("a rainy street", "it rains", "in a downpour", "drizzle, puddles", "wet asphalt in the rain"),
    "snow": ("in a blizzard", "snow-covered", "in deep winter snow", "snowflakes drift down"),
    "fog": ("in dense fog", "misty", "shrouded in mist", "a foggy morning"),
    "dust": ("a dust storm", "sand in the air", "dusty haze", "clouds of dust"),
    "underwater": ("beneath the waves", "on the ocean floor", "under the sea", "sunk in deep water"),
}


@dataclass(frozen=True)
class Lesson:
    """A prompt, and what it says."""

    text: str
    hour: str | None
    air: str


def lesson(seed: int) -> Lesson:
    """The lesson of a seed; the same on every machine."""
    made = recipe(seed, "look")
    random = np.random.default_rng([seed, 7])
    hourless, styled, otherwise = random.random(3)
    text = prompt(made)
    if otherwise < OTHERWISE:
        text = _in_other_words(text, made, random)
    if hourless < NO_HOUR and made.hour != "studio":
        text = _without(text, (*HOUR_WORDS[made.hour], *OTHER_WORDS[made.hour]))
        hour = None
    else:
        hour = made.hour
    if styled < STYLED:
        phrases = STYLE_WORDS[list(STYLE_WORDS)[int(random.integers(len(STYLE_WORDS)))]]
        phrase = phrases[int(random.integers(len(phrases)))]
        text = f"{text}, {phrase}" if random.random() < 0.5 else f"{phrase}, {text}"
    return Lesson(text, hour, made.air)


class Lessons:
    """Prompts as the encoder knows them, to be drawn from."""

    def __init__(self, count: int) -> None:
        """Encodes ``count`` prompts. Raises ContractError where the encoder is missing."""
        encoder = word_encoder()
        told = [lesson(FIRST_SEED + number) for number in range(count)]
        self._states = [encoder.states(one.text).astype(np.float16) for one in told]
        # a prompt that says no hour names each as little as the others
        hours = np.stack([_one_hot(HOURS, one.hour) for one in told])
        airs = np.stack([_one_hot(AIRS, one.air) for one in told])
        self._hours, self._airs = torch.from_numpy(hours), torch.from_numpy(airs)

    def missed(self, network: Network, random: np.random.Generator, device: torch.device) -> Tensor:
        """Cross-entropy of what the network takes some prompts to name, and of no prompt at all."""
        chosen = random.choice(len(self._states), min(AT_ONCE, len(self._states)), replace=False)
        states, known = ragged([self._states[index].astype(np.float32) for index in chosen])
        known[-1] = False
        hours, airs = self._hours[chosen].clone(), self._airs[chosen].clone()
        hours[-1], airs[-1] = 1 / len(HOURS), 1 / len(AIRS)
        hour, air = network.named(states.to(device), known.to(device))
        missed = functional.cross_entropy(hour, hours.to(device)) + functional.cross_entropy(air, airs.to(device))
        return missed


def _one_hot(names: Sequence[str], name: str | None) -> Floats:
    if name is None:
        return np.full(len(names), 1 / len(names), np.float32)
    return np.eye(len(names), dtype=np.float32)[names.index(name)]


def _in_other_words(text: str, made: Recipe, random: np.random.Generator) -> str:
    """The prompt with its hour, or its air where it names one, said otherwise."""
    for phrases, named in ((HOUR_WORDS[made.hour], made.hour), (AIR_WORDS[made.air], made.air)):
        others = OTHER_WORDS[named]
        other = others[int(random.integers(len(others)))]
        parts = text.split(", ")
        for phrase in sorted(filter(None, phrases), key=len, reverse=True):
            said = phrase.split(", ")
            places = [at for at in range(len(parts)) if parts[at : at + len(said)] == said]
            if places:
                parts[places[0] : places[0] + len(said)] = [other] if other else []
                break
        text = ", ".join(parts)
    return text


def _without(text: str, phrases: Sequence[str]) -> str:
    """The prompt without those phrases."""
    for phrase in sorted(filter(None, phrases), key=len, reverse=True):
        text = f", {text},".replace(f", {phrase},", ",").strip(", ")
    return text
