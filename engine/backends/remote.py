"""A model on a server: a studio's own cluster, or a machine with a larger card, over an OpenAI-style /v1/videos.

The shot's words, and of its passes what the model there takes (a first frame, one control as a video, the camera), go to
that server and to nobody else; the clip that comes back is put on the shot's frames and samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ..controls.conform import fit_shot
from ..controls.noise import NEEDED
from ..controls.retime import frames_out
from .capabilities import REMOTE
from .protocol import Frames, Request, Samples
from .remoting.address import server_of
from .remoting.form import form_of
from .remoting.kinds import kind_of
from .remoting.received import read_pictures, read_sound
from .remoting.videos import Video, Videos
from .remoting.wire import Pace
from .settings import Given


@dataclass
class _Now:
    """What the job is at; threads of requests write it, and the artist is told of it by this one."""

    stage: str = "ask"
    step: int = 0
    total: int = 1

    def enter(self, stage: str, total: int) -> None:
        self.stage, self.step, self.total = stage, 0, total

    def came(self, done: int, total: int) -> None:
        """Bytes of the clip, counted in kilobytes."""
        self.step, self.total = done >> 10, max(total >> 10, 1)


class Remote:
    """Picture, and sound where the server's model makes any."""

    capabilities = REMOTE
    pace = Pace()

    def __init__(self) -> None:
        self._sound: Samples | None = None

    def frames(self, request: Request) -> Iterator[Frames]:
        """Every frame in order, (H, W, 3) uint8 sRGB, of a job on the server.

        A cancel stops it there too. Raises ContractError naming what the server, or a setting, has wrong.
        """
        self._sound = None
        shot, now = request.shot, _Now()
        given = Given(shot.words.settings)

        def tell() -> None:
            request.progress(now.stage, now.step, now.total)

        def looked(video: Video) -> None:
            now.step = max(now.step, video.progress)
            tell()

        videos = Videos(server_of(given), tell, self.pace)
        kind = kind_of(given, videos.models() if given.text("serves", "auto") == "auto" else [])
        fit = fit_shot(shot, kind.grid, kind.side_step, kind.rates, kind.canvas)
        form = form_of(request, given, kind, fit)
        now.enter("upload", 1)
        job = videos.create(form.fields, form.files)
        clip = request.scratch / "remote.mp4"
        try:
            now.enter("remote", 100)
            videos.wait(job.id, looked)
            now.enter("download", 1)
            videos.fetch(job.id, clip, now.came)
        finally:
            videos.stop(job.id)
        pictures = read_pictures(clip, fit, request.scratch / "remote.raw")
        self._sound = read_sound(clip, fit, shot.time.samples)

        def motion(offset: int) -> dict[str, NDArray[Any]]:
            return request.passes.frame(shot.time.first + offset, only=NEEDED)

        yield from frames_out(pictures, fit, None if fit.frame_for_frame else motion, exact_times=kind.camera)

    def sound(self, request: Request) -> Samples | None:
        """(shot.time.samples, 2) that came with the clip; None where it was silent."""
        return self._sound
