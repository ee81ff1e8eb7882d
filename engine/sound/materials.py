"""What the ear can tell of a material: stiffness, internal friction, surface, and how it swallows sound."""

from __future__ import annotations

from dataclasses import dataclass

from sora_addon.contract import Sound

OCTAVES = (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0)
"""Centre frequencies, Hz, of ``Acoustic.absorption``."""


@dataclass(frozen=True)
class Burst:
    """The broadband noise of two surfaces that meet: many asperities collide within the contact time."""

    center: float
    """Hz."""
    decay: float
    """Seconds to 1/e."""
    gain: float
    """Of its peak to the peak of the modes, for a metre a second."""


@dataclass(frozen=True)
class Grains:
    """A material that is made of pieces: each contact is a cloud of small ones."""

    center: float
    """Hz, median."""
    spread: float
    """Standard deviation of the natural logarithm of the frequency."""
    ring: float
    """Seconds to 1/e of one grain."""
    count: int
    """Grains of a hit at one metre a second."""
    length: float
    """Seconds over which the cloud thins out to 1/e."""
    gain: float
    """Of the cloud's peak to the peak of the modes."""


@dataclass(frozen=True)
class Acoustic:
    """Constants of a material.

    Density, Young's modulus and Poisson's ratio are handbook values (for rubber, flesh, snow and gravel dynamic ones).
    ``loss`` is tan(phi), the internal friction of van den Doel and Pai (Presence 7(4), 1998) after Wildes and Richards
    (1988), within the ranges that Klatzky, Pai and Krotkov (Presence 9(4), 2000) found to be heard as that material.
    ``absorption`` are random-incidence coefficients at ``OCTAVES`` from the usual tables (Vorlaender, Auralization,
    2008, annex).
    """

    density: float
    """kg/m3."""
    young: float
    """Pa."""
    poisson: float
    loss: float
    damping: float
    """1/s, the same for all modes: radiation and support."""
    thickness: float
    """Wall over size of a usual thing made of it."""
    fill: float
    """Share of its bounds that a usual thing made of it fills."""
    modes: int
    loudness: float
    """dB against steel for the same blow."""
    burst: Burst
    roughness: float
    """Metres between the bumps of its surface."""
    absorption: tuple[float, float, float, float, float, float]
    grains: Grains | None = None

    @property
    def bending_speed(self) -> float:
        """Speed of quasi-longitudinal waves in a plate, m/s."""
        return (self.young / (self.density * (1.0 - self.poisson**2))) ** 0.5


MATERIALS: dict[Sound, Acoustic] = {
    "generic": Acoustic(
        900, 4e9, 0.35, 0.030, 45, 0.06, 0.4, 10, -4, Burst(2200, 0.004, 0.35), 1.0e-3,
        (0.10, 0.09, 0.08, 0.08, 0.09, 0.10),
    ),
    "steel": Acoustic(
        7850, 2.0e11, 0.29, 0.0008, 2.0, 0.045, 0.35, 24, 0, Burst(6500, 0.0020, 0.35), 0.4e-3,
        (0.05, 0.04, 0.03, 0.03, 0.03, 0.03),
    ),
    "wood": Acoustic(
        650, 1.0e10, 0.35, 0.020, 30, 0.06, 0.5, 12, -2, Burst(2400, 0.0035, 0.40), 0.9e-3,
        (0.15, 0.11, 0.10, 0.07, 0.06, 0.07),
    ),
    "glass": Acoustic(
        2500, 7.0e10, 0.22, 0.0018, 4.0, 0.045, 0.2, 20, -1, Burst(8000, 0.0015, 0.30), 0.2e-3,
        (0.18, 0.06, 0.04, 0.03, 0.02, 0.02),
    ),
    "stone": Acoustic(
        2600, 5.0e10, 0.25, 0.012, 40, 0.11, 0.8, 12, -1, Burst(4200, 0.0025, 0.55), 1.2e-3,
        (0.02, 0.02, 0.03, 0.04, 0.05, 0.05),
    ),
    "ceramic": Acoustic(
        2300, 6.0e10, 0.22, 0.0045, 12, 0.055, 0.2, 18, -1, Burst(6000, 0.0018, 0.40), 0.4e-3,
        (0.01, 0.01, 0.01, 0.02, 0.02, 0.02),
    ),
    "rubber": Acoustic(
        1100, 8e6, 0.48, 0.25, 110, 0.30, 0.7, 6, -8, Burst(1300, 0.0045, 0.60), 1.5e-3,
        (0.04, 0.04, 0.08, 0.12, 0.10, 0.10),
    ),
    "plastic": Acoustic(
        1050, 2.4e9, 0.38, 0.030, 40, 0.06, 0.15, 12, -5, Burst(3000, 0.0030, 0.40), 0.7e-3,
        (0.10, 0.08, 0.06, 0.05, 0.05, 0.05),
    ),
    "cardboard": Acoustic(
        200, 1.0e9, 0.30, 0.09, 80, 0.04, 0.15, 8, -8, Burst(1800, 0.0050, 0.70), 1.2e-3,
        (0.20, 0.25, 0.20, 0.20, 0.25, 0.30), Grains(900, 0.5, 0.0025, 14, 0.035, 0.30),
    ),
    "cloth": Acoustic(
        300, 1.0e6, 0.30, 0.50, 250, 0.20, 0.3, 4, -18, Burst(650, 0.0120, 1.20), 0.8e-3,
        (0.07, 0.31, 0.49, 0.75, 0.70, 0.60), Grains(1100, 0.6, 0.0040, 40, 0.070, 0.50),
    ),
    "water": Acoustic(
        1000, 2.2e6, 0.45, 0.50, 200, 0.20, 1.0, 4, -4, Burst(1800, 0.0080, 1.00), 2.0e-3,
        (0.01, 0.01, 0.01, 0.02, 0.02, 0.03),
    ),
    "gravel": Acoustic(
        1600, 2.0e8, 0.30, 0.30, 220, 0.20, 1.0, 4, -4, Burst(3200, 0.0060, 1.00), 6.0e-3,
        (0.25, 0.60, 0.65, 0.70, 0.75, 0.80), Grains(3300, 0.45, 0.0012, 60, 0.080, 1.00),
    ),
    "snow": Acoustic(
        250, 5.0e6, 0.20, 0.60, 260, 0.20, 1.0, 4, -12, Burst(1500, 0.0120, 1.20), 2.5e-3,
        (0.45, 0.75, 0.90, 0.95, 0.95, 0.95), Grains(1500, 0.55, 0.0030, 90, 0.110, 0.90),
    ),
    "body": Acoustic(
        1000, 1.2e6, 0.45, 0.45, 140, 0.30, 0.6, 5, -9, Burst(1100, 0.0050, 0.80), 2.0e-3,
        (0.15, 0.25, 0.45, 0.50, 0.45, 0.40),
    ),
}  # fmt: skip


def pair_loudness(first: Sound, second: Sound) -> float:
    """Decibels against steel on steel for the same blow: the softer of the two cushions the harder."""
    low, high = sorted((MATERIALS[first].loudness, MATERIALS[second].loudness))
    return 0.6 * low + 0.4 * high
