"""Training curves: the right numbers in the right panels, and what they are called."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.datasets import make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import MLP
from glassnet.plots import history
from glassnet.training import History

X, Y = make_moons(200, noise=0.25, random_state=0)


def lines(ax):
    return {
        one.get_label(): np.asarray(one.get_ydata(), float)
        for one in ax.lines
        if not one.get_label().startswith("_")
    }


def title(figure):
    return figure.get_suptitle().replace("\n", " ")


def record(**fields):
    made = History(loss=[1.0, 0.5, 0.4], learning_rate=[0.1] * 3, seconds=[0.0] * 3)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


@pytest.fixture(scope="module")
def trained():
    net = MLP([2, 16, 1], loss="binary_cross_entropy", seed=0)
    half = len(X) // 2
    return net.fit(
        X[:half],
        Y[:half],
        "adam(0.05)",
        epochs=300,
        X_val=X[half:],
        y_val=Y[half:],
        early_stopping=20,
        schedule="cosine",
        metrics=["accuracy"],
    )


def test_everything_a_network_recorded(figure, trained):
    panels = history(trained, ax=figure)
    kept = trained.history
    assert kept.best_epoch is not None
    assert [panel.get_ylabel() for panel in panels] == ["loss", "accuracy", "learning rate"]
    np.testing.assert_array_equal(lines(panels[0])["training"], kept.loss)
    np.testing.assert_array_equal(lines(panels[0])["validation"], kept.validation_loss)
    np.testing.assert_array_equal(lines(panels[1])["training"], kept.metrics["accuracy"])
    validation = kept.metrics["validation_accuracy"]
    np.testing.assert_array_equal(lines(panels[1])["validation"], validation)
    np.testing.assert_array_equal(lines(panels[2])["learning rate"], kept.learning_rate)
    assert [panel.get_xlabel() for panel in panels] == ["", "", "epoch"]
    assert len({panel.get_xlim() for panel in panels}) == 1
    best = kept.validation_loss[kept.best_epoch]
    assert title(figure) == (
        f"Validation loss {best:.3g} at epoch {kept.best_epoch}, kept out of {len(kept)}, "
        "stopped early"
    )


def test_the_epoch_that_was_kept_is_marked_in_every_panel(figure, trained):
    panels = history(trained, ax=figure)
    best = trained.history.best_epoch
    assert best == int(np.argmin(trained.history.validation_loss))
    for panel in panels:
        marks = [one for one in panel.lines if list(one.get_xdata()) == [best, best]]
        assert len(marks) == 1
    dots = [one for panel in panels for one in panel.lines if one.get_marker() == "o"]
    assert len(dots) == 1  # on the curve that decided
    assert dots[0].axes is panels[0]
    assert dots[0].get_ydata()[0] == trained.history.validation_loss[best]
    assert [text.get_text() for text in panels[0].texts] == [f"kept: epoch {best}"]


def test_training_and_validation_differ_without_colour(figure, trained):
    panels = history(trained, ax=figure)
    styles = {
        one.get_linestyle() for one in panels[0].lines if one.get_label() in lines(panels[0])
    }
    assert len(styles) == 2
    assert [text.get_text() for text in panels[0].get_legend().get_texts()] == [
        "training",
        "validation",
    ]


def test_empty_panels_are_left_out(figure):
    net = MLP([2, 3, 1], seed=0).fit(X, Y, epochs=10)
    (panel,) = history(net, ax=figure)
    np.testing.assert_array_equal(lines(panel)["training"], net.history.loss)
    assert panel.get_legend() is None
    assert title(figure) == f"Training loss {net.history.loss[-1]:.3g} after 10 epochs"


def test_a_history_by_itself(figure):
    (panel,) = history(record(), ax=figure)
    assert lines(panel)["training"].tolist() == [1.0, 0.5, 0.4]


@pytest.mark.parametrize(
    ("loss", "scale"),
    [
        ([1.0, 0.1, 0.001], "log"),
        ([1.0, 0.5, 0.1], "linear"),
        ([1.0, 0.1, 0.0], "linear"),
        ([1.0, -0.1, 0.001], "linear"),
        ([np.inf, 1.0, 0.001], "log"),
        ([np.nan, np.nan, np.nan], "linear"),
    ],
)
def test_a_logarithm_where_it_helps(figure, loss, scale):
    (panel,) = history(record(loss=loss), ax=figure)
    assert panel.get_yscale() == scale
    FigureCanvasAgg(figure).draw()


def test_one_epoch_is_a_point(figure):
    (panel,) = history(record(loss=[0.5], learning_rate=[0.1]), ax=figure)
    assert panel.lines[0].get_marker() == "o"
    assert title(figure) == "Training loss 0.5 after 1 epoch"


@pytest.mark.parametrize(
    ("stopped", "words"),
    [
        ("finished", "Training loss 0.4 after 3 epochs"),
        ("diverged", "Training loss 0.4 after 3 epochs, diverged"),
        ("interrupted", "Training loss 0.4 after 3 epochs, interrupted"),
        ("callback", "Training loss 0.4 after 3 epochs, stopped by a callback"),
        ("converged", "Training loss 0.4 after 3 epochs, converged"),
    ],
)
def test_the_title_says_why_it_ended(figure, stopped, words):
    history(record(stopped=stopped), ax=figure)
    assert title(figure) == words


def test_a_series_that_lacks_epochs_is_left_out_and_named(figure):
    # Two fits, one of them without validation data: which epochs are these two values of?
    short = record(validation_loss=[0.9, 0.8], metrics={"accuracy": [0.5]})
    panels = history(short, ax=figure)
    assert len(panels) == 1
    assert "validation" not in lines(panels[0])
    assert title(figure).endswith(
        "; not drawn, as recorded for some epochs only: validation loss, accuracy"
    )


def test_scikit_learns_classifier(figure):
    model = MLPClassifier(
        (16,), early_stopping=True, learning_rate_init=0.02, max_iter=300, random_state=0
    ).fit(X, Y)
    assert 0 < np.argmax(model.validation_scores_) < len(model.validation_scores_) - 1
    loss, score = history(make_pipeline(StandardScaler(), model), ax=figure)
    np.testing.assert_array_equal(lines(loss)["training"], model.loss_curve_)
    np.testing.assert_array_equal(lines(score)["validation"], model.validation_scores_)
    assert score.get_ylabel() == "accuracy"
    best = int(np.argmax(model.validation_scores_))
    assert model.validation_scores_[best] == model.best_validation_score_
    dots = [one for panel in (loss, score) for one in panel.lines if one.get_marker() == "o"]
    assert [(dot.axes, dot.get_xdata()[0]) for dot in dots] == [(score, best)]


@pytest.mark.filterwarnings(f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning")
def test_scikit_learns_regressor(figure):
    model = MLPRegressor(early_stopping=True, max_iter=20, random_state=0).fit(X, X[:, 0])
    panels = history(model, ax=figure)
    assert panels[1].get_ylabel() == "R²"
    plain = MLPRegressor(max_iter=20, random_state=0).fit(X, X[:, 0])
    (only,) = history(plain, ax=Figure())
    np.testing.assert_array_equal(lines(only)["training"], plain.loss_curve_)


def test_axes_of_ones_own(trained):
    given = Figure(figsize=(6, 8)).subplots(3, 1)
    panels = history(trained, ax=given)
    assert panels.tolist() == given.tolist()
    assert given[0].get_title(loc="left").startswith("Validation loss")
    (note,) = given[0].texts
    assert note.get_va() == "top"  # inside: the title stands above
    with pytest.raises(ValueError, match="ax must hold 3 Axes for this picture; got 1"):
        history(trained, ax=given[0])


def test_a_title_of_ones_own_or_none(figure):
    history(record(), title="Mine", ax=figure)
    assert title(figure) == "Mine"
    none = Figure()
    history(record(), title="", ax=none)
    assert title(none) == ""


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (MLP([2, 1]), ValueError, "no history yet; got 0 epochs: call fit first"),
        (History(), ValueError, "no history yet"),
        (MLPClassifier(), TypeError, "got MLPClassifier"),
        (StandardScaler(), TypeError, "got StandardScaler"),
        (3, TypeError, "got int"),
    ],
)
def test_models_without_a_history(model, error, message):
    import matplotlib.pyplot as plt

    with pytest.raises(error, match=message):
        history(model)
    assert plt.get_fignums() == []


@pytest.mark.filterwarnings(f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning")
def test_scikit_learns_lbfgs_records_nothing():
    model = MLPClassifier((4,), solver="lbfgs", max_iter=5, random_state=0).fit(X, Y)
    with pytest.raises(TypeError, match=r"nor with solver='lbfgs'\); got MLPClassifier"):
        history(model)
