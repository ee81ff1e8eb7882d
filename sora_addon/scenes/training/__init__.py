"""Scenes to learn from, made by procedure from a seed: ``python -m sora_addon.scenes.training --set look --seeds 1 2 --out DIR``.

A clip is drawn (``recipe``), built (places, things, events, moves, light, air), exported by the add-on's own exporter
and rendered by Cycles for the truth (``clip``). docs/data.md describes what comes out.
"""
