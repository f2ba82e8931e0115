"""From frames to files: GIF by Pillow, MP4 by ffmpeg, a page with a slider by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from glassnet.plots.films.page import page
from glassnet.plots.films.palette import COLORS, Palette
from glassnet.plots.films.scene import Pixels, Scene

__all__ = ["WRITERS", "check_path"]

UNSEEN = 3
"""Difference of a pixel's red, green or blue, of 255, that nobody sees."""


def check_path(path: Any) -> Path:
    """Return where to write a film, once it is sure that it can be written there.

    Raises
    ------
    TypeError, ValueError
        If it is no path, or ends in none of .gif, .mp4 and .html.
    FileNotFoundError
        If its folder does not exist.
    RuntimeError
        For an MP4, if there is no ffmpeg.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a path ending in .gif, .mp4 or .html; got {path!r}")
    found = Path(path)
    if found.suffix.lower() not in WRITERS:
        raise ValueError(f"path must end in {', '.join(WRITERS)}; got {str(path)!r}")
    if not found.parent.is_dir():
        raise FileNotFoundError(f"path must lie in a folder that exists; got {str(path)!r}")
    if found.is_dir():
        raise ValueError(f"path must be that of a file; got the folder {str(path)!r}")
    if found.suffix.lower() == ".mp4" and shutil.which("ffmpeg") is None:
        raise RuntimeError(
            "an MP4 needs the program ffmpeg, which is not on the PATH: install it, or let "
            f"path end in .gif or .html; got {str(path)!r}"
        )
    return found


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a place to write to that becomes `path` at the end, or vanishes on an error."""
    path = path.resolve()  # a link goes on to lead where it led
    handle, name = tempfile.mkstemp(suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_gif(scene: Scene, path: Path, fps: float, hold: float) -> None:
    """Write a GIF that plays for ever."""
    frames = _changes(scene)
    step = max(2, round(100 / fps)) * 10  # in hundredths of a second; browsers slow down 1
    last = max(step, round(100 * hold) * 10)
    with _whole(path) as place, place.open("wb") as file:
        next(frames).save(
            file,
            format="GIF",
            save_all=True,
            append_images=frames,
            duration=[step] * (len(scene) - 1) + [last],
            loop=0,
            disposal=1,
            transparency=COLORS,
            optimize=False,
        )


def _changes(scene: Scene) -> Iterator[Any]:
    """Yield each frame as an image of what it changes, the rest transparent.

    A pixel that differs by no more than `UNSEEN` from what is shown stays as it is: that
    halves the file.
    """
    palette, shown = Palette(scene), None
    for pixels in scene.frames():
        indices = palette.indices(pixels)
        if shown is None:
            shown = pixels.astype(np.int16)
        else:
            changed = np.abs(pixels - shown).max(axis=2) > UNSEEN
            shown[changed] = pixels[changed]
            indices[~changed] = COLORS
        yield palette.image(indices)


def write_mp4(scene: Scene, path: Path, fps: float, hold: float) -> None:
    """Write an MP4 (H.264) that every browser and phone plays."""
    frames = scene.frames()
    first = next(frames)
    height, width, _ = first.shape
    with _whole(path) as place, tempfile.TemporaryFile() as said:
        command = [
            *("ffmpeg", "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"),
            *("-s", f"{width}x{height}", "-r", f"{fps:g}", "-i", "-", "-an"),
            *("-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white", "-pix_fmt", "yuv420p"),
            *("-c:v", "libx264", "-crf", "18", "-movflags", "+faststart", str(place)),
        ]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as process:
            assert process.stdin is not None
            try:
                _feed(process.stdin, first, frames, round(hold * fps))
            except BrokenPipeError:
                pass  # it has given up, and says why
            code = process.wait()
        if code:
            said.seek(0)
            words = said.read().decode(errors="replace").strip()
            raise RuntimeError(f"ffmpeg failed with status {code}: {words[-500:]}")


def _feed(pipe: IO[bytes], first: Pixels, frames: Iterator[Pixels], still: int) -> None:
    """Write every frame into a pipe, the last one over again, and close it."""
    with pipe:
        pixels = first
        pipe.write(pixels.tobytes())
        for pixels in frames:
            pipe.write(pixels.tobytes())
        for _ in range(still - 1):
            pipe.write(pixels.tobytes())


def write_html(scene: Scene, path: Path, fps: float, hold: float) -> None:
    """Write a page with a slider that needs no network."""
    text = page(scene, fps, hold)
    with _whole(path) as place:
        place.write_text(text, encoding="utf-8")


Writer = Callable[[Scene, Path, float, float], None]

WRITERS: dict[str, Writer] = {".gif": write_gif, ".mp4": write_mp4, ".html": write_html}
"""Ending of a path to what writes it: ``write(scene, path, fps, hold)``."""
