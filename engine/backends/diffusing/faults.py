"""What goes wrong with a model, each by its name and with what to do about it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

from sora_addon.contract import ContractError

from ..capabilities import Capabilities

MEMORY = "memory"
"""Field of the error for memory that ran out, of the card or of the machine."""
SMALLER = "make the shot smaller or shorter, set 'memory' to 'offload', or close other programs, then press Retry"
CANNOT_ALLOCATE = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")


def check_packages(known: Capabilities) -> None:
    """Raises ContractError naming the packages that the backend needs and that are not installed.

    Some are asked for by diffusers only in the middle of a job, or fail there as a name that is not defined.
    """
    missing = []
    for package in known.requires:
        try:
            metadata.distribution(package)  # its version would be parsed from all that the package says of itself
        except metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        packages = "the package" if len(missing) == 1 else "the packages"
        raise ContractError(
            "backend",
            f"{known.name} needs {packages} {', '.join(missing)}, not installed here",
            "press Repair in the preferences",
        )


@contextmanager
def named_faults(name: str) -> Iterator[None]:
    """Turns what libraries raise for lack of memory into a ContractError of the field ``memory``, and gives memory back."""
    import torch

    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _no_memory(name, error) from error
    except RuntimeError as error:
        # The processor's allocator and some kernels raise no class of their own.
        if any(words in str(error).lower() for words in CANNOT_ALLOCATE):
            raise _no_memory(name, error) from error
        raise


def not_finite(name: str, what: str) -> ContractError:
    """The error for numbers that are not finite in what a model makes."""
    return ContractError(
        what,
        f"{name} made numbers that are not finite (NaN)",
        "set 'precision' to 'full', lower the guidance, or download the model again",
    )


def _no_memory(name: str, error: BaseException) -> ContractError:
    from .loading import release

    # What was being worked out is held by the frames that it came through, and the model by us.
    traceback.clear_frames(error.__traceback__)
    release()
    first = (str(error).strip().splitlines() or [""])[0][:160]
    return ContractError(MEMORY, f"ran out while {name} worked ({first or type(error).__name__})", SMALLER)
