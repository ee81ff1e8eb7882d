"""What the hub says of a model before anything is fetched: the commit, the files, their sizes and checksums."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from huggingface_hub import HfApi, constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from sora_addon.contract import ContractError
from sora_addon.contract.paths import InsideFolder

from ..tokens import token_for
from .catalogue import NEVER, Model


@dataclass(frozen=True)
class Listed:
    """A file of the repository. Of large files the hub says the SHA-256, of small ones git's own SHA-1."""

    path: str
    size: int
    sha256: str
    git: str


@dataclass(frozen=True)
class Plan:
    """What a fetch takes."""

    model: Model
    revision: str
    """The commit."""
    files: tuple[Listed, ...]

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


def ask(model: Model, revision: str = "") -> Plan:
    """Ask the hub for a model at ``revision``, a commit, or for the newest one. Raises ContractError.

    Only what the model's patterns name is listed; a model whose weights are pickles alone is refused.
    """
    with named_faults(model):
        info = HfApi(token=hub_token()).model_info(model.repo, revision=revision or None, files_metadata=True)
    if not info.sha:
        raise ContractError("hub", f"does not say which commit of {model.repo} it has", "try again later")
    files = []
    for sibling in info.siblings or []:
        path = sibling.rfilename
        if not _wanted(model, path):
            continue
        problem = InsideFolder().problem(path)
        if problem:
            raise ContractError("hub", f"names a file of {model.repo} that {problem}", "choose another model")
        sha256 = sibling.lfs.sha256 if sibling.lfs is not None else ""
        if sibling.size is None or not (sha256 or sibling.blob_id):
            raise ContractError("hub", f"gives no checksum of {path}", "try again later")
        files.append(Listed(path, sibling.size, sha256, sibling.blob_id or ""))
    if not any(file.path.endswith(".safetensors") for file in files):
        pickles = [one.rfilename for one in info.siblings or [] if _matches(one.rfilename, NEVER[:6])]
        why = f"its weights are pickles ({pickles[0]})" if pickles else "it holds no weights"
        raise ContractError("hub", f"{model.repo} has no .safetensors: {why}", "choose a model that has those")
    return Plan(model, info.sha, tuple(sorted(files, key=lambda file: (file.size, file.path))))


def hub_token() -> str | None:
    """The token that the keyring holds for the hub; None for what its own client finds. Raises ContractError."""
    return token_for(constants.ENDPOINT) or None


@contextmanager
def named_faults(model: Model) -> Iterator[None]:
    """Turns what the hub's client raises into a ContractError with what to do."""
    page = f"{constants.ENDPOINT}/{model.repo}"
    try:
        yield
    except GatedRepoError as error:
        raise ContractError(
            "hub",
            f"{model.repo} is gated: its licence must be accepted first",
            f"accept it at {page}, then store a token of your account",
        ) from error
    except RevisionNotFoundError as error:
        raise ContractError(
            "hub", f"{model.repo} has no such commit", "leave the commit empty for the newest"
        ) from error
    except RepositoryNotFoundError as error:
        raise ContractError(
            "hub", f"{model.repo} is not to be found, or not for you", f"look at {page}, and store a token"
        ) from error
    except OfflineModeIsEnabled as error:
        raise ContractError("hub", "may not be asked: HF_HUB_OFFLINE is set", "unset it, or use a folder") from error
    except HfHubHTTPError as error:
        code = error.response.status_code if error.response is not None else 0
        raise ContractError("hub", f"answers with an error ({code})", "try again later") from error
    except (httpx2.HTTPError, OSError) as error:
        reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise ContractError("hub", f"cannot be reached ({reason})", "see to the network, then try again") from error


def _wanted(model: Model, path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if model.only and folder and folder.split("/")[0] not in model.only:
        return False
    return _matches(name, model.fetched) and not _matches(name, NEVER)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
