"""The clip of a take: H.264 and AAC in MP4, every frame and every sample where it belongs.

Picture: BT.709 (primaries, transfer, matrix, limited range), 4:2:0. H.264 cannot crop 4:2:0 to an odd side, so an odd
width or height is coded 4:4:4: exact in Blender and in whatever decodes with FFmpeg, but browsers and hardware players
show only 4:2:0. There are no frames out of order, so nothing is delayed and no edit list moves the picture.

Sound: the encoder's priming is cut off by an edit list, as ISO/IEC 14496-12 (8.6.6) has it, so that sample 0 sounds with
frame 0; the edit's length tells the exact count of samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream
from numpy.typing import NDArray

from sora_addon.contract import SAMPLE_RATE, ContractError, Size, samples_of
from sora_addon.contract.shot import LARGEST_SIZE

from .whole import whole_file
from .ycbcr import Codes, Planes, to_planes, to_rgb

QUALITY = 12
CHROMA_OFFSET = -4
"""x264's constant rate factor, and how much finer chroma is quantised: colour bars come back within 2 codes."""
AAC_BITS = 256_000
AAC_FRAME = 1024
THREADS = 4
"""Of x264, fixed because its choices depend on their number."""
UNSPECIFIED = 2
"""A matrix that the file does not name (ITU-T H.273); BT.709 is taken for it."""
FINEST_CLOCK = 2**24
"""Ticks a second of the movie header's clock at most; 32 bits of it are then more than four minutes."""


@dataclass(frozen=True)
class ClipFacts:
    """What a clip holds, counted from its packets and not believed from its header."""

    frames: int
    rate: Fraction
    width: int
    height: int
    pixel_aspect: Fraction
    pixel_format: str
    colour: tuple[int, int, int]
    """Primaries, transfer and matrix as ITU-T H.273 numbers them; 1 1 1 is BT.709."""
    full_range: bool
    sample_rate: int
    """0 in a clip without sound."""
    samples: int
    """After the edit list: what a player plays."""

    @property
    def duration(self) -> Fraction:
        """Seconds of the picture."""
        return self.frames / self.rate


def write_clip(
    path: Path,
    frames: Iterable[Codes],
    samples: NDArray[np.float32],
    rate: Fraction,
    size: Size,
    quality: int = QUALITY,
) -> None:
    """Write the clip beside ``path`` and rename it when it is whole.

    ``frames`` are (height, width, 3) uint8, sRGB, one at a time; ``samples`` (N, 2) float32 at 48 kHz, N exactly what
    ``contract.samples_of`` gives for the frames; ``quality`` x264's rate factor, 0 (lossless) to 51.
    Raises ValueError where a frame or the samples do not fit, and OSError where they cannot be written.
    """
    if samples.ndim != 2 or samples.shape[1] != 2 or not np.isfinite(samples).all():
        raise ValueError(f"samples of the shape {samples.shape} are not (N, 2) finite numbers")
    with whole_file(path) as partial:
        clock = math.lcm(SAMPLE_RATE, rate.numerator)
        options = {"movflags": "+faststart", "movie_timescale": str(clock if clock <= FINEST_CLOCK else SAMPLE_RATE)}
        with av.open(str(partial), "w", format="mp4", container_options=options) as container:
            picture = _add_picture(container, rate, size, quality)
            sound = _add_sound(container)
            count = _mux(container, picture, sound, frames, samples, rate, size)
        if count == 0:
            raise ValueError("a clip needs one frame at least")
        if len(samples) != samples_of(count, rate):
            raise ValueError(f"{count} frames need {samples_of(count, rate)} samples, {len(samples)} were given")


def _add_picture(container: OutputContainer, rate: Fraction, size: Size, quality: int) -> VideoStream:
    even = size.width % 2 == 0 and size.height % 2 == 0
    options = {"crf": str(quality), "preset": "medium", "bf": "0", "g": str(max(1, round(rate / 2)))}
    options |= {"threads": str(THREADS), "x264-params": f"chroma-qp-offset={CHROMA_OFFSET}"}
    stream = container.add_stream("libx264", rate=rate, options=options)
    stream.width, stream.height = size.width, size.height
    stream.pix_fmt = "yuv420p" if even else "yuv444p"
    stream.time_base = 1 / rate
    context = stream.codec_context
    context.time_base = 1 / rate
    context.sample_aspect_ratio = Fraction(size.pixel_aspect).limit_denominator(1000)
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    context.colorspace = Colorspace.ITU709
    context.color_range = ColorRange.MPEG
    return stream


def _add_sound(container: OutputContainer) -> AudioStream:
    stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", format="fltp")
    stream.bit_rate = AAC_BITS
    stream.time_base = Fraction(1, SAMPLE_RATE)
    return stream


def _mux(
    container: OutputContainer,
    picture: VideoStream,
    sound: AudioStream,
    frames: Iterable[Codes],
    samples: NDArray[np.float32],
    rate: Fraction,
    size: Size,
) -> int:
    count = 0
    heard = 0
    for rgb in frames:
        if rgb.shape != (size.height, size.width, 3) or rgb.dtype != np.uint8:
            raise ValueError(f"frame {count} is {rgb.dtype} {rgb.shape}, uint8 {size.height, size.width, 3} is needed")
        frame = _video_frame(to_planes(rgb, halved=picture.pix_fmt == "yuv420p"))
        frame.pts, frame.time_base = count, 1 / rate
        container.mux(picture.encode(frame))
        count += 1
        # Sound goes in as far as the picture has come, so that the file is interleaved and nothing piles up in memory.
        while heard < min(len(samples), samples_of(count, rate)):
            block = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples[heard : heard + AAC_FRAME].T, np.float32), format="fltp", layout="stereo"
            )
            block.sample_rate, block.pts, block.time_base = SAMPLE_RATE, heard, Fraction(1, SAMPLE_RATE)
            container.mux(sound.encode(block))
            heard += AAC_FRAME
    container.mux(picture.encode(None))
    container.mux(sound.encode(None))
    return count


