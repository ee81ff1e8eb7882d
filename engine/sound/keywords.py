"""Which ambience words ask for, in English and Indonesian."""

from __future__ import annotations

import re

WORDS: dict[str, tuple[str, ...]] = {
    "wind": (
        "wind", "winds", "windy", "breeze", "breezy", "gust", "gusts", "storm", "stormy", "blizzard", "gale", "desert",
        "angin", "berangin", "badai", "topan", "sepoi", "gurun",
    ),
    "rain": (
        "rain", "rains", "raining", "rainy", "rainfall", "drizzle", "downpour", "monsoon", "thunderstorm",
        "hujan", "gerimis",
    ),
    "birds": (
        "bird", "birds", "birdsong", "forest", "woods", "woodland", "jungle", "garden", "meadow",
        "burung", "hutan", "rimba", "taman", "kebun", "sawah",
    ),
    "crickets": ("cricket", "crickets", "night forest", "summer night", "jangkrik", "malam di desa"),
    "crowd": (
        "crowd", "crowded", "murmur", "chatter", "audience", "market", "cafe", "café", "restaurant", "bar", "people talking",
        "kerumunan", "keramaian", "ramai", "pasar", "warung", "restoran", "penonton",
    ),
    "hum": (
        "hum", "humming", "machine", "machines", "machinery", "engine room", "factory", "generator", "ventilation",
        "server room", "refrigerator", "fridge", "spaceship", "laboratory",
        "mesin", "pabrik", "dengung", "kulkas", "laboratorium",
    ),
    "sea": (
        "sea", "ocean", "beach", "surf", "shore", "seaside", "ocean waves", "sea waves",
        "laut", "pantai", "ombak", "samudra",
    ),
    "stream": (
        "river", "stream", "brook", "creek", "waterfall", "fountain", "running water",
        "sungai", "kali", "air terjun", "air mancur", "air mengalir",
    ),
    "fire": (
        "fire", "campfire", "bonfire", "fireplace", "flames", "burning", "torch",
        "api", "api unggun", "perapian", "kebakaran", "obor",
    ),
    "traffic": (
        "traffic", "city", "street", "highway", "downtown", "urban", "road noise",
        "lalu lintas", "kota", "jalan raya", "perkotaan",
    ),
    "room_tone": (
        "room tone", "roomtone", "indoors", "interior", "indoor", "kitchen", "office", "living room", "bedroom", "studio",
        "ruangan", "dalam ruangan", "dapur", "kantor", "kamar", "suara ruangan",
    ),
    "air": ("outdoors", "outdoor", "countryside", "field", "di luar", "alam terbuka", "desa", "ladang"),
}  # fmt: skip
"""Name of the bed: words and phrases that ask for it."""

OTHER_SENSES = (
    "kereta api", "gunung api", "senjata api", "kembang api", "wind up", "fire engine", "fire hydrant", "fire truck",
    "fire escape", "field of view", "depth of field", "crowbar", "bar chart",
)  # fmt: skip
"""Phrases that hold such a word and mean something silent, or something else."""

SILENCE = ("silent", "silence", "no sound", "soundless", "sunyi", "hening", "senyap", "tanpa suara")
NEGATION = r"(?:no|not|without|non|never|tanpa|tidak ada|tiada|tak ada|bukan)"


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(re.escape(word) for word in longest_first) + r")\b")


_BEDS = {name: _pattern(words) for name, words in WORDS.items()}
_OTHER = _pattern(OTHER_SENSES)
_SILENCE = _pattern(SILENCE)
_NEGATED = re.compile(
    r"\b"
    + NEGATION
    + r"\s+(?:(?:any|the|a|strong|heavy|suara|ada)\s+)?([^,.;:!?]*?)(?=[,.;:!?]|\b(?:but|and|tapi|dan)\b|$)"
)


def beds_in(words: str, negative: str = "") -> list[str]:
    """Names of the beds that the words ask for, in the order of ``WORDS``; what is negated is left out."""
    text = _OTHER.sub(" ", words.lower())
    refused = " , ".join(_NEGATED.findall(text)) + " , " + _OTHER.sub(" ", negative.lower())
    asked = _NEGATED.sub(" ", text)
    return [name for name, pattern in _BEDS.items() if pattern.search(asked) and not pattern.search(refused)]


def asks_for_silence(words: str) -> bool:
    """Whether the words want no bed at all."""
    return _SILENCE.search(words.lower()) is not None
