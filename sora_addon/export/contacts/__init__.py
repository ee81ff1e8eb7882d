"""What touches what, when, and how hard: solved from the trajectories that the frames show. Numpy alone."""

from .solve import EARTH, solve, solving
from .track import THRESHOLD, Clock, Drops, Threshold, Track

__all__ = ["EARTH", "THRESHOLD", "Clock", "Drops", "Threshold", "Track", "solve", "solving"]
