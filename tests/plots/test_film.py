"""What films show: the recorded networks, on axes that stay put, and the race's own paths."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_moons

from glassnet import MLP, MLPClassifier, Recorder
from glassnet.plots import film, style
from glassnet.plots.films.palette import Palette
from glassnet.plots.films.scene import moments

X, Y = make_moons(60, noise=0.1, random_state=0)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def recorded(epochs=12, probe=True, loss="binary_cross_entropy", y=Y, **fit):
    record = Recorder(X, y) if probe else Recorder()
    MLP([2, 8, 1], "tanh", loss=loss, seed=0).fit(
        X, y, epochs=epochs, callbacks=[record], **fit
    )
    return record


def shown(scene, i):
    scene.frame(i)
    return scene.figure.axes


def grid_of(ax, resolution):
    x = np.linspace(*ax.get_xlim(), resolution)
    y = np.linspace(*ax.get_ylim(), resolution)
    return np.column_stack([part.ravel() for part in np.meshgrid(x, y)])


def test_each_frame_is_the_network_of_its_epoch():
    record = recorded()
    scene = film(record, frames=4, resolution=40).scene
    assert scene.labels == ["epoch 0", "epoch 4", "epoch 8", "epoch 12"]
    for i, epoch in enumerate([0, 4, 8, 12]):
        ax, losses = shown(scene, i)
        expected = record.model_at(epoch).predict_proba(grid_of(ax, 40))[:, 1]
        np.testing.assert_allclose(ax.images[0].get_array().ravel(), expected, atol=1e-12)
        right = np.sum(record.model_at(epoch).predict(X) == Y)
        assert ax.get_title(loc="left") == f"Epoch {epoch}"
        assert f"{right}" in ax.get_title(loc="right")
        assert losses.get_title(loc="left") == f"Loss {record.loss[epoch]:.3g}"
        np.testing.assert_array_equal(losses.lines[0].get_ydata(), record.loss[: epoch + 1])
        np.testing.assert_array_equal(losses.lines[1].get_ydata(), record.loss[epoch])


def test_nothing_moves_that_should_stand():
    scene = film(recorded(80, optimizer="adam(0.05)"), frames=5, resolution=20).scene
    seen = set()
    for i in range(5):
        axes = shown(scene, i)
        places = [tuple(np.round(ax.get_position().bounds, 9)) for ax in axes]
        limits = [(ax.get_xlim(), ax.get_ylim()) for ax in axes]
        ticks = [tuple(text.get_text() for text in ax.get_yticklabels()) for ax in axes]
        seen.add(repr((places, limits, ticks)))
    assert len(seen) == 1
    boxes = [ax.get_tightbbox() for ax in axes]
    assert all(box.x0 >= 0 and box.y0 >= 0 for box in boxes)  # no label is cut
    legend = scene.figure.legends[0].get_window_extent()
    assert not any(legend.overlaps(box) for box in boxes)


@pytest.mark.parametrize("kind", ["boundary", "race", "surface"])
def test_frames_are_what_a_whole_drawing_of_the_figure_gives(kind):
    """Only what moves is drawn anew for a frame; Matplotlib's own drawing is the judge."""
    if kind == "race":
        scene = film("bowl", "race", frames=3, steps=10, rates=[0.05, 0.1]).scene
    elif kind == "boundary":
        scene = film(recorded(X_val=X, y_val=Y), frames=3, resolution=20).scene
    else:
        scene = film(recorded(loss="squared_error", y=X[:, 0]), frames=3, resolution=20).scene
    for i in (1, 0, 2):
        found = scene.frame(i)
        with style():
            scene.figure.canvas.draw()
        whole = np.asarray(scene.figure.canvas.buffer_rgba())[..., :3]
        assert np.mean((found != whole).any(axis=2)) < 2e-4  # lines cross in another order


def test_frames_come_in_any_order():
    scene = film(recorded(), frames=3, resolution=20).scene
    forward = [scene.frame(i) for i in (0, 1, 2)]
    assert all((scene.frame(i) == forward[i]).all() for i in (2, 0, 1))
    assert (forward[0] != forward[2]).any()


