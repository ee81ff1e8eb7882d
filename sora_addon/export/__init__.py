"""Reading a scene exactly: from an evaluated Blender scene to a shot folder."""
