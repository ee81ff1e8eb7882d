"""The training loop: resumable, on whatever clips there are, for as long as is said."""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from sora_addon.contract import ContractError

from ..model.blows import breaks
from ..model.folder import from_pretrained, save_pretrained
from ..model.graphs import write_graphs
from ..model.network import Config, Network
from ..model.told import unlit
from .batch import Batch, Pictures, draw, gather, gather_sound, risen, struck, whole_planes
from .cache import Kept, is_kept, is_watched, kept
from .clips import clips_in
from .evaluate import evaluate, watched_sheet
from .lessons import Lessons
from .loss import loss, loss_alone, loss_struck

RATE, LOWEST_RATE, WARM = 1e-3, 1e-5, 100
DECAY = 0.998
"""Of the moving average of weights that is delivered."""
NAMED = 0.03
"""Weight of what words name beside pictures and sound."""
TIMES = {
    "named_grade": 10.0, "named_laws": 10.0, "style": 4.0, "grade": 4.0, "seen_grade": 4.0, "laws": 4.0, "names": 2.0,
    "material": 2.0, "blow": 10.0, "blows": 2.0,
}  # fmt: skip
"""Parts of the network that learn so many times as fast."""
ON_GPU: dict[str, Any] = {"clips": 48, "sound_clips": 6, "bfloat16": True}
"""Options that a graphics card has the memory and the arithmetic for."""
CHECKPOINT, MODEL, LOG = "checkpoint.pt", "model", "log.txt"
LOOK_SECONDS = 30.0
"""Between two looks for new clips."""


@dataclass(frozen=True)
class Options:
    """What the caller decides."""

    data: Path
    """Holds ``look`` and ``sync``, either of which may be missing, with a folder a clip."""
    out: Path
    """The run: its checkpoint, the model so far, what was logged."""
    minutes: float
    """Time from now on; the learning rate falls to its end over it."""
    start: Path | None = None
    """A model to begin with, where the run has no checkpoint."""
    cache: Path | None = None
    """Where worked-out clips lie; ``data``/cache by default."""
    seed: int = 0
    device: str = "cpu"
    clips: int = 6
    """Of ``look`` in a step."""
    sound_clips: int = 1
    """Of ``sync`` in a step that hears."""
    alone_clips: int = 4
    """Of ``sync`` in every step, heard without their pictures."""
    struck_clips: int = 3
    """Of ``sync`` in every step, looked at for when something strikes."""
    frames: int = 1
    """Of a clip at a time: frames of one clip teach much the same."""
    sound_frames: int = 24
    bfloat16: bool = False
    """Mixed precision, for processors that have it."""
    sound_share: float = 0.15
    """Of the steps, those that hear ``sync`` clips with their pictures."""
    no_stems: float = 0.6
    """Of those, the share that has to tell from pictures alone when it sounds: with stems, sound alone teaches as much."""
    lessons: int = 1200
    """Prompts without pictures."""
    save_minutes: float = 4.0
    evaluate_minutes: float = 12.0
    without: frozenset[str] = frozenset()
    """'light', 'joint': what the network has to do without, to show what it is worth."""
    steps: int | None = None
    """Stop after so many, whatever the time; the rate then falls by steps."""
    config: Config = field(default_factory=Config)


class Clips:
    """The clips of a folder that are ready, and more as they appear; they are worked out in another process."""

    def __init__(self, folder: Path, cache: Path, device: torch.device, tell: Callable[[str], None]) -> None:
        self.folder, self.cache, self.device, self.tell = folder, cache, device, tell
        self.learnt: list[Kept] = []
        self.watched: list[Kept] = []
        self._known: set[Path] = set()
        self._waiting: dict[Path, Future[None]] = {}
        self._workers: ProcessPoolExecutor | None = None
        self._looked = 0.0

    def look(self) -> None:
        """Take in what is ready. What cannot be read is named and left out."""
        if time.monotonic() - self._looked < LOOK_SECONDS and self._looked:
            return
        self._looked = time.monotonic()
        for clip in clips_in(self.folder):
            if clip in self._known:
                continue
            if is_kept(clip, self.cache):
                self._waiting.pop(clip, None)
                self._take(clip)
            elif clip not in self._waiting:
                if self._workers is None:
                    self._workers = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
                self._waiting[clip] = self._workers.submit(work_out, clip, self.cache)
        for clip in [clip for clip, future in self._waiting.items() if future.done()]:
            error = self._waiting.pop(clip).exception()
            if error is None:
                self._take(clip)
            else:
                self._known.add(clip)
                self.tell(f"left out {clip}: {error}")

    def wait(self) -> None:
        """Until the first clip is ready, where some are being worked out."""
        while not self.learnt and self._waiting:
            next(iter(self._waiting.values())).exception()
            self._looked = 0.0
            self.look()

    def close(self) -> None:
        if self._workers is not None:
            self._workers.shutdown(cancel_futures=True)

    def _take(self, clip: Path) -> None:
        self._known.add(clip)
        one = kept(clip, self.cache).on(self.device)
        (self.watched if is_watched(clip) else self.learnt).append(one)


