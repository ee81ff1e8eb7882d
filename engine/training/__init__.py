"""Data, loss, loop and evaluation of the built-in model; Blender is only called as a subprocess."""
