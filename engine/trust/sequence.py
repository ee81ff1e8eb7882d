"""Signs what Blender's sequencer has rendered: a cut of several takes, which lost their credentials on the way."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sora_addon.contract import ContractError, read_take

from .credentials.manifest import UNTRAINED, Statement, makers, source_type
from .credentials.parents import parent
from .credentials.sign import sign_file, sign_frames
from .credentials.signer import signing
from .settings import Settings
from .version import engine_version


def sign_sequence(
    files: Iterable[Path], takes: Iterable[Path], settings: Settings, software: str, accept: Iterable[str] = ()
) -> None:
    """Sign films, pictures, or folders of EXR frames, with the clips of all ``takes`` as ingredients.

    ``software`` is 'Blender 5.2.2': what put them together. Raises ContractError as ``parent`` and ``sign_file`` do.
    """
    takes = list(takes)
    if not takes:
        raise ContractError("--take", "is missing", "name the folder of every take that the cut shows")
    made = [read_take(folder) for folder in takes]
    accepted = tuple(accept)
    ingredients = tuple(
        parent(folder / take.files.clip, "componentOf", settings, accepted, take.id)
        for folder, take in zip(takes, made, strict=True)
    )
    name, _, version = software.partition(" ")
    trained = any(name not in UNTRAINED for take in made for name in makers(take))
    who = signing(settings)
    for file in files:
        statement = Statement(
            title=file.name,
            facts={"takes": [take.id for take in made], "backend": {"name": name, "version": version}},
            source_type=source_type(trained),
            software=name,
            software_version=version,
            generator_version=engine_version(),
            training=settings.training,
            ingredients=ingredients,
            description="A cut made in a video sequencer",
        )
        if file.is_dir():
            sign_frames(file, statement, who)
        else:
            sign_file(file, statement, who)
