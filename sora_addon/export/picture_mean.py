"""The mean colour of an image, in scene-linear light."""

from __future__ import annotations

import bpy
import numpy as np

from .sample import Doubles
from .surface import Picture

_MANY_PIXELS = 1 << 22


def picture_mean(picture: Picture) -> tuple[float, float, float, float]:
    """(R, G, B, A) over all pixels, colours straight and scene linear; pink where the image cannot be read."""
    key = (picture.name, picture.library) if picture.library else picture.name
    red, green, blue, alpha = image_pixels(bpy.data.images[key]).reshape(-1, 4).mean(axis=0).tolist()
    return red, green, blue, alpha


def image_pixels(image: bpy.types.Image) -> Doubles:
    """(height, width, 4) scene linear, the lowest row first; images of more than 4 million pixels are thinned out.

    An image that has no pixels, a missing file say, is one pink pixel.
    """
    width, height = image.size
    if not width * height or (not image.has_data and not len(image.pixels)):
        return np.array([[[1.0, 0.0, 1.0, 1.0]]])
    pixels = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    grid = pixels.reshape(height, width, image.channels)
    step = max(1, int(np.ceil(np.sqrt(width * height / _MANY_PIXELS))))
    grid = grid[::step, ::step].astype(np.float64)
    full = np.ones((*grid.shape[:2], 4))
    full[..., : image.channels] = grid
    if image.channels < 3:
        full[..., :3] = grid[..., :1]
        full[..., 3] = grid[..., 1] if image.channels == 2 else 1.0
    if not image.is_float and not image.colorspace_settings.is_data and "sRGB" in image.colorspace_settings.name:
        low = full[..., :3] / 12.92
        full[..., :3] = np.where(full[..., :3] <= 0.04045, low, ((full[..., :3] + 0.055) / 1.055) ** 2.4)
    return full
