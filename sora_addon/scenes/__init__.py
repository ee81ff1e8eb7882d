"""Scenes by procedure: the artist's example, and small ones in which one thing happens.

``python -m sora_addon.scenes demo --out FILE.blend`` writes one. Metres, kilograms, seconds; z up; 24 frames a second.
"""
