"""Simulations that are not baked run only when frames are stepped through in order, from where they start."""

from __future__ import annotations

from typing import Any

from .snapshot_caches import point_caches


def preroll(scene: Any, until: int) -> range:
    """The frames to step through before ``until`` so that every simulation stands there as it would after playing."""
    starts = [cache.frame_start for _, cache in point_caches(scene.objects, [scene]) if not cache.is_baked]
    for thing in scene.objects:
        starts += [scene.frame_start for modifier in thing.modifiers if _simulates(modifier)]
    return range(min([*starts, until]), until)


def _simulates(modifier: Any) -> bool:
    """Whether geometry nodes hold a simulation zone, however deeply, which is not baked for sure."""
    return modifier.type == "NODES" and modifier.node_group is not None and _has_zone(modifier.node_group, set())


def _has_zone(tree: Any, seen: set[Any]) -> bool:
    if tree in seen:
        return False
    seen.add(tree)
    return any(
        node.bl_idname == "GeometryNodeSimulationOutput"
        or (node.bl_idname == "GeometryNodeGroup" and node.node_tree is not None and _has_zone(node.node_tree, seen))
        for node in tree.nodes
    )
