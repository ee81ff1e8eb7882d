"""The engine as a subprocess of Blender: JSON-RPC over stdio, a durable list of jobs, and a worker that is watched over.

Nothing heavy (numpy, torch, av) is imported here but by ``worker.py`` and what it imports: ``hello`` is answered at once.
"""

from .serve import serve

__all__ = ["serve"]
