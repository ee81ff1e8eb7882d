"""camera.rotation and camera.position: where the camera of the picture stood, frame by frame, against where it should.

A keyframe's picture, at first frame 0's, is carried by exact depth and camera into the view that the true camera has at
a later frame; what Shi-Tomasi features of that view are displaced by in the take is the camera's error alone. So every
frame is compared with its keyframe directly and nothing drifts in between, and scale, turn and perspective are already
taken out of what Lucas and Kanade's tracker must find. A new keyframe, once the old one has left the view, is carried
with the camera that was found for it, so that its error is passed on and not forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .camera_model import Doubles, pixel_centres, strictly_inside
from .figure import Figure
from .pose import FEWEST, Pose, departure, find_pose
from .truth import Gray, Picture, Truth, gray_of

Mask = NDArray[np.bool_]

WINDOW = 21
"""Pixels a side that the tracker compares, at ``LEVELS`` halvings of the picture and at its own size."""
LEVELS = 3
NARROW_WINDOW = 11
MOST_FEATURES = 400
SMALLEST_GRADIENT = 2.0
"""Codes a pixel: root mean square slope, in the flattest direction, of a patch that can be tracked."""
THERE_AND_BACK = 0.3
"""Pixels that a feature may miss its start by when it is tracked back."""
SAME_DEPTH = 0.02
RENEW = 0.5
"""Share of the first view of a keyframe, or of its features, below which the next keyframe is taken."""
GUIDE_AGREES = 0.5
"""Share of features that must fit one pose before the guide may tell where a picture's camera stood."""
DISPLACED = 0.35
"""Pixels, and ...
"""
BEYOND_SCATTER = 1.5
"""... times the scatter, that a picture must be displaced from its guide before it counts as displaced."""


@dataclass(frozen=True, eq=False)
class Keyframe:
    gray: Gray
    truth: Truth
    world: Doubles
    """Where its camera was found to stand."""


@dataclass(frozen=True, eq=False)
class Found:
    """The camera of one frame."""

    rotation: float
    position: float
    pose: Pose


