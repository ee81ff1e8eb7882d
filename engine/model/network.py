"""The network: a U-Net at half the picture's size, a sound tower, one block where both meet, and a fine head at full size.

It predicts the clean picture and the clean sound from noisy ones (x-prediction). The picture comes as fields that correct
the lit guide (``compose``), which a style then grades (``grading``); the sound as what is added to the guide's mel. With its
first weights it gives both guides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .blows import Blows, breaks, largest
from .compose import FIELD_CHANNELS, GRADE, GRADES, Shown, Taken, compose, enlarge, mooded
from .conditioning import AMBIENT, CHANNELS, ENCLOSED, FIGURES, HALF_DEPTH, LEVEL, PLAIN_LIGHT, WHERE
from .exposure import exposed, exposure
from .grading import Keys, graded, keys_of
from .layers import Joint, PixelNorm, Residual, Residual1d, Residuals, WordPool, blank, conv
from .materials import laid, looks
from .mel import SILENCE
from .resound import LAW, resound, strike
from .told import Told

TURNS = 16
"""Figures that tell the time of a step."""
SLOTS = 8
"""Sound tokens of a frame."""
NEAREST_NOTHING = 0.01
"""Depth plane of what is so far away that it counts as the sky, 396 m."""
SHOWN = {
    "guide": "guide", "base": "base", "depth": "depth", "sun": "sun", "lamps": "lamps", "world": "world", "sky": "sky",
    "shining": "emission", "open": "occlusion", "outlines": "line", "creases": "crease",
}  # fmt: skip
"""Planes that the picture is put together from, by their names there."""
FINE = ("guide", "base", "sun", "lamps", "reflection", "reflection_known", "depth", "sky", "line", "crease", "metallic")
"""Planes that the fine head sees at full size."""


@dataclass(frozen=True)
class Config:
    """Sizes of the network; stored beside its weights."""

    widths: tuple[int, int, int, int] = (24, 48, 96, 160)
    blocks: int = 2
    """Residual blocks on the way down, and on the way up, at each size but the largest, which has one on the way up."""
    code: int = 128
    sound: int = 96
    mels: int = 64
    word_width: int = 384
    word_channels: int = 8
    fine: int = 16
    styles: int = 10
    hours: int = 8
    airs: int = 6
    rooms: int = 6
    ambiences: int = 7
    materials: int = 13


class Codes(NamedTuple):
    """What clips are as a whole."""

    picture: Tensor
    """(B, code) for the layers that see."""
    sound: Tensor
    """(B, code) for those that hear."""
    grade: Tensor
    """(B, GRADE)."""
    laws: Tensor
    """(B, LAW)."""


class Seen(NamedTuple):
    """What the network predicts."""

    picture: Tensor
    """(N, 3, h, w) as displayed, 0 to 1."""
    mel: Tensor
    """(B, mels, T)."""
    features: Tensor
    """For ``fine``."""
    grade: Tensor
    """(N, GRADE)."""
    taken: Taken
    """What the picture was graded from."""
    keys: Keys

    def some(self, frames: slice) -> Seen:
        """Only those frames, for the fine head."""
        keys = Keys(*(key[frames] for key in self.keys))
        return self._replace(features=self.features[frames], grade=self.grade[frames], keys=keys)


class Fine(NamedTuple):
    """Pictures (N, 3, H, W) at full size."""

    picture: Tensor
    """As displayed, about 0 to 1."""
    taken: Taken


class Network(nn.Module):
    """Joint U-Net. ``stem`` once for a clip, ``forward`` for each step, ``fine`` once at the end."""

    of_cover: Tensor
    of_air: Tensor
    looks: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        a, b, c, d = config.widths
        code, blocks = config.code, config.blocks
        self.pool = WordPool(config.word_width, 8, code)
        self.names = nn.Linear(code, config.hours + config.airs + config.rooms + config.ambiences)
        self.material = nn.Linear(config.word_width, config.materials + 1)
        self.style = nn.Embedding(config.styles + 1, code)
        closed = ENCLOSED.stop - ENCLOSED.start
        self.figures = nn.Linear(FIGURES.stop + 3 + config.hours + config.airs + TURNS, code)
        self.mix = nn.Sequential(nn.SiLU(), nn.Linear(code, code), nn.SiLU())
        self.sounds = nn.Linear(config.airs + config.rooms + config.ambiences + closed + TURNS, code)
        self.mix_sound = nn.Sequential(nn.SiLU(), nn.Linear(code, code), nn.SiLU())
        self.grade, self.seen_grade = blank(nn.Linear(code, GRADE)), blank(nn.Linear(d, GRADE))
        self.one_size = nn.LayerNorm(d, elementwise_affine=False)
        self.register_buffer("of_cover", _which("covering"), persistent=False)
        self.register_buffer("of_air", _which("thick"), persistent=False)
        self.named_grade = blank(nn.Linear(config.hours + config.airs + closed, GRADE, bias=False))

        self.made_of = nn.Linear(config.materials, config.word_channels, bias=False)
        self.register_buffer("looks", looks()[: config.materials], persistent=False)
        self.stem_told = conv(CHANNELS + 2 + config.word_channels, a)
        self.stem_noisy = conv(3, a)
        self.film = blank(nn.Linear(code, 2 * a))
        self.down_1, self.in_1 = conv(a, b, stride=2), Residuals(blocks, b, code)
        self.down_2, self.in_2 = conv(b, c, stride=2), Residuals(blocks, c, code)
        self.down_3, self.in_3 = conv(c, d, stride=2), Residuals(blocks, d, code)
        self.joint = Joint(d, code)
        self.out_3 = Residuals(blocks, d, code)
        self.up_2, self.merge_2, self.out_2 = conv(d, c, 1), conv(2 * c, c), Residuals(blocks, c, code)
        self.up_1, self.merge_1, self.out_1 = conv(c, b, 1), conv(2 * b, b), Residuals(blocks, b, code)
        self.up_0, self.merge_0, self.norm_0 = conv(b, a, 1), conv(2 * a, a), PixelNorm(a)
        self.out_0 = Residual(a, code)
        self.film_0 = blank(nn.Linear(code, 2 * a))
        self.head = blank(conv(a, FIELD_CHANNELS))

        fine_planes = sum(WHERE[name].stop - WHERE[name].start for name in FINE)
        self.fine_down, self.fine_told = conv(a + FIELD_CHANNELS, config.fine, 1), conv(fine_planes, config.fine, 1)
        self.fine_film = blank(nn.Linear(code, 2 * config.fine))
        self.fine_mix = conv(config.fine, config.fine)
        self.fine_head = blank(conv(config.fine, FIELD_CHANNELS, 1))

        wide = config.sound
        self.hear = nn.Conv1d(2 * config.mels, wide, 3, padding=1, padding_mode="replicate")
        self.hear_1, self.hear_2 = Residual1d(wide, code), Residual1d(wide, code)
        self.to_slot, self.from_slot = nn.Linear(wide, d), nn.Linear(d, wide)
        self.slot = nn.Parameter(torch.zeros(SLOTS, d))
        self.say_1, self.say_2 = Residual1d(wide, code), Residual1d(wide, code)
        self.laws = blank(nn.Linear(code, LAW))
        self.named_laws = blank(nn.Linear(config.airs + config.rooms + config.ambiences + closed, LAW, bias=False))
        self.blows = Blows()
        self.blow, self.lasting = nn.Parameter(torch.zeros(config.mels)), nn.Parameter(torch.zeros(1))
        self.say = blank(nn.Conv1d(wide, config.mels, 3, padding=1, padding_mode="replicate"))

    def channels_last(self) -> Network:
        """The network with its kernels laid out as pictures are, which is what the processor's convolutions want."""
        for weights in self.parameters():
            if weights.ndim == 4:
                weights.data = weights.data.contiguous(memory_format=torch.channels_last)
        return self

    def codes(self, told: Told, time: Tensor) -> Codes:
        """What clips are at ``time`` (B,).

        Words have their say through the few names of the vocabulary alone, which are learnt from many prompts: a whole
        sentence tells a clip from all others, and would be learnt by heart.
        """
        named = [logits.detach().softmax(-1) for logits in self.named(told.states, told.known)]
        hour, air, room, ambience = named
        turns = time[:, None] * math.pi * 2.0 ** torch.arange(-1, TURNS // 2 - 1, dtype=time.dtype, device=time.device)
        when = torch.cat([turns.sin(), turns.cos()], 1)
        plain, closed = told.numbers[:, PLAIN_LIGHT, None], told.numbers[:, ENCLOSED]
        seen, heard = torch.cat([hour * plain, air], 1), torch.cat([air, room, ambience, closed], 1)
        hazy = told.numbers[:, AMBIENT] - told.numbers[:, LEVEL]
        figures = torch.cat([told.numbers[:, FIGURES], hazy, seen, when], 1)
        picture = self.mix(self.figures(figures) + self.style(told.style))
        sound = self.mix_sound(self.sounds(torch.cat([heard, when], 1)))
        grade = self.grade(picture) + self.named_grade(torch.cat([seen, closed], 1)) + mooded(told.mood)
        # clear air takes nothing away and covers nothing
        clear = air[:, :1]
        grade = grade * torch.where(self.of_cover, 1 - clear, 1.0)
        grade = grade + torch.where(self.of_air, (1 - clear).clamp(min=1e-6).log(), 0.0)
        return Codes(picture, sound, grade, self.laws(sound) + self.named_laws(heard))

    def named(self, states: Tensor, known: Tensor) -> tuple[Tensor, ...]:
        """Logits (B, hours), (B, airs), (B, rooms), (B, ambiences): what prompts name, from (B, T, word_width) states
        and which are ``known``."""
        config = self.config
        logits = self.names(self.pool(states, known))
        return logits.split([config.hours, config.airs, config.rooms, config.ambiences], -1)

    def stem(self, told: Told) -> Tensor:
        """(N, a, h, w): what does not change from step to step."""
        small = self._said(told.small())
        said = self._of_bodies(small, self.made_of(self._materials(told.texts)))
        return self.stem_told(
            torch.cat([small.planes, small.place, said], 1).contiguous(memory_format=torch.channels_last)
        )

    def _of_bodies(self, told: Told, table: Tensor) -> Tensor:
        """(N, C, H, W): of (B, R, C) what each pixel's body has."""
        rows = told.rows.long()
        if len(table) > 1:
            clip = torch.arange(len(rows), device=rows.device) // told.frames
            rows = rows + (clip * table.shape[1])[:, None, None]
        return functional.embedding(rows, table.flatten(0, 1)).permute(0, 3, 1, 2)

    def _materials(self, texts: Tensor) -> Tensor:
        """(B, R, materials) shares of what bodies are said to be made of; zeros where nothing is said."""
        said = self.material(texts).detach().softmax(-1)[..., :-1]
        return said * (texts.abs().sum(-1, keepdim=True) > 0)

    def forward(
        self, told: Told, stem: Tensor, noisy: Tensor, noisy_mel: Tensor, time: Tensor, joined: bool = True
    ) -> Seen:
        """One prediction from ``noisy`` (N, 3, h, w) and ``noisy_mel`` (B, mels, T) at ``time`` (B,), 1 all noise."""
        return self._seen(told, *self.predict(told, stem, noisy, noisy_mel, time, joined))

    def predict(
        self, told: Told, stem: Tensor, noisy: Tensor, noisy_mel: Tensor, time: Tensor, joined: bool = True
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The same before it is put together: (N, a + FIELD_CHANNELS, h, w) features, the last of which are the fields, (N,
        GRADE) grades, (B, mels, T)."""
        frames = told.frames
        codes = self.codes(told, time)
        each = _each(codes.picture, frames)
        *levels, x = self._looked(stem, noisy, each)
        x, heard = self._meet(x, self._hear(told, noisy_mel, codes.sound), codes.picture, frames, joined)
        mel = self._say(told, heard, codes)

        level_0, level_1, level_2 = levels
        x = self.out_3(x, each)
        grade = _each(codes.grade, frames) + self.seen_grade(self.one_size(x.mean((2, 3))))
        x = self.out_2(self.merge_2(torch.cat([_twice(self.up_2(x)), level_2], 1)), each)
        x = self.out_1(self.merge_1(torch.cat([_twice(self.up_1(x)), level_1], 1)), each)
        scale, shift = self.film_0(each)[..., None, None].chunk(2, 1)
        x = self.norm_0(self.merge_0(torch.cat([_twice(self.up_0(x)), level_0], 1)))
        x = self.out_0(functional.silu(x * (1 + scale) + shift), each)
        fields = self.head(x)
        return torch.cat([x, fields], 1), grade, mel

    def _seen(self, told: Told, features: Tensor, grade: Tensor, mel: Tensor) -> Seen:
        taken = compose(features[:, -FIELD_CHANNELS:], grade, self.shown(told.small()))
        if told.keys is None:
            keys = keys_of(taken, told.frames)
        else:
            keys = Keys(*told.keys.repeat_interleave(told.frames, 0).unbind(1))
        picture = graded(told.style.repeat_interleave(told.frames), taken, keys)
        return Seen(picture, mel, features, grade, taken, keys)

    def listen(self, told: Told, noisy: Tensor, noisy_mel: Tensor, time: Tensor, joined: bool = True) -> Tensor:
        """The sound of ``forward`` without its picture, at less than half the work: (B, mels, T)."""
        codes = self.codes(told, time)
        *_, x = self._looked(self.stem(told), noisy, _each(codes.picture, told.frames))
        heard = self._hear(told, noisy_mel, codes.sound)
        _, heard = self._meet(x, heard, codes.picture, told.frames, joined)
        mel = self._say(told, heard, codes)
        return self.foretold(told, mel) if joined else mel

    def _looked(self, stem: Tensor, noisy: Tensor, each: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What is seen at the U-Net's four sizes."""
        scale, shift = self.film(each)[..., None, None].chunk(2, 1)
        level_0 = functional.silu((stem + self.stem_noisy(noisy)) * (1 + scale) + shift)
        level_1 = self.in_1(self.down_1(level_0), each)
        level_2 = self.in_2(self.down_2(level_1), each)
        return level_0, level_1, level_2, self.in_3(self.down_3(level_2), each)

    def alone(self, told: Told, noisy_mel: Tensor, time: Tensor) -> Tensor:
        """(B, mels, T): the sound's prediction without pictures, whose planes may be of any size then."""
        codes = self.codes(told, time)
        return self._say(told, self._hear(told, noisy_mel, codes.sound), codes)

    def _hear(self, told: Told, noisy_mel: Tensor, code: Tensor) -> Tensor:
        heard = self.hear(torch.cat([noisy_mel, told.mel], 1))
        return self.hear_2(self.hear_1(heard, code), code)

    def struck(self, told: Told) -> Tensor:
        """Logits (B, F) of a blow in each frame, as the pictures tell of it."""
        x, y = told.place[0, 0, 0], told.place[0, 1, :, 0]
        # what was padded lies beyond the picture
        cells = breaks(told.planes[:, :, : int((y < 1).sum()), : int((x < 1).sum())])
        return self.blows(cells.reshape(-1, told.frames, *cells.shape[1:]))

    def foretold(self, told: Told, mel: Tensor) -> Tensor:
        """``mel`` (B, mels, T) with the blows that pictures tell of, where there are no stems, which know better."""
        unknown = told.mel.amax((1, 2)) < SILENCE + 0.1
        if not unknown.any():
            return mel
        struck = largest(self.struck(told)) * unknown[:, None]
        return mel + strike(struck, mel.shape[-1], self.blow, self.lasting)

    def _say(self, told: Told, heard: Tensor, codes: Codes) -> Tensor:
        more = self.say(functional.silu(self.say_2(self.say_1(heard, codes.sound), codes.sound)))
        return resound(told.mel, codes.laws) + more

    def fine(self, told: Told, seen: Seen, time: Tensor) -> Fine:
        """At full size: the fields, enlarged and refined by the planes, on the full-size guide."""
        taken = self.take(told, seen.features, seen.grade, time)
        return Fine(graded(told.style.repeat_interleave(told.frames), taken, seen.keys), taken)

    def take(self, told: Told, features: Tensor, grade: Tensor, time: Tensor) -> Taken:
        """The same before it is graded."""
        height, width = told.planes.shape[-2:]
        told = self._said(told, of_bytes=True)
        code = self.codes(told, time).picture
        planes = torch.cat([told.planes[:, WHERE[name]] for name in FINE], 1)
        x = enlarge(self.fine_down(features), height, width) + self.fine_told(planes)
        scale, shift = self.fine_film(_each(code, told.frames))[..., None, None].chunk(2, 1)
        x = functional.silu(x * (1 + scale) + shift)
        x = functional.silu(self.fine_mix(x))
        fields = enlarge(features[:, -FIELD_CHANNELS:], height, width) + self.fine_head(x)
        return compose(fields, grade, _shown(told))

    def shown(self, told: Told) -> Shown:
        """What a picture is put together from."""
        return _shown(self._said(told))

    def _said(self, told: Told, of_bytes: bool = False) -> Told:
        """Under as much light as any, with the materials that words say of bodies; ``of_bytes`` as for ``exposed``."""
        gain = _each(exposure(told.numbers), told.frames)
        told = told._replace(planes=exposed(told.planes, gain, of_bytes))
        materials = self._materials(told.texts)
        said = torch.cat([materials.sum(-1, keepdim=True), materials @ self.looks], -1)
        return told._replace(planes=laid(told.planes, self._of_bodies(told, said)))

    def _meet(self, x: Tensor, heard: Tensor, code: Tensor, frames: int, joined: bool) -> tuple[Tensor, Tensor]:
        """Picture and sound after they have met."""
        batch, (_, channels, height, width) = len(code), x.shape
        picture = x.permute(0, 2, 3, 1).reshape(batch, frames, height * width, channels)
        slots = functional.interpolate(heard, frames * SLOTS, mode="linear", align_corners=False)
        sound = self.to_slot(slots.transpose(1, 2)).reshape(batch, frames, SLOTS, channels) + self.slot
        picture, after = self.joint(picture, sound, code, joined)
        told = self.from_slot(after - sound).reshape(batch, frames * SLOTS, -1).transpose(1, 2)
        heard = heard + functional.interpolate(told, heard.shape[-1], mode="linear", align_corners=False)
        return picture.reshape(-1, height, width, channels).permute(0, 3, 1, 2), heard


def _shown(told: Told) -> Shown:
    """Of what is exposed."""
    planes = told.planes
    parts = {name: planes[:, WHERE[plane]] for name, plane in SHOWN.items()}
    upward = planes[:, WHERE["upward"]] * 2 - 1
    metres = HALF_DEPTH / parts.pop("depth").clamp(min=NEAREST_NOTHING) - HALF_DEPTH
    gain, ambient = (
        _each(of_clip, told.frames)[..., None, None]
        for of_clip in (exposure(told.numbers), told.numbers[:, AMBIENT].exp())
    )
    return Shown(metres=metres, upward=upward, gain=gain, ambient=ambient, **parts)


def _each(of_clips: Tensor, frames: int) -> Tensor:
    """(B x ``frames``, C): what clips (B, C) have, for each of their frames."""
    return of_clips.expand(frames, -1) if len(of_clips) == 1 else of_clips.repeat_interleave(frames, 0)


def _which(*names: str) -> Tensor:
    """(GRADE,) true for those of GRADES."""
    return torch.cat([torch.full((count,), name in names) for name, count in GRADES])


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")
