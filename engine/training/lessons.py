"""Prompts and words of bodies without pictures, from which the network learns what they name: hour, weather, room,
ambience; materials.

A clip costs minutes to render and a prompt nothing: the grammar of the clips' prompts (``sora_addon/scenes/training/words``)
speaks with seeds that no clip has, in more ways than the clips do, and about every fifth prompt says no hour. Nothing else
that words say reaches the network (``Network.codes``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from sora_addon.scenes.training.recipe import Recipe, recipe
from sora_addon.scenes.training.words import (
    AIR_WORDS,
    AMBIENCE_WORDS,
    HOUR_WORDS,
    SHAPE_WORDS,
    STYLE_WORDS,
    body_words,
    prompt,
)

from ..model.network import Network
from ..model.told import ragged
from ..words.encoder import word_encoder
from ..words.said import AIRS, AMBIENCES, HOURS, MATERIALS, ROOMS

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
    "none": ("",),
    "wind": ("the wind howls", "a gale", "wind in the trees"),
    "room tone": ("quiet room", "air conditioning"),
    "birds": ("birds chirp", "the dawn chorus", "seagulls cry"),
    "crowd": ("voices of many people", "an audience murmurs", "busy crowd"),
    "machine hum": ("an engine drones", "humming machinery", "a generator runs"),
    "underwater": ("beneath the waves", "on the ocean floor", "under the sea", "sunk in deep water"),
}


OTHER_MATERIALS: dict[str, tuple[str, ...]] = {
    "steel": ("iron", "rusty steel", "shiny metal", "aluminium", "silver"),
    "brass": ("bronze", "copper", "gold", "gilded"),
    "wood": ("timber", "pine", "walnut wood", "plywood"),
    "glass": ("crystal", "transparent glass"),
    "stone": ("marble", "rock", "limestone", "concrete"),
    "brick": ("red brick", "terracotta", "bricks"),
    "rubber": ("black rubber", "tyre rubber", "latex"),
    "plastic": ("shiny plastic", "polymer", "red plastic"),
    "cloth": ("fabric", "cotton", "velvet", "felt"),
    "wax": ("skin", "candle wax", "flesh"),
    "ice": ("a block of ice", "icy", "frozen water"),
    "water": ("liquid water", "clear water"),
    "grass": ("turf", "moss", "overgrown with grass"),
}
NOTHING = ("hero", "the left one", "a thing", "body 3", "the old man", "my car", "main character", "prop")
"""Words of bodies that say no material."""
FRAMES_OF_WORDS = ("{}", "made of {}", "{}, close up", "an object of {}", "solid {}", "old {}")


@dataclass(frozen=True)
class Lesson:
    """A prompt, and what it says."""

    text: str
    hour: str | None
    air: str
    room: str
    ambience: str


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
    return Lesson(text, hour, made.air, made.room, made.ambience)


def body_lesson(seed: int) -> tuple[str, str | None]:
    """Words of a body, and the material that they name; the same on every machine."""
    random = np.random.default_rng([seed, 8])
    turn = seed % (len(MATERIALS) + 3)
    shapes = [shape for named in SHAPE_WORDS.values() for shape in named]
    shape = shapes[int(random.integers(len(shapes)))]
    if turn >= len(MATERIALS):
        return (shape if turn == len(MATERIALS) else NOTHING[int(random.integers(len(NOTHING)))]), None
    material = MATERIALS[turn]
    if random.random() < 1 - OTHERWISE:
        words = body_words(material, list(SHAPE_WORDS)[int(random.integers(len(SHAPE_WORDS)))], random)
    else:
        others = OTHER_MATERIALS[material]
        words = others[int(random.integers(len(others)))]
        words = f"{words} {shape}" if random.random() < 0.3 else words
    frame = FRAMES_OF_WORDS[int(random.integers(len(FRAMES_OF_WORDS)))] if random.random() < 0.5 else "{}"
    return frame.format(words), material


class Lessons:
    """Prompts and words of bodies as the encoder knows them, to be drawn from."""

    def __init__(self, count: int, tell: Callable[[int, int], None] = lambda done, all_: None) -> None:
        """Encodes ``count`` prompts, of which ``tell`` is told, and half as many words of bodies. Raises ContractError where the
        encoder is missing."""
        encoder = word_encoder()
        told = [lesson(FIRST_SEED + number) for number in range(count)]
        self._states: list[NDArray[np.float16]] = []
        for number, one in enumerate(told, 1):
            self._states.append(encoder.states(one.text).astype(np.float16))
            tell(number, count)
        # a prompt that says no hour names each as little as the others
        named = ((HOURS, "hour"), (AIRS, "air"), (ROOMS, "room"), (AMBIENCES, "ambience"))
        self._named = [
            torch.from_numpy(np.stack([_one_hot(names, getattr(one, what)) for one in told])) for names, what in named
        ]
        bodies = [body_lesson(number) for number in range(count // 2)]
        self._bodies = torch.from_numpy(np.stack([encoder.sentence(words) for words, _ in bodies]))
        unsaid = len(MATERIALS)
        self._materials = torch.tensor([unsaid if name is None else MATERIALS.index(name) for _, name in bodies])

    def missed(self, network: Network, random: np.random.Generator, device: torch.device) -> Tensor:
        """Cross-entropy of what the network takes some words to name, and of no prompt at all."""
        chosen = random.choice(len(self._states), min(AT_ONCE, len(self._states)), replace=False)
        states, known = ragged([self._states[index].astype(np.float32) for index in chosen])
        known[-1] = False
        missed = torch.zeros((), device=device)
        for truth, logits in zip(self._named, network.named(states.to(device), known.to(device)), strict=True):
            wanted = truth[chosen].clone()
            wanted[-1] = 1 / wanted.shape[1]
            missed = missed + functional.cross_entropy(logits, wanted.to(device))
        bodies = random.choice(len(self._bodies), min(AT_ONCE, len(self._bodies)), replace=False)
        logits = network.material(self._bodies[bodies].to(device))
        return missed + functional.cross_entropy(logits, self._materials[bodies].to(device))


def _one_hot(names: Sequence[str], name: str | None) -> Floats:
    if name is None:
        return np.full(len(names), 1 / len(names), np.float32)
    return np.eye(len(names), dtype=np.float32)[names.index(name)]


def _in_other_words(text: str, made: Recipe, random: np.random.Generator) -> str:
    """The prompt with its hour, or its air where it names one, said otherwise."""
    said_of = (
        (HOUR_WORDS[made.hour], made.hour),
        (AIR_WORDS[made.air], made.air),
        (AMBIENCE_WORDS[made.ambience], made.ambience),
    )
    for phrases, named in said_of:
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
