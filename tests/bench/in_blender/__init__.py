"""Blender's side of the benchmark: what needs bpy, run in .venv or in a real Blender, and told as a line of JSON."""
