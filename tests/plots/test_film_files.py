"""Files of films: read back by Pillow, a page that needs nothing, ffmpeg there or not."""

import base64
import dataclasses
import io
import json
import os
import re
import stat
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.animation import writers
from PIL import Image
from sklearn.datasets import make_moons

from glassnet import MLP, Recorder
from glassnet.plots import film

X, Y = make_moons(60, noise=0.1, random_state=0)


@pytest.fixture(scope="module")
def moons():
    record = Recorder(X, Y)
    net = MLP([2, 8, 1], "tanh", loss="binary_cross_entropy", seed=0)
    net.fit(X, Y, "adam(0.05)", epochs=30, callbacks=[record])
    return film(record, frames=6, resolution=60, fps=10, hold=1.5, title="Moons <1>")


def film_of(made, title):
    """Return a film with another title, of a single frame."""
    scene = dataclasses.replace(made.scene, title=title, labels=made.scene.labels[:1])
    return dataclasses.replace(made, scene=scene)


def frames_of(path):
    found = []
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        for i in range(image.n_frames):
            image.seek(i)
            found.append((np.array(image.convert("RGB")), image.info["duration"]))
    return found


def test_a_gif_holds_every_frame_for_its_time(moons, tmp_path):
    path = moons.save(tmp_path / "moons.gif")
    found = frames_of(path)
    assert [duration for _, duration in found] == [100] * 5 + [1500]
    for i, (pixels, _) in enumerate(found):
        expected = moons.scene.frame(i).astype(int)
        away = np.abs(pixels - expected).max(axis=2)
        assert away.mean() < 1.5
        assert np.mean(away > 12) < 0.02
        assert (pixels[:5] == 255).mean() > 0.9  # the paper is white, not nearly so


def test_a_gif_is_small_and_the_same_again(moons, tmp_path):
    one, two = moons.save(tmp_path / "a.gif"), moons.save(str(tmp_path / "b.GIF"))
    assert one.read_bytes() == two.read_bytes()
    assert one.stat().st_size < 40_000 * 6


