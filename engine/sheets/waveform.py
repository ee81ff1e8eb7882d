"""The sound as drawn: waveform and spectrogram on the shot's clock, with its contacts."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from scipy.signal import spectrogram

from sora_addon.contract import SAMPLE_RATE, Shot, read_shot, read_take

from ..media.sound_file import read_sound

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

COLOURS = {
    "impact": "#d62728",
    "step": "#9467bd",
    "splash": "#1f77b4",
    "close": "#8c564b",
    "roll": "#2ca02c",
    "slide": "#ff7f0e",
}


def sound_plot(take_folder: Path, shot_folder: Path, target: Path) -> None:
    """Write a PNG: contacts as lines (at once) and bars (lasting), over the waveform and the spectrogram."""
    take = read_take(take_folder)
    shot = read_shot(shot_folder)
    samples, _ = read_sound(take_folder / take.files.sound)
    mono = samples.mean(axis=1)
    figure, (wave, spectrum) = plt.subplots(
        2, 1, figsize=(12, 6), sharex=True, gridspec_kw={"height_ratios": [2, 3]}, layout="constrained"
    )
    seconds = np.arange(len(mono)) / SAMPLE_RATE
    wave.plot(seconds, mono, color="#333333", linewidth=0.4)
    wave.set_ylim(-1, 1)
    wave.set_ylabel("amplitude")
    _contacts(wave, shot)
    frequencies, times, power = spectrogram(mono, SAMPLE_RATE, nperseg=1024, noverlap=768)
    decibels = 10 * np.log10(power + 1e-14)
    spectrum.pcolormesh(
        times, frequencies, decibels, vmin=decibels.max() - 90, cmap="magma", shading="auto", rasterized=True
    )
    spectrum.set_yscale("symlog", linthresh=500)
    spectrum.set_ylim(0, 20_000)
    spectrum.set_ylabel("hertz")
    spectrum.set_xlabel("seconds from the first frame")
    wave.set_xlim(0, float(shot.time.duration))
    wave.set_title(f"{shot.name}: sound against {len(shot.contacts)} contacts", loc="left", fontsize=10)
    figure.savefig(target, dpi=110)
    plt.close(figure)


def _contacts(axes: Axes, shot: Shot) -> None:
    named: set[str] = set()
    for contact in shot.contacts:
        label = None if contact.kind in named else contact.kind
        named.add(contact.kind)
        colour = COLOURS[contact.kind]
        if contact.until is None:
            axes.axvline(contact.time, color=colour, linewidth=0.9, alpha=0.8, label=label)
        else:
            axes.axvspan(contact.time, contact.until, ymax=0.06, color=colour, alpha=0.5, label=label)
    if named:
        axes.legend(loc="upper right", fontsize=8, ncols=len(named))
