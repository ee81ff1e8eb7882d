from __future__ import annotations

import numpy as np
from made_shot import FALLING, MadeShot, camera_row
from measured_clip import MadeClip

from engine.measure.carry import landing, seen_again
from engine.measure.motion import MotionDropped, MotionWarp


def test_a_right_clip_leaves_little_and_drops_nothing(clip: MadeClip) -> None:
    assert clip.watched(MotionWarp(), clip.picture)["motion.warp"].value < 1.0
    dropped = clip.watched(MotionDropped(), clip.picture)["motion.dropped"]
    assert dropped.value == 0
    assert dropped.detail["judged_steps"] == 23


def test_one_frame_dropped_is_one_and_where_it_was(clip: MadeClip) -> None:
    """The clip goes on a frame early and holds its last."""
    figures = clip.watched(MotionDropped(), lambda i: clip.picture(min(i + (i >= 9), 23)))
    assert figures["motion.dropped"].value == 1
    assert figures["motion.dropped"].detail["dropped_before"] == [9]
    assert figures["motion.dropped"].detail["held_at"] == [23]


def test_one_frame_held_is_one(clip: MadeClip) -> None:
    """Frame 8 stands twice, and frame 9 is never seen."""
    figures = clip.watched(MotionDropped(), lambda i: clip.picture(8 if i == 9 else i))
    assert figures["motion.dropped"].value == 1
    assert figures["motion.dropped"].detail["held_at"] == [9]
    assert figures["motion.dropped"].detail["dropped_before"] == [10]


def test_the_first_and_the_last_step_are_watched_too(clip: MadeClip) -> None:
    first = clip.watched(MotionDropped(), lambda i: clip.picture(max(i, 1)))["motion.dropped"]
    assert (first.value, first.detail["held_at"]) == (1, [1])
    last = clip.watched(MotionDropped(), lambda i: clip.picture(min(i, 22)))["motion.dropped"]
    assert (last.value, last.detail["held_at"]) == (1, [23])


def test_three_frames_dropped_far_apart_are_three(clip: MadeClip) -> None:
    lost = {4, 11, 17}
    figures = clip.watched(MotionDropped(), lambda i: clip.picture(i - 1 if i in lost else i))
    assert figures["motion.dropped"].value == 3
    assert figures["motion.dropped"].detail["held_at"] == [4, 11, 17]


def test_a_dropped_frame_stands_out_of_the_warp(clip: MadeClip) -> None:
    right = clip.watched(MotionWarp(), clip.picture)["motion.warp"]
    wrong = clip.watched(MotionWarp(), lambda i: clip.picture(min(i + (i >= 9), 23)))["motion.warp"]
    assert wrong.detail["max"] > 3 * right.detail["max"]
    assert wrong.detail["worst_frame"] in (8, 22)


def test_a_still_shot_has_no_steps_to_tell() -> None:
    eye = np.array([-3.0, -4.0, 1.6])
    away = camera_row(eye, eye + np.array([-5.0, 5.0, -1.0]), 96, 64)
    clip = MadeClip(MadeShot(frames=4, camera_at=lambda seconds: away))
    assert FALLING not in clip.truths[0].body
    assert clip.watched(MotionDropped(), clip.picture)["motion.dropped"].value is None
    assert clip.watched(MotionWarp(), clip.picture)["motion.warp"].value < 0.1


def test_occlusion_is_exact(clip: MadeClip) -> None:
    """A point that counts as seen again must be the nearest thing along the next camera's ray; most such points count."""
    made = clip.made
    now, then = clip.truths[10], clip.truths[11]
    seconds = [made.seconds(made.first + index) for index in (10, 11)]
    height, width = now.body.shape
    points = now.camera.points(np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1) + 0.5, now.depth)
    points = points + (now.body == FALLING)[..., None] * (made.ball(seconds[1]) - made.ball(seconds[0]))
    _, depth = then.camera.see(points)
    rays = points - then.camera.world[:3, 3]
    nearest, _, _ = made._hit(np.broadcast_to(then.camera.world[:3, 3], rays.shape), rays, seconds[1])
    truly = (nearest > 0.999) & (depth > 0)
    seen = seen_again(now, then)
    assert not (seen & ~truly).any()
    place = landing(now)
    inside = (place > 2).all(-1) & (place < [width - 2, height - 2]).all(-1)
    assert seen[truly & inside].mean() > 0.93