def work_out(clip: Path, cache: Path) -> None:
    """In another process: fill the cache."""
    os.nice(4)
    torch.set_num_threads(1)
    kept(clip, cache)


def train(options: Options, progress: Callable[[str, int, int], None]) -> Path:
    """Train until the time is up; the folder of the model, with its graphs. Goes on from the run's checkpoint where there is one.

    Raises ContractError where there is nothing to learn from.
    """
    options.out.mkdir(parents=True, exist_ok=True)
    run = _Run(options)
    try:
        run.go(progress)
        write_graphs(from_pretrained(options.out / MODEL), options.out / MODEL)
    finally:
        run.look.close()
        run.sync.close()
    return options.out / MODEL


class _Run:
    def __init__(self, options: Options) -> None:
        self.options = options
        torch.manual_seed(options.seed)
        self.device = torch.device(options.device)
        network = Network(options.config) if options.start is None else from_pretrained(options.start)
        self.network = network.to(self.device).channels_last().train()
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        fused = self.device.type == "cuda"
        self.optimizer = torch.optim.AdamW(_groups(self.network), RATE, (0.9, 0.98), weight_decay=0.01, fused=fused)
        self.lessons: Lessons | None = None
        self.breaks: dict[str, Tensor] = {}
        """``blows.breaks`` of clips, by their names."""
        self.step = 0
        self.seconds = 0.0
        """Of training, all sessions together."""
        checkpoint = options.out / CHECKPOINT
        if checkpoint.is_file():
            self._resume(torch.load(checkpoint, map_location=self.device, weights_only=True))
        cache = options.cache or options.data / "cache"
        self.look = Clips(options.data / "look", cache, self.device, self.say)
        self.sync = Clips(options.data / "sync", cache, self.device, self.say)

    def say(self, line: str) -> None:
        print(line, flush=True)
        with (self.options.out / LOG).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def go(self, progress: Callable[[str, int, int], None]) -> None:
        options = self.options
        self.look.look()
        self.sync.look()
        self.look.wait()
        if not self.look.learnt:
            raise ContractError(str(options.data / "look"), "holds no clip to learn from", "run 'engine data make'")
        self.lessons = Lessons(options.lessons, lambda done, count: progress("words", done, count))
        began = saved = evaluated = time.monotonic()
        first = self.step
        told: list[tuple[Tensor, Tensor]] = []
        while True:
            now = time.monotonic()
            share = (
                (now - began) / 60 / options.minutes if options.steps is None else (self.step - first) / options.steps
            )
            if share >= 1:
                break
            self.look.look()
            self.sync.look()
            told.append(self._learn(self._rate(share, self.step - first)))
            self.seconds += time.monotonic() - now
            if self.step % 25 == 0:
                picture, sound = (float(torch.stack(values).nanmean()) for values in zip(*told, strict=True))
                each = (time.monotonic() - began) / (self.step - first)
                left = (now - began) / 60 * (1 - share) / max(share, 1e-3)
                self.say(
                    f"step {self.step} picture {picture:.4f} sound {sound:.3f} {each:.2f} s a step, "
                    f"{len(self.look.learnt)} + {len(self.sync.learnt)} clips, "
                    f"{left:.0f} min left"
                )
                told = []
                progress("train", int(share * 1000), 1000)
            if now - saved > options.save_minutes * 60:
                self.save()
                saved = now
            if now - evaluated > options.evaluate_minutes * 60:
                self.watch()
                evaluated = time.monotonic()
        self.save()
        self.watch()
        progress("train", 1000, 1000)

    def watch(self) -> None:
        """How well the average of the weights does on clips that are not learnt from."""
        clips = self.look.watched
        if not clips:
            return
        self.say(evaluate(self.average, clips, device=self.device).line(self.step))
        watched_sheet(self.average, clips, self.options.out / f"sheet_{self.step:06d}.png", device=self.device)

    def save(self) -> None:
        """The checkpoint and the model so far, each beside and renamed."""
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
        }
        partial = self.options.out / f"{CHECKPOINT}.partial"
        torch.save(state, partial)
        os.replace(partial, self.options.out / CHECKPOINT)
        trained = {"steps": self.step, "hours": round(self.seconds / 3600, 2), "clips": len(self.look.learnt)}
        save_pretrained(self.average, self.options.out / MODEL, trained | {"sync_clips": len(self.sync.learnt)})

    def _resume(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]

    def _alone(self, random: np.random.Generator, generator: torch.Generator) -> Tensor:
        """What is missed of some clips' sound, heard without their pictures."""
        clips = [clip for clip in self.sync.learnt if clip.truth_mel is not None]
        if not clips:
            return torch.zeros((), device=self.device)
        frames = min(len(clip.planes) for clip in clips)
        cuts = draw(clips, min(self.options.alone_clips, len(clips)), frames, random)
        return loss_alone(self.network, on(gather_sound(cuts), self.device), generator)

    def _struck(self, random: np.random.Generator) -> Tensor:
        """What is missed of when something strikes in some clips."""
        clips = self.sync.learnt
        if not clips:
            return torch.zeros((), device=self.device)
        frames = min(len(clip.planes) for clip in clips)
        cuts = draw(clips, min(self.options.struck_clips, len(clips)), frames, random)
        cells = []
        for cut in cuts:
            # worked out once for a clip: it is little, and all that is looked at
            if cut.clip.name not in self.breaks:
                self.breaks[cut.clip.name] = breaks(whole_planes(cut.clip)).to(self.device)
            seen = self.breaks[cut.clip.name][cut.first : cut.first + frames]
            cells.append(seen.flip(-1) if cut.mirrored else seen)
        truth = torch.from_numpy(np.stack([struck(cut) for cut in cuts])).to(self.device)
        rises = torch.cat([risen(cut.clip) for cut in cuts]).to(self.device)
        return loss_struck(self.network, torch.stack(cells), truth, rises)

    def _rate(self, share: float, step: int) -> float:
        falling = LOWEST_RATE + (RATE - LOWEST_RATE) * 0.5 * (1 + float(np.cos(np.pi * share)))
        return falling * min(1.0, (step + 1) / WARM)

    def _learn(self, rate: float) -> tuple[Tensor, Tensor]:
        options = self.options
        random = np.random.default_rng([options.seed, self.step])
        generator = torch.Generator(self.device).manual_seed(int(random.integers(2**62)))
        if self.sync.learnt and random.random() < options.sound_share:
            cuts = draw(self.sync.learnt, options.sound_clips, options.sound_frames, random, options.no_stems)
        else:
            cuts = draw(self.look.learnt, options.clips, options.frames, random)
        batch = on(gather(cuts, keyed=True), self.device)
        if "light" in options.without:
            batch = replace(batch, told=unlit(batch.told))
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["times"]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=options.bfloat16):
            lost = loss(self.network, batch, generator, joined="joint" not in options.without)
            alone = self._alone(random, generator)
            blows = self._struck(random) if "joint" not in options.without else 0.0
            assert self.lessons is not None
            total = lost.total + alone + blows + NAMED * self.lessons.missed(self.network, random, self.device)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        decay = min(DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            average = get_ema_multi_avg_fn(decay)
            average(list(self.average.parameters()), list(self.network.parameters()), None)
        return lost.picture, lost.sound


def _groups(network: Network) -> list[dict[str, Any]]:
    """What a clip's look hangs on has a pace of its own: a style is met in a tenth of the clips, and has far to go."""
    groups: dict[float, list[nn.Parameter]] = {}
    for name, weights in network.named_parameters():
        groups.setdefault(TIMES.get(name.partition(".")[0], 1.0), []).append(weights)
    return [{"params": weights, "times": times} for times, weights in groups.items()]


def on(batch: Batch, device: torch.device) -> Batch:
    """The batch with its tensors on a device."""
    if device.type == "cpu":
        return batch
    pictures = batch.pictures and Pictures(*(part.to(device) for part in batch.pictures))
    return Batch(batch.told.to(device), pictures, batch.mel.to(device), batch.heard.to(device))
