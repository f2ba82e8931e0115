"""A page that holds a whole film: every frame inside it, a slider, and no network."""

from __future__ import annotations

import base64
import io
import json
import re
from html import escape

from glassnet.plots.films.palette import Palette
from glassnet.plots.films.scene import Pixels, Scene
from glassnet.plots.style import INK, LINE_COLORS, MUTED, PAPER, RULE

__all__ = ["page"]


def page(scene: Scene, fps: float, hold: float) -> str:
    """Return the HTML of a film, which plays by itself or by its slider.

    Parameters
    ----------
    scene : Scene
    fps : float
        Frames a second.
    hold : float
        Seconds that the last frame stays.
    """
    palette = Palette(scene)
    frames = [_packed(pixels, palette) for pixels in scene.frames()]
    height, width, _ = scene.frame(0).shape
    facts = {"frames": frames, "labels": list(scene.labels), "fps": fps, "hold": hold}
    values = {
        "TITLE": escape(scene.title or "Film"),
        "WIDTH": str(width),
        "HEIGHT": str(height),
        "LAST": str(len(frames) - 1),
        "FACTS": json.dumps(facts).replace("<", "\\u003c"),
        "INK": INK,
        "MUTED": MUTED,
        "RULE": RULE,
        "PAPER": PAPER,
        "ACCENT": LINE_COLORS[0],
    }
    # In one go: a title may hold such a mark itself.
    return re.sub("%([A-Z]+)%", lambda found: values[found[1]], _PAGE)


def _packed(pixels: Pixels, palette: Palette) -> str:
    """Return a frame as the text of a PNG."""
    buffer = io.BytesIO()
    palette.image(palette.indices(pixels)).save(buffer, format="PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%TITLE%</title>
<style>
body { margin: 0; padding: 12px; background: %PAPER%; color: %INK%;
  font: 15px/1.4 "DejaVu Sans", Verdana, system-ui, sans-serif; }
figure { margin: 0 auto; max-width: %WIDTH%px; }
img { display: block; width: 100%; height: auto; aspect-ratio: %WIDTH% / %HEIGHT%; }
.bar { display: flex; align-items: center; gap: 12px; padding-top: 10px; }
button { width: 44px; height: 36px; border: 1px solid %RULE%; border-radius: 6px;
  background: %PAPER%; color: %INK%; font-size: 16px; cursor: pointer; }
button:hover { border-color: %ACCENT%; }
input { flex: 1; min-width: 60px; accent-color: %ACCENT%; }
output { min-width: 7.5em; text-align: right; color: %MUTED%;
  font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<figure>
<img id="frame" alt="%TITLE%">
<div class="bar">
<button id="play" type="button" aria-label="play">&#9654;</button>
<input id="place" type="range" min="0" max="%LAST%" value="0" step="1" \
aria-label="moment of the film">
<output id="label" for="place"></output>
</div>
</figure>
<script>
const film = %FACTS%;
const frame = document.getElementById("frame"), place = document.getElementById("place");
const label = document.getElementById("label"), play = document.getElementById("play");
const last = film.frames.length - 1;
let timer = null;
function show(i) {
  frame.src = "data:image/png;base64," + film.frames[i];
  place.value = i;
  place.setAttribute("aria-valuetext", film.labels[i]);
  label.textContent = film.labels[i];
}
function pause() {
  clearTimeout(timer);
  timer = null;
  play.innerHTML = "&#9654;";
  play.setAttribute("aria-label", "play");
}
function wait(seconds) { timer = setTimeout(next, 1000 * seconds); }
function next() {
  const i = +place.value;
  show(i < last ? i + 1 : 0);
  wait(+place.value < last ? 1 / film.fps : film.hold);
}
function start() {
  play.innerHTML = "&#10074;&#10074;";
  play.setAttribute("aria-label", "pause");
  wait(+place.value < last ? 1 / film.fps : 0);
}
play.addEventListener("click", () => (timer === null ? start() : pause()));
place.addEventListener("input", () => { pause(); show(+place.value); });
function fit() {  // in a notebook: as high as the page is where its frame is narrow
  try {
    const around = window.frameElement;
    if (around) around.style.height = document.body.offsetHeight + "px";
  } catch (error) { /* another origin's frame keeps the height it was given */ }
}
addEventListener("resize", fit);
fit();
show(0);
if (last > 0 && !matchMedia("(prefers-reduced-motion: reduce)").matches) start();
</script>
</body>
</html>
"""
