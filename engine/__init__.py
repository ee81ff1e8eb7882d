"""The engine: from a shot folder to a take folder. It never imports bpy."""

import os

# OpenCV reads this once, when it is loaded, and refuses larger pictures by their header, before it takes memory for them.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 27))
# onnxruntime, which looks at pictures and which diffusers imports too, reports to its makers over the network from 1.32 on,
# from the moment of its import and whatever it is told after.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
