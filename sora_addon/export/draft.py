"""The lit draft that artists see, worked out from passes by numpy. No bpy here: the engine uses it too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..contract import Material

Numbers = NDArray[np.floating]


def draft(
    base: Numbers,
    facing: Numbers,
    material: NDArray[np.integer],
    materials: Sequence[Material],
    light: Numbers,
    around: Numbers,
    world: Numbers,
) -> NDArray[np.float64]:
    """(H, W, 3) scene light, as ``shaders/preview.glsl`` without highlights; what lies behind all things is not drawn.

    ``base`` (H, W, 3); ``facing`` (H, W), z of the normal in the camera's axes; ``material`` (H, W) indices; ``light``
    (H, W, 3) of lamps and world together, ``around`` of the world alone; ``world`` (3,) its colour.
    """
    table = np.zeros((max((one.index for one in materials), default=0) + 1, 7))
    for one in materials:
        head_on = ((one.ior - 1.0) / (one.ior + 1.0)) ** 2
        table[one.index] = (one.roughness, one.metallic, one.transmission, head_on, *one.emission)
    look = table[material]
    roughness, metallic, transmission, head_on = (look[..., i : i + 1] for i in range(4))
    mirrors = head_on * (1.0 - metallic) + base * metallic
    mirrors = mirrors + (1.0 - mirrors) * (1.0 - np.abs(facing)[..., None]) ** 5 * (1.0 - roughness)
    rough = np.clip((roughness - 0.05) / 0.55, 0.0, 1.0)
    seen = world * (1.0 - rough) + (0.7 * around + 0.3 * light) * rough
    clear = transmission * (1.0 - metallic)
    matte = base * (1.0 - metallic) * (1.0 - mirrors) * (light * (1.0 - clear) + world * clear)
    return np.asarray(matte + mirrors * seen + look[..., 4:], np.float64)
