"""Blocks a shot in Blender, sends what the scene knows to the engine, lays the take in the sequencer.

No bpy at module level: the engine imports ``sora_addon.contract`` from here.
"""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled."""
    from . import registration

    registration.unregister()
