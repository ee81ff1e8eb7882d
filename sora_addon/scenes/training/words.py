"""What an artist might type for a clip: a small grammar of English. No bpy here."""

from __future__ import annotations

import numpy as np

from .recipe import Recipe, rng

HOUR_WORDS = {
    "noon": ("at noon", "in harsh midday sun", "under a high sun", "midday light"),
    "overcast": ("on an overcast day", "under grey clouds", "in soft cloudy light", "overcast"),
    "golden hour": ("at golden hour", "in warm low sun", "late afternoon sun", "golden light"),
    "sunset": ("at sunset", "under a red setting sun", "as the sun goes down", "sunset glow"),
    "blue hour": ("at blue hour", "at dusk", "in blue twilight", "just after sunset, blue light"),
    "night": ("at night", "in the dark, lit by lamps", "night with practical lamps", "moonlit night"),
    "studio": ("in studio light", "three-point studio lighting", "lit by softboxes", "on a studio backdrop"),
    "neon": ("in neon light", "lit by pink and cyan neon", "neon signs glow", "neon-lit"),
}
AIR_WORDS = {
    "clear": ("", "", "clear air"),
    "rain": ("in the rain", "rain falls, the ground is wet", "wet ground, raining", "heavy rain"),
    "snow": ("in falling snow", "snow covers everything", "snowing", "a snowy day"),
    "fog": ("in thick fog", "foggy", "mist hangs in the air", "lost in fog"),
    "dust": ("dusty air", "in a cloud of dust", "haze of dust", "dust hangs in the light"),
    "underwater": ("underwater", "at the bottom of the sea", "deep under water", "submerged"),
}
PLACE_WORDS = {
    "yard": ("in a yard", "in a courtyard", "before a brick wall"),
    "street": ("on a street", "in a city street", "between houses"),
    "hills": ("in open hills", "on a meadow", "in open country"),
    "ruins": ("among ruins", "between broken columns", "in an old ruin"),
    "roof": ("on a rooftop", "on the roof of a building"),
    "studio": ("on a cyclorama", "on an empty stage", ""),
    "small room": ("in a small room", "in a bare room", "indoors"),
    "hall": ("in a large hall", "in a hall", "in a big empty room"),
    "cathedral": ("in a cathedral", "in a vast church", "between stone pillars"),
    "tunnel": ("in a tunnel", "inside a concrete tube", "in an underpass"),
    "underwater": ("on the sea floor", "under the waves", ""),
}
GROUND_WORDS = {
    "stone": "stone", "wood": "wooden boards", "asphalt": "asphalt", "concrete": "concrete", "tiles": "tiles",
    "gravel": "gravel", "sand": "sand", "grass": "grass", "brick": "bricks", "cloth": "carpet", "steel": "steel plates",
}  # fmt: skip
SHAPE_WORDS = {
    "ball": ("ball", "sphere"), "cube": ("cube", "box", "block"), "cylinder": ("cylinder", "can"), "cone": ("cone",),
    "torus": ("ring", "torus"), "gem": ("gem", "polyhedron"), "monkey": ("monkey head",), "text": ("letters",),
    "pebble": ("pebble", "lump"), "vase": ("vase", "pot"), "imported": ("sculpture", "model"), "knot": ("knot",),
    "gear": ("gear", "cogwheel"), "hourglass": ("hourglass",), "star": ("star",), "arch": ("arch", "horseshoe"),
}  # fmt: skip
MATERIAL_WORDS = {
    "steel": ("steel", "polished metal", "chrome"), "brass": ("brass", "golden metal"), "wood": ("wooden", "oak"),
    "glass": ("glass", "clear glass"), "stone": ("stone", "granite"), "brick": ("brick", "fired clay brick"),
    "rubber": ("rubber",), "plastic": ("plastic", "glossy plastic"), "cloth": ("cloth", "woollen"),
    "wax": ("wax", "skin-like wax"), "ice": ("ice", "frozen"), "water": ("water",), "grass": ("grass",),
}  # fmt: skip
EVENT_WORDS = {
    "drop": ("{things} fall on {ground}", "{things} drop onto {ground}", "dropping {things}, {ground}"),
    "stack": ("{things} pile up on {ground}", "a stack of {things} on {ground}", "{things} stacked on {ground}"),
    "roll": ("{things} roll down a plank onto {ground}", "rolling {things} on {ground}"),
    "domino": ("a row of {things} topples on {ground}", "dominoes of {things} fall on {ground}"),
    "pendulum": ("a pendulum swings into {things} on {ground}", "{things} hit by a swinging ball, {ground}"),
    "cloth": ("a cloth falls over {things} on {ground}", "a sheet drapes over {things}, {ground}"),
    "surface": ("{things} fall into water", "a splash as {things} drop into a pool"),
    "walk": ("a figure walks past {things} on {ground}", "someone walks on {ground}, {things} beside"),
    "collide": ("{things} collide on {ground}", "{things} crash into each other on {ground}"),
    "throw": ("{things} are thrown against a wall, {ground}", "{things} fly and bounce off a wall onto {ground}"),
}
AMBIENCE_WORDS = {
    "none": ("",), "wind": ("wind", "windy", "a breeze"), "rain": ("rain", "sound of rain"), "room tone": ("room tone", "indoors"),
    "birds": ("birds sing", "birdsong"), "crowd": ("a crowd murmurs", "people chatter, crowd"),
    "machine hum": ("machines hum", "the hum of a machine"),
}  # fmt: skip
MOVE_WORDS = {
    "static": ("", "static shot"), "dolly": ("dolly in", "the camera moves in", "dolly shot"), "truck": ("tracking shot", "truck"),
    "pedestal": ("pedestal move", "the camera rises"), "arc": ("the camera arcs around", "arc shot"),
    "crane": ("crane shot", "from above, craning down"), "handheld": ("shaky camera", "the camera shakes"),
    "zoom": ("zoom", "slow zoom"), "rack focus": ("rack focus", "shallow focus shifts"),
}  # fmt: skip
STYLE_WORDS = {
    "cinematic": ("cinematic", "film look"), "documentary": ("documentary", "newsreel"), "cartoon": ("cartoon", "toon", "cel-shaded"),
    "anime": ("anime", "manga style"), "noir": ("noir", "film noir", "black and white"), "clay": ("clay render", "grey box"),
    "watercolour": ("watercolour", "watercolor painting"), "claymation": ("claymation", "stop motion"),
    "blueprint": ("blueprint", "technical drawing"), "seventies": ("1970s film", "70s look", "vintage film"),
}  # fmt: skip


