"""Small parts that the network is made of. Pictures are (N, C, H, W) in channels_last, sound is (B, C, T)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class PixelNorm(nn.Module):
    """Normalises the channels of each place by themselves, so that a tile or a window gives what the whole gives."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.gain = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        sides = range(2, x.ndim)
        last = x.permute(0, *sides, 1)
        normal = functional.layer_norm(last, (self.channels,), self.gain, None, 1e-4)
        return normal.permute(0, x.ndim - 1, *(side - 1 for side in sides))


def conv(inside: int, outside: int, size: int = 3, stride: int = 1) -> nn.Conv2d:
    """Borders repeat: zeros would draw a band about the picture."""
    return nn.Conv2d(inside, outside, size, stride, size // 2, padding_mode="replicate" if size > 1 else "zeros")


def blank(layer: nn.Conv2d | nn.Conv1d | nn.Linear) -> nn.Conv2d | nn.Conv1d | nn.Linear:
    """The layer with all weights at zero: what it feeds begins as if it were not there."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class Residual(nn.Module):
    """Two convolutions about a skip, scaled and shifted by the clip's code (FiLM: Perez et al., 2018)."""

    def __init__(self, channels: int, code: int) -> None:
        super().__init__()
        self.norm = PixelNorm(channels)
        self.first = conv(channels, channels)
        self.second = conv(channels, channels)
        self.film = blank(nn.Linear(code, 2 * channels))
        blank(self.second)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """``code`` (N, code) of each picture."""
        scale, shift = self.film(code)[..., None, None].chunk(2, 1)
        y = functional.silu(self.first(self.norm(x)) * (1 + scale) + shift)
        return x + self.second(y)


class Residuals(nn.ModuleList):
    """Some of them, one after another."""

    def __init__(self, count: int, channels: int, code: int) -> None:
        super().__init__(Residual(channels, code) for _ in range(count))

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        for block in self:
            x = block(x, code)
        return x


class Residual1d(nn.Module):
    """The same over time, for sound."""

    def __init__(self, channels: int, code: int, size: int = 5) -> None:
        super().__init__()
        self.norm = PixelNorm(channels)
        self.first = nn.Conv1d(channels, channels, size, padding=size // 2, padding_mode="replicate")
        self.second = nn.Conv1d(channels, channels, size, padding=size // 2, padding_mode="replicate")
        self.film = blank(nn.Linear(code, 2 * channels))
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        scale, shift = self.film(code)[..., None].chunk(2, 1)
        y = functional.silu(self.first(self.norm(x)) * (1 + scale) + shift)
        return x + self.second(y)


class WordPool(nn.Module):
    """A text to one vector: learned questions, each of which looks for the tokens that answer it."""

    def __init__(self, width: int, questions: int, out: int) -> None:
        super().__init__()
        self.key = nn.Linear(width, 64)
        self.value = nn.Linear(width, 32)
        self.questions = nn.Parameter(torch.randn(questions, 64) / 4)
        self.out = nn.Linear(questions * 32 + width, out)

    def forward(self, states: Tensor, known: Tensor) -> Tensor:
        """(B, T, width) states of tokens, (B, T) true where there is one, to (B, out)."""
        # no token may be known at all: the words were left out
        bias = torch.zeros_like(states[..., 0]).masked_fill(~known, -1e4)
        seen = functional.softmax(self.questions @ self.key(states).transpose(1, 2) / 4 + bias[:, None], -1)
        answers = seen @ self.value(states)
        some = known.any(1, keepdim=True)
        mean = (states * known[..., None]).sum(1) / known.sum(1, keepdim=True).clamp(min=1)
        answers = torch.cat([answers.flatten(1) * some, mean], 1)
        return self.out(answers)


class Joint(nn.Module):
    """Picture tokens and sound tokens of the same instants look at each other.

    A frame's picture looks at itself and at the sound from the frame before to the frame after; a frame's sound looks
    at the pictures and the sound of the same three. Nothing else meets, so the cost grows with length and no further.
    """

    def __init__(self, channels: int, code: int, heads: int = 5) -> None:
        super().__init__()
        self.heads = heads
        self.norm_picture, self.norm_sound = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.ask_picture, self.ask_sound = nn.Linear(channels, channels), nn.Linear(channels, channels)
        self.tell_picture, self.tell_sound = nn.Linear(channels, 2 * channels), nn.Linear(channels, 2 * channels)
        self.out_picture, self.out_sound = blank(nn.Linear(channels, channels)), blank(nn.Linear(channels, channels))
        self.norm_wide = nn.LayerNorm(channels)
        self.wide = nn.Linear(channels, 3 * channels)
        self.narrow = blank(nn.Linear(3 * channels, channels))
        self.film = blank(nn.Linear(code, 2 * channels))
        self.apart = nn.Parameter(torch.zeros(3, channels))
        """Tells what is of the frame before, of this one and of the one after."""

    def forward(self, picture: Tensor, sound: Tensor, code: Tensor, joined: bool = True) -> tuple[Tensor, Tensor]:
        """(B, F, P, C) picture tokens and (B, F, S, C) sound tokens; ``code`` (B, code).

        ``joined`` false keeps each to itself: what the ablation and shots without sound need.
        """
        p, s = self.norm_picture(picture), self.norm_sound(sound)
        told_p, told_s = self.tell_picture(p), self.tell_sound(s)
        near_s, there = self._near(told_s)
        near_p, _ = self._near(told_p)
        frames, tokens = picture.shape[1], picture.shape[2]
        own = torch.ones(1, frames, tokens, dtype=torch.bool, device=picture.device)
        sounds = there.repeat_interleave(sound.shape[2], 2)
        pictures = there.repeat_interleave(tokens, 2)
        if not joined:
            sounds_for_picture, pictures_for_sound = torch.zeros_like(sounds), torch.zeros_like(pictures)
        else:
            sounds_for_picture, pictures_for_sound = sounds, pictures
        picture = picture + self.out_picture(
            self._look(self.ask_picture(p), torch.cat([told_p, near_s], 2), torch.cat([own, sounds_for_picture], 2))
        )
        sound = sound + self.out_sound(
            self._look(self.ask_sound(s), torch.cat([near_p, near_s], 2), torch.cat([pictures_for_sound, sounds], 2))
        )
        scale, shift = self.film(code)[:, None, None].chunk(2, -1)
        wide = functional.gelu(self.wide(self.norm_wide(picture) * (1 + scale) + shift))
        return picture + self.narrow(wide), sound

    def _near(self, told: Tensor) -> tuple[Tensor, Tensor]:
        """(B, F, 3 T, 2 C) of the frames before, now and after, and (1, F, 3): which of those there are."""
        batch, frames, tokens, channels = told.shape
        apart = torch.cat([self.apart, self.apart], 1)[:, None]
        padded = functional.pad(told, (0, 0, 0, 0, 1, 1))
        near = torch.stack([padded[:, k : k + frames] + apart[k] for k in range(3)], 2)
        there = torch.ones(frames + 2, dtype=torch.bool, device=told.device)
        there[0] = there[-1] = False
        beside = torch.stack([there[k : k + frames] for k in range(3)], 1)
        return near.reshape(batch, frames, 3 * tokens, channels), beside[None]

    def _look(self, asked: Tensor, told: Tensor, seen: Tensor) -> Tensor:
        batch, frames, tokens, channels = asked.shape

        def heads(x: Tensor) -> Tensor:
            return x.reshape(batch * frames, x.shape[2], self.heads, channels // self.heads).transpose(1, 2)

        key, value = told.chunk(2, -1)
        mask = seen.expand(batch, -1, -1).reshape(batch * frames, 1, 1, -1)
        found = functional.scaled_dot_product_attention(heads(asked), heads(key), heads(value), attn_mask=mask)
        return found.transpose(1, 2).reshape(batch, frames, tokens, channels)
