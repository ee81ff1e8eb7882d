"""What turns samples of the scene into passes: the GPU where one can be had, Cycles elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from ..contract import Light, Material, Size, Time
from .gbuffer import Arrays, GBufferDrawer
from .gpu_scene import GpuScene, NoGpu, start_gpu
from .lighting import Lighting
from .sample import Sample


class Painter(Protocol):
    """Paints the passes of frames, asked for in order."""

    kind: Literal["gpu", "cycles"]
    note: str
    """What the artist should know about how the passes come about; empty where there is nothing to say."""

    def paint(
        self, before: Sample, here: Sample, following: Sample, lights: Sequence[Light], materials: Sequence[Material]
    ) -> Arrays:
        """(height, width) arrays by channel name of ``contract.passes_of(len(lights))``."""
        ...


def painter_for(scene: Any, time: Time, size: Size) -> Painter:
    """The GPU's painter, or Cycles' where no GPU context can be made."""
    try:
        start_gpu()
    except NoGpu as error:
        from .cycles import CyclesPainter

        return CyclesPainter(scene, size, str(error))
    return GpuPainter(time, size)


class GpuPainter:
    """Our own shaders on one G-buffer."""

    kind: Literal["gpu", "cycles"] = "gpu"
    note = ""

    def __init__(self, time: Time, size: Size) -> None:
        """Needs ``start_gpu`` first."""
        self._size = size
        self._scene = GpuScene(float(1 / time.rate))
        self._drawer = GBufferDrawer(size.width, size.height)
        self._lighting: Lighting | None = None
        self._materials = 0

    def paint(
        self, before: Sample, here: Sample, following: Sample, lights: Sequence[Light], materials: Sequence[Material]
    ) -> Arrays:
        self._scene.update(before, here, following)
        gbuffer = self._drawer.draw(self._scene, here.camera, before.camera, following.camera)
        if self._lighting is None or len(materials) != self._materials:  # its table has a row a material
            self._lighting = Lighting(self._scene, lights, materials, self._size)
            self._materials = len(materials)
        return gbuffer.read() | self._lighting.render(here, gbuffer)
