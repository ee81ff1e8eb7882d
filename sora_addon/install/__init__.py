"""Makes the engine's environment, outside the add-on. No bpy here but in ``preferences``, ``operators`` and ``desk``.

    from sora_addon.install.places import installed_engine, state

``python -m sora_addon.install`` does the same from a terminal, under any Python 3.11 to 3.14.
"""