def _video_frame(planes: Planes) -> av.VideoFrame:
    height, width = planes.y.shape
    if planes.cb.shape == planes.y.shape:
        frame = av.VideoFrame.from_ndarray(np.stack([planes.y, planes.cb, planes.cr]), format="yuv444p")
    else:
        flat = np.concatenate([planes.y.ravel(), planes.cb.ravel(), planes.cr.ravel()])
        frame = av.VideoFrame.from_ndarray(flat.reshape(height * 3 // 2, width), format="yuv420p")
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.MPEG
    return frame


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    # Only MP4 and only as a file: a playlist in a clip's clothes could have FFmpeg read anything.
    try:
        with av.open(f"file:{path}", format="mp4", metadata_errors="replace") as container:
            if not container.streams.video:
                raise ContractError(path.name, "has no picture", "give an MP4 clip")
            # A codec that FFmpeg does not know has no context, whatever the types say.
            if any(stream.codec_context is None for stream in (*container.streams.video, *container.streams.audio)):
                raise ContractError(path.name, "is coded in a way that is not known", "give H.264 and AAC")
            context = container.streams.video[0].codec_context
            if not (0 < context.width <= LARGEST_SIZE and 0 < context.height <= LARGEST_SIZE):
                raise ContractError(path.name, f"is {context.width}x{context.height}, at most {LARGEST_SIZE} a side")
            yield container
    except FFmpegError as error:
        raise ContractError(path.name, f"cannot be read as a clip ({error.strerror})", "make it again") from error


def read_clip(path: Path) -> Iterator[Codes]:
    """Every frame of a clip in order, (H, W, 3) uint8, sRGB, by the BT.709 matrix.

    Reads 8-bit limited-range 4:2:0 and 4:4:4 MP4, as ``write_clip`` makes them. Raises ContractError for others.
    """
    with _opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "SLICE"  # frame threads would hold back, and read ahead of, what is asked for
        size = (stream.codec_context.width, stream.codec_context.height)
        for frame in container.decode(stream):
            if (frame.width, frame.height) != size:
                raise ContractError(path.name, "changes its size on the way", "make it again")
            yield to_rgb(_planes(frame, path.name))


def _planes(frame: av.VideoFrame, name: str) -> Planes:
    layout = frame.format.name
    if layout not in ("yuv420p", "yuv444p") or frame.color_range == ColorRange.JPEG:
        raise ContractError(name, f"holds {layout} frames", "give a limited-range yuv420p or yuv444p clip")
    if frame.colorspace not in (Colorspace.ITU709, UNSPECIFIED):
        raise ContractError(name, "is not tagged BT.709", "give a BT.709 clip")
    y, cb, cr = (
        np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    )
    if layout == "yuv420p" and (frame.width % 2 or frame.height % 2):
        raise ContractError(name, "has an odd side", "give a clip with even sides")
    return Planes(y, cb, cr)


def read_clip_sound(path: Path) -> tuple[NDArray[np.float32], int]:
    """(N, 2) float32 samples as a player plays them, priming and padding cut off by the edit list, and their rate.

    One channel is given on both sides. Raises ContractError for a clip without sound, or with more than two channels.
    """
    facts = clip_facts(path)
    blocks: list[NDArray[Any]] = []
    with _opened(path) as container:
        if not container.streams.audio:
            raise ContractError(path.name, "has no sound")
        resampler = av.AudioResampler(format="fltp")
        for frame in container.decode(container.streams.audio[0]):
            if frame.layout.nb_channels > 2:
                raise ContractError(path.name, f"has {frame.layout.nb_channels} channels of sound", "give stereo")
            blocks.extend(block.to_ndarray() for block in resampler.resample(frame))
    sound = np.concatenate(blocks, axis=1)[:, : facts.samples].T if blocks else np.zeros((0, 2), np.float32)
    return np.ascontiguousarray(np.broadcast_to(sound, (len(sound), 2)), np.float32), facts.sample_rate


def clip_facts(path: Path) -> ClipFacts:
    """What ``path`` holds. Raises ContractError where it is not an MP4 with a picture."""
    with _opened(path) as container:
        picture = container.streams.video[0]
        sound = container.streams.audio[0] if container.streams.audio else None
        frames = 0
        heard = Fraction(0)
        for packet in container.demux():
            if packet.pts is None or packet.is_discard:
                continue
            if packet.stream is picture:
                frames += 1
            elif packet.stream is sound and packet.time_base is not None:
                heard = max(heard, (packet.pts + (packet.duration or 0)) * packet.time_base)
        context = picture.codec_context
        if frames == 0 or not picture.average_rate:
            raise ContractError(path.name, "has no frames", "make it again")
        return ClipFacts(
            frames=frames,
            rate=Fraction(picture.average_rate),
            width=context.width,
            height=context.height,
            pixel_aspect=Fraction(context.sample_aspect_ratio or 1),
            pixel_format=context.pix_fmt or "",
            colour=(int(context.color_primaries), int(context.color_trc), int(context.colorspace)),
            full_range=context.color_range == ColorRange.JPEG,
            sample_rate=sound.codec_context.sample_rate if sound else 0,
            samples=round(heard * sound.codec_context.sample_rate) if sound else 0,
        )