def prompt(made: Recipe) -> str:
    """The clip in words, without a style: who wants one appends a phrase of ``STYLE_WORDS``.

    'documentary' in ``engine/words/style.py`` also answers to 'handheld', so that move is named as camera shake alone.
    """
    draw = rng(made.seed, "words")
    event = _one(draw, EVENT_WORDS[made.event])
    said = event.format(things=_things(made, draw), ground=GROUND_WORDS[made.ground])
    rest = [
        _one(draw, PLACE_WORDS[made.place]),
        _one(draw, HOUR_WORDS[made.hour]),
        _one(draw, AIR_WORDS[made.air]),
        _one(draw, AMBIENCE_WORDS[made.ambience]),
        _one(draw, MOVE_WORDS[made.move]) if draw.random() < 0.4 else "",
    ]
    kept = [part for part in rest if part]
    if draw.random() < 0.3:
        draw.shuffle(kept)
    return ", ".join([said, *kept])


def body_words(material: str, shape: str, draw: np.random.Generator) -> str:
    """Words for one body: what it is made of, perhaps what it is."""
    named = _one(draw, MATERIAL_WORDS[material])
    return named if draw.random() < 0.4 else f"{named} {_one(draw, SHAPE_WORDS[shape])}"


def _things(made: Recipe, draw: np.random.Generator) -> str:
    count = 1 if made.event in ("domino", "pendulum") or draw.random() < 0.4 else 2
    named = []
    for material, shape in zip(made.materials[:count], made.shapes[:count], strict=True):
        named.append(f"{_one(draw, MATERIAL_WORDS[material])} {_plural(_one(draw, SHAPE_WORDS[shape]))}")
    return " and ".join(dict.fromkeys(named))


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x")):
        return noun if noun == "letters" else noun + "es"
    return noun + ("es" if noun.endswith("ch") else "s")


def _one(draw: np.random.Generator, values: tuple[str, ...]) -> str:
    return values[int(draw.integers(len(values)))]