def test_a_film_looks_the_same_whatever_the_user_has_set():
    record = recorded()
    plain = film(record, frames=2, resolution=20).scene
    wanted = [plain.frame(i) for i in range(2)]
    odd = {"font.size": 19.0, "lines.linewidth": 9.0, "axes.grid": True, "text.color": "red"}
    odd |= {"figure.dpi": 37, "savefig.facecolor": "black", "image.origin": "upper"}
    with mpl.rc_context(odd):
        scene = film(record, frames=2, resolution=20).scene
        assert all((scene.frame(i) == wanted[i]).all() for i in range(2))


def test_validation_losses_stand_beside_the_training_s():
    record = recorded(X_val=X[::2], y_val=Y[::2])
    _, losses = shown(film(record, frames=2, resolution=10).scene, 1)
    assert [line.get_label() for line in losses.lines][::2] == ["training", "validation"]
    np.testing.assert_array_equal(losses.lines[2].get_ydata(), record.validation_loss)


def test_without_probe_rows_the_losses_are_those_of_fit():
    record = recorded(probe=False)
    with pytest.raises(ValueError, match="X and y must be given for this film"):
        film(record)
    _, losses = shown(film(record, X=X, y=Y, frames=2, resolution=10).scene, 1)
    np.testing.assert_array_equal(losses.lines[0].get_ydata(), record.training_loss)


def test_numbers_get_a_surface_with_one_bar_for_all_frames():
    record = recorded(loss="squared_error", y=X[:, 0] * X[:, 1])
    scene = film(record, frames=3, resolution=15).scene
    for i in range(3):
        axes = shown(scene, i)
        assert len(axes) == 3
        expected = record.model_at([0, 6, 12][i]).predict(grid_of(axes[0], 15))
        np.testing.assert_allclose(axes[0].images[0].get_array().ravel(), expected)
    assert axes[1].get_ylabel() == "prediction, and target of the points"
    assert axes[0].get_title(loc="right").startswith("R² = ")


def test_an_estimator_s_film_speaks_its_names():
    table = pd.DataFrame(X, columns=["length", "width"])
    record = Recorder()
    net = MLPClassifier((6,), max_iter=5, random_state=0).set_callbacks(record)
    net.fit(table, np.array(["new", "full"])[Y])
    scene = film(record, frames=2, resolution=10).scene
    ax, _ = shown(scene, 1)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("length", "width")
    words = [text.get_text() for text in scene.figure.legends[0].get_texts()]
    assert words == ["full", "new", "boundary", "wrong"]
    right = np.sum(net.predict(table) == np.array(["new", "full"])[Y])
    assert ax.get_title(loc="right").startswith(f"{right} of 60")
    with pytest.raises(ValueError, match=r"y must hold the classes .* got 'half'"):
        film(record, X=X, y=np.array(["half"] * 60))


def test_features_that_are_held_still_are_named_under_the_film():
    more = np.column_stack([X, X[:, 0] ** 2])
    record = Recorder(more, Y)
    net = MLP([3, 4, 1], loss="binary_cross_entropy", seed=0)
    net.fit(more, Y, epochs=2, callbacks=[record])
    scene = film(record, frames=1, resolution=10, features=(1, 0)).scene
    caption = scene.figure.legends[0].get_title().get_text()
    assert caption.startswith(f"Held at the median: feature 2 = {np.median(more[:, 2]):.3g}.")
    assert shown(scene, 0)[0].get_xlabel() == "feature 1"


def test_a_caption_stands_under_a_film_that_has_no_legend():
    more = np.column_stack([X, X[:, 0] ** 2])
    record = Recorder(more, X[:, 1])
    MLP([3, 4, 1], seed=0).fit(more, X[:, 1], epochs=2, callbacks=[record])
    legend = film(record, frames=1, resolution=10).scene.figure.legends[0]
    assert legend.get_title().get_text().startswith("Held at the median: feature 2 = ")


def test_a_film_of_one_snapshot_and_titles():
    record = Recorder(X, Y, epochs=[3])
    MLP([2, 3, 1], loss="binary_cross_entropy", seed=0).fit(X, Y, epochs=4, callbacks=[record])
    made = film(record, title="Mine", resolution=10)
    assert len(made.scene) == 1
    made.scene.frame(0)
    assert made.scene.figure.get_suptitle() == "Mine"
    assert film(record, resolution=10).scene.title == "MLP 2-3-1 learning"