class CameraHold:
    """Watches a clip and tells how far its camera is from the shot's."""

    def __init__(self) -> None:
        self.key: Keyframe | None = None
        self.found: dict[int, Found] = {}
        self.keys: list[int] = []
        self.frames = 0
        self.anchor = "assumed"
        self.first_view = 0
        self.first_features = 0
        self.error = np.eye(4)
        self.parallel = False

    def see(self, picture: Picture, truth: Truth) -> None:
        self.frames += 1
        self.parallel |= truth.camera.parallel
        gray = gray_of(picture)
        if self.key is None:
            self._anchor(gray, truth, assume=True)
            return
        view, seen = carried_view(self.key, truth, gray)
        pose = pose_in(view, seen, gray, truth, truth.camera.world @ self.error)
        if pose is None:
            # lost where nothing can be tracked, or at a cut: there the guide may help
            if seen.mean() < RENEW * max(truth.still.mean(), 1e-9):
                self._anchor(gray, truth, assume=False)
            return
        self._note(truth, pose)
        self.first_view = max(self.first_view, int(seen.sum()))
        self.first_features = max(self.first_features, pose.inliers)
        if seen.sum() < RENEW * self.first_view or pose.inliers < RENEW * self.first_features:
            self._take_key(gray, truth, pose.world)

    def _anchor(self, gray: Gray, truth: Truth, assume: bool) -> None:
        """A first keyframe: its camera from the guide where that can tell, else the shot's own."""
        pose = pose_by_guide(gray, truth)
        if pose is not None:
            shifted = displacement(truth, pose.world)
            world = pose.world if shifted > max(DISPLACED, BEYOND_SCATTER * pose.scatter) else truth.camera.world
            if not self.keys:
                self.anchor = "guide"
            self._take_key(gray, truth, world)
            if world is pose.world:
                self._note(truth, pose)
        elif assume:
            self._take_key(gray, truth, truth.camera.world)

    def _take_key(self, gray: Gray, truth: Truth, world: Doubles) -> None:
        self.key = Keyframe(gray, truth, world)
        self.keys.append(truth.index)
        self.first_view = self.first_features = 0

    def _note(self, truth: Truth, pose: Pose) -> None:
        self.error = np.linalg.inv(truth.camera.world) @ pose.world
        self.found[truth.index] = Found(*departure(pose.world, truth.camera), pose)

    def figures(self) -> list[Figure]:
        told = list(self.found.values())
        needed = max(1, (self.frames - 1) // 2)
        if len(told) < needed:
            note = (
                f"the camera could be found in {len(told)} of {self.frames} frames only: of what stands still fewer "
                f"than {FEWEST} features can be followed"
                if self.frames > 1
                else "one frame tells nothing of the camera's move"
            )
            return [
                Figure("camera.rotation", "degrees", None, note=note),
                Figure("camera.position", "m", None, note=note),
            ]
        shared = {
            "measured_frames": len(told),
            "frames": self.frames,
            "inlier_share": float(np.mean([found.pose.share for found in told])),
            "features": float(np.mean([found.pose.inliers for found in told])),
            "scatter_px": float(np.mean([found.pose.scatter for found in told])),
            "keyframes": self.keys,
            "anchor": self.anchor,
        }
        note = "" if self.anchor == "guide" else "frame 0 could not be held against the guide and is taken to be right"
        if self.parallel:
            note = "; ".join(filter(None, [note, "the place along a parallel camera's axis cannot be seen"]))
        return [
            Figure(
                name,
                unit,
                float(np.mean(values)),
                {
                    "mean": float(np.mean(values)),
                    "max": float(np.max(values)),
                    "worst_frame": list(self.found)[int(np.argmax(values))],
                    "standard_error": float(np.mean(errors)),
                    "by_frame": {str(index): round(value, 6) for index, value in zip(self.found, values, strict=True)},
                    **shared,
                },
                note,
            )
            for name, unit, values, errors in (
                (
                    "camera.rotation",
                    "degrees",
                    [found.rotation for found in told],
                    [found.pose.rotation_error for found in told],
                ),
                (
                    "camera.position",
                    "m",
                    [found.position for found in told],
                    [found.pose.position_error for found in told],
                ),
            )
        ]


def carried_view(key: Keyframe, truth: Truth, gray: Gray) -> tuple[Gray, Mask]:
    """The keyframe's picture as the true camera of ``truth`` would see it, and where that is known.

    Elsewhere ``gray``, the take's own picture, stands in, so that coarse levels of the tracker find no false border.
    """
    height, width = truth.body.shape
    pixels = pixel_centres(height, width)
    points = truth.camera.points(pixels, np.where(truth.still, truth.depth, np.nan))
    there, depth = key.truth.camera.see(points)
    nearness = inverse_depth(key.truth)
    # a plane's inverse depth is linear in the picture, so that sampling between pixels is exact on it
    expected = sample(nearness, there)
    hit = np.abs(expected * depth - 1) < SAME_DEPTH
    if key.truth.camera.parallel:
        hit = np.abs(1 / np.maximum(expected, 1e-9) - depth) < SAME_DEPTH * np.abs(depth)
    drawn_from = there if key.world is key.truth.camera.world else key.truth.camera.placed(key.world).see(points)[0]
    seen = truth.still & hit & strictly_inside(drawn_from, 0.5, height, width)
    seen &= sample(key.truth.still.astype(np.float32), there) > 0.99
    drawn = cv2.remap(key.gray, *maps(drawn_from), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    view = np.where(seen, level_to(np.asarray(drawn, np.uint8), gray, seen), gray)
    return view.astype(np.uint8), seen


def pose_by_guide(gray: Gray, truth: Truth) -> Pose | None:
    """The camera of ``gray`` as far as the guide's features are found in it; None where they do not agree.

    From the true camera first; where that fails, from where SIFT (Lowe 2004) finds the guide's features again, which
    may be anywhere in the picture.
    """
    guide, picture = levelled(gray_of(truth.guide)), levelled(gray)
    for start in (lambda: truth.camera.world, lambda: far_pose(guide, picture, truth)):
        guess = start()
        pose = None if guess is None else pose_in(guide, truth.still, picture, truth, guess)
        if pose is not None and pose.share >= GUIDE_AGREES:
            return pose
    return None


def far_pose(guide: Gray, picture: Gray, truth: Truth) -> Doubles | None:
    """A rough camera-to-world matrix of ``picture`` from SIFT features of ``guide``."""
    finder = cv2.SIFT.create(nfeatures=1500)
    mask = (truth.still & ~leaps(truth)).astype(np.uint8)
    known, described = finder.detectAndCompute(guide, mask)
    found, sought = finder.detectAndCompute(picture, np.ones_like(mask))
    if described is None or sought is None or len(known) < FEWEST or len(found) < 2:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(described, sought, k=2)
    # Lowe's ratio: a match that a second one equals is none
    good = [first for first, second in pairs if first.distance < 0.8 * second.distance]
    if len(good) < FEWEST:
        return None
    here = np.array([known[match.queryIdx].pt for match in good]) + 0.5
    there = np.array([found[match.trainIdx].pt for match in good]) + 0.5
    whole = here.astype(np.intp)
    pose = find_pose(truth.camera, truth.camera.points(here, truth.depth[whole[:, 1], whole[:, 0]]), there)
    return None if pose is None else pose.world


def pose_in(view: Gray, seen: Mask, gray: Gray, truth: Truth, guess: Doubles) -> Pose | None:
    """The camera of ``gray``, a picture in which ``view``, exact at the true camera, is found again; None if it cannot be."""
    starts = features(view, seen, truth)
    if len(starts) < FEWEST:
        return None
    whole = starts.astype(np.intp)
    points = truth.camera.points(starts, truth.depth[whole[:, 1], whole[:, 0]])
    pose = None
    # wide patches find far displacements; narrow ones, started there, do not mix what parallax moves apart
    for window, levels in ((WINDOW, LEVELS), (NARROW_WINDOW, 0)):
        guessed = truth.camera.placed(guess if pose is None else pose.world).see(points)[0]
        ends, kept = track(view, gray, starts, np.where(np.isfinite(guessed), guessed, starts), window, levels)
        pose = find_pose(truth.camera, points[kept], ends[kept])
        if pose is None:
            return None
    return pose


def features(view: Gray, seen: Mask, truth: Truth) -> Doubles:
    """(N, 2) pixels of Shi-Tomasi corners (Good Features to Track, 1994) whose whole patch is known."""
    border = WINDOW // 2
    known = cv2.erode(seen.astype(np.uint8), np.ones((WINDOW, WINDOW), np.uint8), borderValue=0)
    known[cv2.dilate(leaps(truth).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = 0
    known[:border], known[-border:], known[:, :border], known[:, -border:] = 0, 0, 0, 0
    slopes = cv2.cornerMinEigenVal(view.astype(np.float32), 7)
    # OpenCV's Sobel is scaled such that a slope of g codes a pixel has the eigenvalue 4 g^2
    known[slopes <= 4 * SMALLEST_GRADIENT**2] = 0
    found = cv2.goodFeaturesToTrack(view, MOST_FEATURES, 1e-3, 7, mask=known, blockSize=7)
    return np.empty((0, 2)) if found is None else found.reshape(-1, 2).astype(np.float64) + 0.5


def track(
    first: Gray, second: Gray, starts: Doubles, guesses: Doubles, window: int, levels: int
) -> tuple[Doubles, Mask]:
    """Where ``starts`` (N, 2) lie in ``second``, and which are found back (Kalal 2010) from there."""

    def step(a: Gray, b: Gray, at: Doubles, guess: Doubles) -> tuple[Doubles, Mask]:
        ends, status, _ = cv2.calcOpticalFlowPyrLK(
            a,
            b,
            (at - 0.5).astype(np.float32).reshape(-1, 1, 2),
            (guess - 0.5).astype(np.float32).reshape(-1, 1, 2),
            winSize=(window, window),
            maxLevel=levels,
            criteria=(cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-3),
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        return ends.reshape(-1, 2).astype(np.float64) + 0.5, status.ravel() > 0

    ends, there = step(first, second, starts, guesses)
    back, home = step(second, first, ends, starts + (ends - guesses))
    inside = strictly_inside(ends, 0, *second.shape)
    return ends, there & home & inside & (np.linalg.norm(back - starts, axis=-1) < THERE_AND_BACK)


def displacement(truth: Truth, world: Doubles) -> float:
    """Pixels, median over what stands still, between the true camera's view and that from ``world``."""
    height, width = truth.body.shape
    pixels = pixel_centres(height, width)[truth.still][::16]
    moved, _ = truth.camera.placed(world).see(truth.camera.points(pixels, truth.depth[truth.still][::16]))
    return float(np.nanmedian(np.linalg.norm(moved - pixels, axis=-1)))


def levelled(gray: Gray) -> Gray:
    """Local contrast, so that a guide and a take of other light and colour look alike."""
    values = gray.astype(np.float32)
    mean = cv2.GaussianBlur(values, (0, 0), 8)
    spread = np.sqrt(np.maximum(cv2.GaussianBlur(values**2, (0, 0), 8) - mean**2, 0))
    return np.clip(128 + 40 * (values - mean) / (spread + 4), 0, 255).astype(np.uint8)


def level_to(drawn: Gray, gray: Gray, seen: Mask) -> NDArray[np.float32]:
    """``drawn`` with the brightness and contrast that ``gray`` has where both are seen."""
    values = drawn.astype(np.float32)
    if not seen.any():
        return values
    mean, spread = float(values[seen].mean()), float(values[seen].std())
    wanted, wide = float(gray[seen].mean()), float(gray[seen].std())
    gain = wide / spread if spread > 1 and 0.5 < wide / spread < 2 else 1.0
    return np.clip((values - mean) * gain + wanted + 0.5, 0, 255)


def leaps(truth: Truth) -> Mask:
    """Pixels beside a jump in depth, where the point that a feature belongs to is in doubt."""
    nearness = inverse_depth(truth)
    box = np.ones((3, 3), np.uint8)
    high, low = cv2.dilate(nearness, box), cv2.erode(nearness, box)
    return high > 1.1 * np.maximum(low, 1e-9)


def inverse_depth(truth: Truth) -> NDArray[np.float32]:
    return (1 / np.maximum(truth.depth, 1e-9)).astype(np.float32)


def maps(pixels: Doubles) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What cv2.remap takes; it counts from the centre of the first pixel."""
    place = np.nan_to_num(pixels - 0.5, nan=-1e4, posinf=-1e4, neginf=-1e4).clip(-1e4, 1e5).astype(np.float32)
    return np.ascontiguousarray(place[..., 0]), np.ascontiguousarray(place[..., 1])


def sample(plane: NDArray[np.float32], pixels: Doubles) -> NDArray[np.float32]:
    """``plane`` (H, W) between pixels, linearly; 0 outside."""
    drawn = cv2.remap(plane, *maps(pixels), cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(drawn, np.float32)
