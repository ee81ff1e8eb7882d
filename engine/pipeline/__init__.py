"""The one place that knows the order of stages, from a shot to ``deliver()``."""
