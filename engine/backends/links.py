"""Whether backends can follow each other, as far as they declare. Nothing heavy is imported."""

from __future__ import annotations

from sora_addon.contract import ContractError, Link

from . import registry


def place_of(place: int) -> str:
    """How an order calls the backend in that place of a chain: 'backend', 'chain[0].backend'."""
    return "backend" if place == 0 else f"chain[{place - 1}].backend"


def check_link(link: Link, place: int) -> None:
    """Raises ContractError where the link cannot stand in that place of a chain; 0 is the first backend."""
    field = place_of(place)
    try:
        known = registry.capabilities(link.backend)
    except KeyError as error:
        raise ContractError(field, error.args[0]) from None
    if place == 0 and not known.makes_picture:
        raise ContractError(field, f"{link.backend} makes sound alone", "let it follow a backend that makes a picture")
    gives = field.removesuffix("backend") + "gives"
    if link.gives == "picture" and not known.makes_picture:
        raise ContractError(gives, f"is picture, and {link.backend} makes sound alone", "say sound")
    if link.gives == "sound" and not known.makes_sound:
        raise ContractError(gives, f"is sound, and {link.backend} makes none", "say picture")