def test_a_page_holds_every_frame_and_asks_no_network(moons, tmp_path):
    text = moons.save(tmp_path / "moons.html").read_text(encoding="utf-8")
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text  # the browser itself forbids it
    assert "<title>Moons &lt;1&gt;</title>" in text
    assert "%" not in re.sub(r"100%|%\b", "", text.split("<body>")[0].split("<title>")[0])
    facts = json.loads(re.search(r"const film = (\{.*?\});\n", text)[1])
    assert facts["labels"] == moons.scene.labels
    assert (facts["fps"], facts["hold"]) == (10.0, 1.5)
    for i, code in enumerate(facts["frames"]):
        pixels = np.array(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB"))
        assert np.abs(pixels - moons.scene.frame(i).astype(int)).mean() < 1.5
    assert 'max="5"' in text


def test_a_notebook_shows_it(moons):
    shown = moons._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "<title>" not in shown  # all of the page is escaped


# --- MP4 -----------------------------------------------------------------------------------


def pretend(folder, monkeypatch, code):
    """Put a program of a few lines of Python in the place of ffmpeg."""
    program = folder / "ffmpeg"
    program.write_text(f"#!{sys.executable}\nimport sys\n{code}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


def test_without_ffmpeg_an_mp4_is_refused_before_anything_is_drawn(
    moons, tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"needs the program ffmpeg.*\.gif or \.html"):
        film(None, path=tmp_path / "moons.mp4")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script of Unix")
def test_ffmpeg_is_fed_every_frame(moons, tmp_path, monkeypatch):
    code = "data = sys.stdin.buffer.read()\nopen(sys.argv[-1], 'wb').write(data)"
    pretend(tmp_path, monkeypatch, code)
    path = moons.save(tmp_path / "moons.mp4")
    height, width, _ = moons.scene.frame(0).shape
    raw = np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, height, width, 3)
    assert len(raw) == 5 + 15  # the last one for a second and a half
    for i in range(6):
        assert (raw[i] == moons.scene.frame(i)).all()
    assert (raw[-1] == raw[5]).all()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script of Unix")
def test_ffmpeg_s_own_words_are_handed_on_and_nothing_is_left(moons, tmp_path, monkeypatch):
    pretend(tmp_path, monkeypatch, "sys.exit('no such codec')")
    with pytest.raises(RuntimeError, match="ffmpeg failed with status 1: no such codec"):
        moons.save(tmp_path / "moons.mp4")
    assert os.listdir(tmp_path) == ["ffmpeg"]


@pytest.mark.skipif(not writers.is_available("ffmpeg"), reason="ffmpeg is not there")
def test_a_real_mp4_has_every_frame_for_its_time(moons, tmp_path):
    path = moons.save(tmp_path / "moons.mp4")
    data = path.read_bytes()
    assert data[4:8] == b"ftyp"
    assert data.index(b"moov") < data.index(b"mdat")  # a browser plays it while it loads
    height, width, _ = moons.scene.frame(0).shape
    command = [
        "ffmpeg",
        "-loglevel",
        "error",
        "-i",
        path,
        *"-f rawvideo -pix_fmt rgb24 -".split(),
    ]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    even = height + height % 2, width + width % 2
    played = np.frombuffer(raw, np.uint8).reshape(-1, *even, 3)[:, :height, :width]
    assert len(played) == 5 + 15  # at 10 a second, the last one for a second and a half
    for i in range(len(played)):
        away = np.abs(played[i].astype(int) - moons.scene.frame(min(i, 5)))
        assert away.mean() < 3  # colours are halved in resolution, and packed


@pytest.mark.skipif(not writers.is_available("ffmpeg"), reason="ffmpeg is not there")
def test_a_film_of_odd_size_is_padded(tmp_path):
    record = Recorder(X, Y)
    MLP([2, 3, 1], loss="binary_cross_entropy", seed=0).fit(X, Y, epochs=3, callbacks=[record])
    made = film(record, frames=2, resolution=20, hold=0)
    made.scene.figure.set_size_inches(4.01, 3.01)  # of 100 dots each: 401 by 301
    assert made.scene.frame(0).shape == (301, 401, 3)
    path = made.save(tmp_path / "odd.mp4")
    said = subprocess.run(["ffmpeg", "-i", path], capture_output=True, text=True).stderr
    assert re.search(r"Video: h264.*yuv420p.* 402x302", said)


# --- paths ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["moons", "moons.avi", "moons.gif.txt"])
def test_other_endings_are_refused(moons, tmp_path, name):
    with pytest.raises(ValueError, match=r"path must end in \.gif, \.mp4, \.html; got"):
        moons.save(tmp_path / name)


def test_a_folder_must_exist_and_a_path_be_one(moons, tmp_path):
    with pytest.raises(FileNotFoundError, match="path must lie in a folder that exists"):
        moons.save(tmp_path / "nowhere" / "moons.gif")
    with pytest.raises(TypeError, match="path must be a path ending in"):
        moons.save(3)
    (tmp_path / "folder.gif").mkdir()
    with pytest.raises(ValueError, match="path must be that of a file; got the folder"):
        moons.save(tmp_path / "folder.gif")


def test_a_link_goes_on_to_lead_to_the_film(moons, tmp_path):
    (tmp_path / "shared").mkdir()
    link = tmp_path / "latest.html"
    link.symlink_to(tmp_path / "shared" / "moons.html")
    for _ in range(2):  # the second time there is something to overwrite
        moons.save(link)
        assert link.is_symlink()
        assert os.listdir(tmp_path / "shared") == ["moons.html"]


def test_a_title_is_no_template(moons):
    named = film_of(moons, "</title> %FACTS% & %WIDTH%")
    assert "<title>&lt;/title&gt; %FACTS% &amp; %WIDTH%</title>" in named.page


def test_a_film_that_fails_leaves_the_file_as_it_was(moons, tmp_path, monkeypatch):
    path = tmp_path / "moons.gif"
    path.write_bytes(b"before")

    def fails(self, i):
        if i == 4:
            raise KeyboardInterrupt
        return drawn(self, i)

    drawn = type(moons.scene).frame
    monkeypatch.setattr(type(moons.scene), "frame", fails)
    with pytest.raises(KeyboardInterrupt):
        moons.save(path)
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["moons.gif"]