def test_a_picture_of_one_s_own():
    def weights(model, ax, cmap):
        first = hasattr(ax, "subplots")
        one, two = ax.subplots(1, 2) if first else ax
        one.imshow(model.weights[0], cmap=cmap)
        one.set_title("mine", loc="left")
        two.imshow(model.weights[1], cmap=cmap)

    record = recorded()
    scene = film(record, weights, frames=3, cmap="viridis").scene
    for i, epoch in enumerate([0, 6, 12]):
        one, two, losses = shown(scene, i)
        net = record.model_at(epoch)
        np.testing.assert_array_equal(one.images[0].get_array(), net.weights[0])
        np.testing.assert_array_equal(two.images[0].get_array(), net.weights[1])
        assert len(one.images) == 1
        assert one.get_title(loc="left") == "mine"
        assert losses.get_title(loc="left") == f"Epoch {epoch}: loss {record.loss[epoch]:.3g}"


def test_what_has_no_boundary_is_refused_before_a_frame_is_drawn():
    record = Recorder()
    net = MLPClassifier((6,), max_iter=2, random_state=0).set_callbacks(record)
    net.fit(X, np.column_stack([Y, 1 - Y]))
    with pytest.raises(ValueError, match=r"y must hold one target.*got shape \(60, 2\)"):
        film(record)
    record = Recorder(X[:, :1], Y)
    net = MLP([1, 2, 1], loss="binary_cross_entropy", seed=0)
    net.fit(X[:, :1], Y, epochs=2, callbacks=[record])
    with pytest.raises(ValueError, match="X must have at least two features"):
        film(record)


@pytest.mark.filterwarnings("ignore::glassnet.DivergenceWarning")
def test_a_training_that_diverges_can_be_filmed():
    record = Recorder(X, Y)
    net = MLP([2, 3, 1], seed=0)
    net.fit(X, Y, "sgd(9)", epochs=40, callbacks=[record])
    assert net.history.stopped == "diverged"
    scene = film(record, resolution=10).scene
    assert scene.frame(len(scene) - 1).shape == scene.frame(0).shape


# --- arguments, and what frames are made of ------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"record": MLP([2, 1])}, TypeError, "record must be a glassnet.Recorder"),
        ({"record": Recorder()}, ValueError, "record must hold at least one snapshot"),
        (
            {"kind": "dream"},
            ValueError,
            "kind must be boundary, race, hidden, weights or a function",
        ),
        ({"record": 3, "kind": "race"}, TypeError, "record must be a landscape, its name"),
        ({"record": "bowl", "kind": "race", "X": X}, ValueError, "X and y belong to no race"),
        ({"X": X}, ValueError, "X and y go together"),
        ({"fps": 0}, ValueError, "fps must be a number from 1 to 50; got 0"),
        ({"fps": "fast"}, ValueError, "fps must be a number"),
        ({"hold": -1}, ValueError, "hold must be a number from 0 to 600; got -1"),
        ({"frames": 0}, ValueError, "frames must be a whole number >= 1; got 0"),
        ({"resolution": 1}, ValueError, "resolution must be a whole number >= 2"),
        ({"speed": 3}, TypeError, "speed"),
    ],
)
def test_what_cannot_be_is_refused_by_name(arguments, error, words):
    record = recorded(2) if "record" not in arguments else None
    with pytest.raises(error, match=words):
        film(**{"record": record, **arguments})


def test_moments_have_both_ends():
    assert moments(10, 1) == [9]
    assert moments(1, 5) == [0]
    for power in (1, 2):
        found = moments(500, 60, power)
        assert (found[0], found[-1]) == (0, 499)
        assert len(found) <= 60
        assert found == sorted(set(found))


def test_the_palette_keeps_the_style_s_colours_and_comes_near_to_all_others():
    scene = film(recorded(), frames=3, resolution=40).scene
    palette = Palette(scene)
    pixels = scene.frame(1)
    found = palette.colors[palette.indices(pixels)]
    away = np.abs(found - pixels.astype(int)).max(axis=2)
    assert (found[(pixels == 255).all(axis=2)] == 255).all()
    assert np.mean(away > 8) < 0.02
    assert len(palette.colors) <= 255
