"""Data to learn from: clips on disk, made by a recipe and a seed (docs/data.md)."""
