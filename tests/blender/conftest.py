"""What all tests in a Blender share: each file begins with a Blender that knows nothing of the add-on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _nothing_stays_registered() -> Iterator[None]:
    yield
    bpy = pytest.importorskip("bpy")
    from sora_addon import properties

    if hasattr(bpy.types.Scene, "sora"):  # an export's tests read what the artist set, without the rest of the add-on
        properties.detach()
        for cls in reversed(properties.CLASSES):
            bpy.utils.unregister_class(cls)
