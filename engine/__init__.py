"""The engine: from a shot folder to a take folder. It never imports bpy."""

import os

# OpenCV reads this once, when it is loaded, and refuses larger pictures by their header, before it takes memory for them.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 27))
