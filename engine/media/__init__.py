"""Frames, colour, clips and sound files: what is seen and heard, exact to the pixel and the sample."""
