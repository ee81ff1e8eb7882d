"""The extension's root: Blender demands it beside the manifest. It hands on, lazily, so that nothing else is disturbed."""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from .sora_addon import register

    register()


def unregister() -> None:
    """Called by Blender when the extension is disabled."""
    from .sora_addon import unregister

    unregister()
