"""One request to a server over HTTP, judged: done, worth another try, gone, or to be told to the artist in a sentence."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from sora_addon.contract import ContractError

from ...media.whole import whole_file
from ...tokens import origin_of
from .address import Server, is_here

LARGEST = 8 << 30
"""Bytes of a clip that are taken at most."""
LARGEST_ANSWER = 4 << 20
CHUNK = 1 << 18
HOPS = 4
"""Redirects that the way to a clip may take: servers keep clips in storage of their own."""
CLIPS = ("video/mp4", "application/octet-stream", "binary/octet-stream")
ANOTHER_SERVER = "give the address of vLLM-Omni or SGLang Diffusion"


@dataclass(frozen=True)
class Pace:
    """Seconds."""

    connect: float = 10.0
    read: float = 60.0
    """Of silence in the middle of an answer."""
    poll: float = 1.0
    """Between two looks at a job."""
    first: float = 1.0
    """Before what went wrong is tried again; doubled each time."""
    longest: float = 30.0
    patience: float = 300.0
    """That trouble without an end is borne, and that a server may ask to be left alone."""


class Gone(Exception):
    """The server does not know the job any more."""


class Again(Exception):
    """What may be well the next time. ``after``: seconds that the server asked for."""

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class Wire:
    """Requests to one server. Each call blocks, for a thread."""

    def __init__(self, server: Server, pace: Pace) -> None:
        self.server = server
        self.pace = pace

    def get(self, path: str) -> dict[str, Any]:
        """A JSON object. Raises Again, Gone, ContractError."""
        try:
            response = self._send("GET", self.server.url + path)
        except requests.exceptions.SSLError as error:
            raise self._untrusted(error) from error
        except requests.exceptions.RequestException as error:
            raise Again(f"{self.server.url} cannot be reached ({_reason(error)})") from error
        return self._object(self._judged(response, "GET"))

    def post(self, path: str, fields: dict[str, str], files: dict[str, tuple[str, Path, str]]) -> dict[str, Any]:
        """A JSON object, for a multipart form; ``files``: by field, the name, the file and its media type.

        Raises Again only where nothing can have arrived, or the server says that it took nothing; ContractError.
        """
        with contextlib.ExitStack() as stack:
            parts: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
            for name, (title, path_of_file, kind) in files.items():
                parts[name] = (title, stack.enter_context(path_of_file.open("rb")), kind)
            try:
                response = self._send("POST", self.server.url + path, files=parts)
            except requests.exceptions.SSLError as error:
                raise self._untrusted(error) from error
            except requests.exceptions.ConnectTimeout as error:
                raise Again(f"{self.server.url} does not answer") from error
            except requests.exceptions.RequestException as error:
                if _never_arrived(error):
                    raise Again(f"{self.server.url} cannot be reached ({_reason(error)})") from error
                raise self._unknown(_reason(error)) from error
        if response.status_code in (502, 504):
            raise self._unknown(f"{response.status_code} of a server in between")
        return self._object(self._judged(response, "POST"))

    def delete(self, path: str, seconds: float) -> None:
        """Asked once, and not insisted on."""
        with contextlib.suppress(requests.exceptions.RequestException):
            self._send("DELETE", self.server.url + path, (seconds, seconds))

    def download(self, path: str, target: Path, told: Callable[[int, int], None]) -> None:
        """A clip into ``target``, whole or not at all; ``told``: bytes so far and in all. Raises Again, Gone, ContractError."""
        url = self.server.url + path
        try:
            for _ in range(HOPS):
                with self._send("GET", url, stream=True) as response:
                    place = response.headers.get("Location")
                    if response.status_code in (301, 302, 303, 307, 308) and place:
                        url = self._onward(url, place)
                        continue
                    self._store(self._judged(response, "GET"), target, told)
                    return
        except requests.exceptions.SSLError as error:
            raise self._untrusted(error) from error
        except requests.exceptions.RequestException as error:
            raise Again(f"the clip broke off on its way from {self.server.url} ({_reason(error)})") from error
        raise ContractError("remote", f"{self.server.url} sends from one place to the next and gives no clip")

    def strange(self, kind: str) -> ContractError:
        """For an answer that is no job."""
        return ContractError("remote", f"{self.server.url} answers with {kind} that is no job", ANOTHER_SERVER)

    def _send(
        self, method: str, url: str, timeout: tuple[float, float] | None = None, **more: Any
    ) -> requests.Response:
        headers = {"Accept": "application/json, video/mp4", "User-Agent": "sora-blender"}
        if self.server.token and origin_of(url) == self.server.origin:
            headers["Authorization"] = f"Bearer {self.server.token}"
        with requests.Session() as session:
            session.auth = _no_auth  # else a .netrc would be asked for one
            session.trust_env = not is_here(urlsplit(url).hostname or "")  # a proxy is no way to this machine
            return session.request(
                method,
                url,
                headers=headers,
                timeout=timeout or (self.pace.connect, self.pace.read),
                verify=self.server.certificate or True,
                allow_redirects=False,
                **more,
            )

    def _judged(self, response: requests.Response, method: str) -> requests.Response:
        code, url = response.status_code, self.server.url
        if code < 300:
            return response
        said = _said(response)
        if code == 429 or (code == 503 and "Retry-After" in response.headers):
            after = _retry_after(response)
            if after is not None and after > self.pace.patience:
                raise ContractError(
                    "remote", f"{url} is busy and asks to be left alone for {after / 60:.0f} min", "try again later"
                )
            raise Again(f"{url} is busy ({said})", after)
        if code >= 500:
            raise Again(f"{url} failed with {code} ({said})")
        if code in (401, 403):
            mend = (
                "store its token in the preferences of the add-on" if not self.server.token else "ask for a new token"
            )
            raise ContractError("remote", f"{url} refuses the token ({code}: {said})", mend)
        if code == 404 and method == "GET":
            raise Gone
        if code in (404, 405):
            raise ContractError("remote", f"there is no /v1/videos at {url}", ANOTHER_SERVER)
        if code == 413:
            raise ContractError("remote", f"{url} does not take so much at once ({said})", "make the shot smaller")
        if code < 400:
            raise ContractError("remote", f"{url} sends elsewhere ({code})", "give the address that it sends to")
        raise ContractError("remote", f"{url} refuses the job ({code}: {said})", "see docs/remote.md for the settings")

    def _store(self, response: requests.Response, target: Path, told: Callable[[int, int], None]) -> None:
        kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
        if kind not in CLIPS:
            raise ContractError(
                "remote", f"{self.server.url} gave {kind or 'something'} and no MP4 clip", "look at the server's log"
            )
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else 0
        if total > LARGEST:
            raise ContractError("remote", f"{self.server.url} gave a clip of {total / 1e9:.1f} GB")
        done = 0
        with whole_file(target) as partial, partial.open("wb") as file:
            for block in response.iter_content(CHUNK):
                file.write(block)
                done += len(block)
                told(done, max(total, done))
                if done > LARGEST:
                    raise ContractError("remote", f"{self.server.url} gave a clip without an end")
            if total and done != total:
                raise Again(f"the clip of {self.server.url} broke off after {done} of {total} bytes")

    def _onward(self, url: str, place: str) -> str:
        """Where a redirect leads. The token goes along only to the server itself (see ``_send``)."""
        onward = urljoin(url, place)
        parts = urlsplit(onward)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_here(parts.hostname or "")):
            raise ContractError("remote", f"{self.server.url} sends to {parts.scheme}, which is in the clear")
        return onward

    def _object(self, response: requests.Response) -> dict[str, Any]:
        kind = response.headers.get("Content-Type", "something").split(";")[0][:60]
        try:
            answer = json.loads(response.content[:LARGEST_ANSWER])
        except ValueError:
            raise self.strange(kind) from None
        if not isinstance(answer, dict):
            raise self.strange(kind)
        return answer

    def _unknown(self, reason: str) -> ContractError:
        return ContractError(
            "remote",
            f"the connection to {self.server.url} broke while the job was handed over ({reason}); "
            "it may be running there",
            "press Retry to hand it over again",
        )

    def _untrusted(self, error: Exception) -> ContractError:
        return ContractError(
            "remote",
            f"the certificate of {self.server.url} is not to be trusted ({_reason(error)})",
            "give the studio's own authority in the preferences of the add-on, or ask who runs the server",
        )


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _never_arrived(error: Exception) -> bool:
    """Whether the connection was refused or its host not found, so that nothing can have been sent."""
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)


def _reason(error: BaseException) -> str:
    """The innermost cause, in its own words."""
    found: Any = error
    for _ in range(6):
        inner = getattr(found, "reason", None) or next(
            (one for one in getattr(found, "args", ()) if isinstance(one, BaseException)), None
        )
        if not isinstance(inner, BaseException):
            break
        found = inner
    text = str(found).rpartition(": ")[2] if isinstance(found, Exception) else str(found)
    return (text or type(found).__name__)[:160].rstrip(".")


def _said(response: requests.Response) -> str:
    """What an error's body says: OpenAI's ``error.message``, FastAPI's ``detail``, or the reason of the status."""
    try:
        answer = json.loads(response.content[:LARGEST_ANSWER])
    except (ValueError, requests.exceptions.RequestException):
        return response.reason or "no reason given"
    if isinstance(answer, dict):
        error = answer.get("error")
        said = (
            error.get("message") if isinstance(error, dict) else error or answer.get("detail") or answer.get("message")
        )
        if said:
            return str(said)[:300]
    return response.reason or "no reason given"


def _retry_after(response: requests.Response) -> float | None:
    """Seconds that the server asks for, in either form of RFC 9110, 10.2.3; None where it does not say."""
    value = response.headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
