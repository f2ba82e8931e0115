"""The picture of a training's health: the record's numbers, honest bands, honest words."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.datasets import make_moons

from glassnet import MLP, Recorder
from glassnet.plots import health

X, Y = make_moons(80, noise=0.1, random_state=0)


def trained(sizes=(2, 8, 8, 1), activation="relu", epochs=60, probe=True, **more):
    fit = {"optimizer": more.pop("optimizer", "adam(0.003)")}
    net = MLP(list(sizes), activation, loss="binary_cross_entropy", seed=0, **more)
    record = Recorder(X, Y) if probe else Recorder()
    net.fit(X, Y, epochs=epochs, callbacks=[record], **fit)
    return record


def lines(ax):
    return {
        one.get_label(): one.get_ydata()
        for one in ax.lines
        if not one.get_label().startswith("_")
    }


def title(figure):
    return figure.get_suptitle().replace("\n", " ")


def caption(figure):
    return figure.legends[0].get_title().get_text().replace("\n", " ")


def test_lines_are_the_record_s(figure):
    record = trained(activation="tanh")
    flow, updates, rest = health(record, ax=figure)
    sizes = np.sqrt([16, 64, 8])  # the root of how many weights
    for layer in range(3):
        expected = record.gradient_norm[:, layer] / sizes[layer]
        np.testing.assert_allclose(lines(flow)[str(layer)], expected)
        np.testing.assert_array_equal(lines(updates)[str(layer)], record.update_ratio[:, layer])
    for layer in range(2):
        np.testing.assert_array_equal(lines(rest)[f"dead{layer}"], record.dead[:, layer])
        saturated = lines(rest)[f"saturated{layer}"]
        np.testing.assert_array_equal(saturated, record.saturated[:, layer])
    assert [ax.get_yscale() for ax in (flow, updates, rest)] == ["log", "log", "linear"]
    assert rest.get_xlabel() == "epoch"


def test_the_bands_are_what_the_caption_says(figure):
    record = trained()
    flow, updates, rest = health(record, ax=figure)
    last = record.gradient_norm[:, -1] / np.sqrt(8)
    around = flow.collections[0].get_paths()[0].vertices
    assert around[:, 1].max() == pytest.approx(50 * last.max())
    assert around[:, 1].min() == pytest.approx(last.min() / 50)
    around = updates.collections[0].get_paths()[0].vertices
    assert (around[:, 1].min(), around[:, 1].max()) == (1e-4, 1e-2)
    assert rest.collections[0].get_paths()[0].vertices[:, 1].max() == 0.4
    for words in ("factor of 50", "0.0001 to 0.01", "Karpathy's CS231n", "40 % dead"):
        assert words in caption(figure)
    assert "saturated" not in caption(figure)  # ReLU has no two bounds


def test_a_healthy_training_is_called_so(figure):
    health(trained(), ax=figure)
    assert title(figure) == "Within the healthy bands"


def test_vanishing_gradients_are_named(figure):
    record = trained((2, 10, 10, 10, 10, 1), "sigmoid", optimizer="sgd(0.01)")
    health(record, ax=figure)
    assert title(figure) == "Gradients of W0, W1 small; updates of W0 to W3 small"


def test_large_updates_and_dead_units_are_named(figure):
    record = trained(optimizer="adam(0.2)", epochs=12)
    health(record, ax=figure)
    assert "pdates of W0 to W2 large" in title(figure)
    net = MLP([2, 8, 8, 1], "relu", loss="binary_cross_entropy", seed=0)
    net.biases[1] = np.full(8, -50.0)
    record = Recorder(X, Y)
    net.fit(X, Y, epochs=5, callbacks=[record])
    other = Figure()
    health(record, ax=other)
    assert "any dead units in a1" in title(other)


def test_saturation_is_named_and_has_its_own_line(figure):
    record = trained(activation="tanh", initializer="normal(4)")
    *_, rest = health(record, ax=figure)
    assert "uch saturation in a1" in title(figure) or "a0, a1" in title(figure)
    assert any(np.allclose(one.get_ydata(), 0.3) for one in rest.lines)


def test_panels_of_which_nothing_is_known_are_left_out(figure):
    (only,) = health(trained(probe=False), ax=figure)
    assert only.get_ylabel() == "update / weight"
    panels = health(trained((2, 1)), ax=Figure())
    assert [ax.get_ylabel() for ax in panels] == ["gradient (RMS)", "update / weight"]


def test_it_can_be_drawn_whatever_the_numbers_are():
    """Zeros on a logarithm, a single snapshot, no finite gradient."""
    zero = MLP([2, 3, 1], initializer="zeros", seed=0)
    record = Recorder(X, Y)
    zero.fit(X, 0 * Y, epochs=2, optimizer="sgd(0.1)", callbacks=[record])
    single = Recorder(X, Y, epochs=[1])
    MLP([2, 3, 1], seed=0).fit(X, Y, epochs=1, callbacks=[single])
    for one in (record, single):
        figure = Figure(figsize=(7, 7))
        health(one, ax=figure)
        FigureCanvasAgg(figure).draw()


def test_axes_and_titles_of_one_s_own():
    figure = Figure()
    axes = figure.subplots(3)
    found = health(trained(), ax=axes, title="Mine")
    assert list(found) == list(axes)
    assert axes[0].get_title(loc="left") == "Mine"
    with pytest.raises(ValueError, match="ax must hold 3 Axes"):
        health(trained(), ax=Figure().subplots(2))


def test_what_is_no_record_is_refused():
    with pytest.raises(TypeError, match=r"record must be a glassnet\.Recorder.*got MLP"):
        health(MLP([2, 1]))
    with pytest.raises(ValueError, match="record must hold at least one snapshot; got none"):
        health(Recorder())
