"""Films of a race of recorded networks: each one's own path and losses, on one plane."""

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.metrics import log_loss

from glassnet import MLP, MLPClassifier, Recorder
from glassnet.landscapes import of_network
from glassnet.plots import film

X, Y = make_moons(60, noise=0.1, random_state=0)
LOSS = "binary_cross_entropy"


def trained(optimizer, sizes=(2, 6, 1), epochs=20, rows=(X, Y), loss=LOSS, **how):
    record = Recorder(*rows)
    net = MLP(sizes, "tanh", loss=loss, seed=0, **how)
    net.fit(X, Y, optimizer, epochs=epochs, callbacks=[record])
    return record


@pytest.fixture(scope="module")
def records():
    """Return a slow network that trains for long, and a fast one that stops early."""
    return {"SGD": trained("sgd(0.1)"), "Adam": trained("adam(0.1)", epochs=10)}


def shown(scene, i):
    scene.frame(i)
    return scene.figure.axes


def line(ax, name):
    (found,) = (one for one in ax.lines if one.get_label() == name)
    return np.column_stack(found.get_data())


def note(scene):
    return scene.figure.legends[0].get_title().get_text().replace("\n", " ")


def test_paths_and_losses_grow_by_the_epoch_and_are_those_of_the_records(records):
    scene = film(records, "race", frames=5, resolution=9).scene
    assert scene.labels == [f"epoch {epoch}" for epoch in (0, 5, 10, 15, 20)]
    # The plane through Adam's end, the lowest, along the components of both paths.
    end, path = records["Adam"].theta[-1], np.vstack([one.theta for one in records.values()])
    centred = path - path.mean(axis=0)
    variances, directions = np.linalg.eigh(centred.T @ centred)  # from the least
    for i, epoch in enumerate((0, 5, 10, 15, 20)):
        paths, losses = shown(scene, i)
        for name, record in records.items():
            n = min(epoch, record.epochs[-1]) + 1  # every epoch was kept
            curve = line(losses, name)
            np.testing.assert_array_equal(
                curve, np.column_stack([record.epochs, record.loss])[:n]
            )
            found = line(paths, name)
            for axis, direction in enumerate(directions.T[[-1, -2]]):
                wanted = (record.theta[:n] - end) @ direction
                sign = np.sign(wanted @ found[:, axis])
                np.testing.assert_allclose(found[:, axis], sign * wanted, atol=1e-8)
    shares = 100 * variances[[-1, -2]] / variances.sum()
    assert paths.get_xlabel() == f"first component: {shares[0]:.1f} %"
    assert f"holds {shares.sum():.1f} % of the paths' variance" in note(scene)


def test_the_figure_says_who_won_and_what_the_plane_hides(records):
    scene = film(records, "race", frames=3, resolution=9).scene
    shown(scene, 2)
    assert scene.figure.get_suptitle() == "MLP 2-6-1: Adam ends lowest after 20 epochs"
    shown(scene, 1)
    assert scene.figure.get_suptitle() == "MLP 2-6-1: epoch 10"
    path = np.vstack([one.theta for one in records.values()])
    ground = of_network(records["Adam"].model_at(-1), X, Y, "path", path=path, resolution=5)
    worst = int(np.argmax(np.abs(ground.path_losses - ground.plane_losses)))
    owner = f"SGD, epoch {worst}" if worst < 21 else f"Adam, epoch {worst - 21}"
    said = note(scene)
    assert "through the end of Adam" in said
    own, seen = ground.path_losses, ground.plane_losses
    shows = f"the loss is {own[worst]:.3g}, the plane shows {seen[worst]:.3g}"
    assert f"differ most at {owner}: {shows}; of the ends" in said
    # Adam's end lies on the plane, so that SGD's is the worse one.
    shows = f"the loss is {own[20]:.3g}, the plane shows {seen[20]:.3g}"
    assert f"of the ends, at that of SGD: {shows}." in said
    assert f"up to {ground.path.off_plane.max():.3g} away from them" in said
    mine = film(records, "race", frames=3, resolution=9, title="Mine").scene
    shown(mine, 1)
    assert mine.figure.get_suptitle() == "Mine"


def test_the_axes_stand(records):
    scene = film(records, "race", frames=3, resolution=9).scene
    first, last = scene.frame(0), scene.frame(2)
    assert (first != last).mean() > 0.002
    seen = set()
    for i in range(3):
        seen.add(
            repr(
                [(a.get_position().bounds, a.get_xlim(), a.get_ylim()) for a in shown(scene, i)]
            )
        )
    assert len(seen) == 1
    np.testing.assert_array_equal(scene.frame(0), first)


def test_one_record_races_alone_and_a_list_is_numbered(records):
    alone = film(records["SGD"], "race", frames=2, resolution=9).scene
    shown(alone, 1)
    loss = records["SGD"].loss[-1]
    assert alone.figure.get_suptitle() == f"MLP 2-6-1: loss {loss:.3g} after 20 epochs"
    assert "on the plane of the path through the end point" in note(alone)
    both = film(list(records.values()), "race", frames=2, resolution=9).scene
    labels = [text.get_text() for text in both.figure.legends[0].get_texts()]
    assert labels == ["record 0", "record 1", "first snapshot"]


def test_networks_of_different_shapes_race_by_their_losses(records):
    small = trained("adam(0.1)", sizes=(2, 2, 1))
    scene = film({**records, "small": small}, "race", frames=2).scene
    (losses,) = shown(scene, 1)
    np.testing.assert_allclose(line(losses, "small")[:, 1], small.loss, rtol=1e-12)
    assert "no landscape holds their paths" in note(scene)
    assert "the same 60 rows" in note(scene)
    blind = trained("sgd(0.1)", rows=())
    scene = film([blind, blind], "race", frames=2).scene
    (losses,) = shown(scene, 1)
    np.testing.assert_array_equal(line(losses, "record 1")[1:, 1], blind.training_loss[1:])
    assert "as fit recorded it: without probe rows" in note(scene)


def test_losses_of_other_rows_are_computed_on_them(records):
    rows = make_moons(30, noise=0.2, random_state=1)
    scene = film(
        {**records, "blind": trained("sgd(1.0)", rows=())},
        "race",
        frames=2,
        X=rows[0],
        y=rows[1],
        resolution=9,
    ).scene
    _, losses = shown(scene, 1)
    for i in (0, 7):
        wanted = records["SGD"].model_at(i).loss_and_gradients(*rows)[0]
        assert line(losses, "SGD")[i, 1] == pytest.approx(wanted, rel=1e-12)
    assert "mean over 30 samples" in note(scene)


def test_a_path_ends_before_what_is_not_finite():
    record = trained("sgd(0.1)", epochs=6)
    record._rows[4].theta[0] = np.nan
    scene = film({"broken": record, "sound": trained("sgd(0.1)")}, "race", resolution=9).scene
    paths, losses = shown(scene, -1)
    assert len(line(paths, "broken")) == len(line(losses, "broken")) == 4


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_estimators_race_and_speak_of_their_classes():
    names, found, nets = np.array(["no", "yes"]), [], []
    for weight in (None, {"no": 5.0, "yes": 1.0}):  # each loss is that of the rows as they are
        found.append(Recorder())
        net = MLPClassifier((4,), max_iter=5, random_state=0, alpha=0.0, class_weight=weight)
        nets.append(net.set_callbacks(found[-1]).fit(X, names[Y]))
    scene = film(found, "race", frames=2, resolution=9).scene
    _, losses = shown(scene, 1)
    for one, net in zip(("record 0", "record 1"), nets, strict=True):
        judged = log_loss(names[Y], net.predict_proba(X))
        assert line(losses, one)[-1, 1] == pytest.approx(judged, rel=1e-9)
    other = Recorder()
    MLPClassifier((4,), max_iter=5).set_callbacks(other).fit(X, np.array(["a", "b"])[Y])
    with pytest.raises(ValueError, match="networks that know the same classes to race; got"):
        film([found[0], other], "race")


def test_records_that_do_not_fit_together_are_refused(records):
    one = records["SGD"]
    with pytest.raises(
        ValueError, match=r"lower the same loss to race; got binary.* of 'a', sq"
    ):
        film({"a": one, "b": trained("sgd(0.1)", loss="squared_error")}, "race")
    wide = Recorder()
    MLP([3, 6, 1], loss=LOSS).fit(np.eye(3), [0, 1, 0], epochs=3, callbacks=[wide])
    with pytest.raises(
        ValueError, match="same inputs and outputs to race; got 2 and 1 of 'a', 3"
    ):
        film({"a": one, "b": wide}, "race")
    for rows in ((), (X[:50], Y[:50])):
        with pytest.raises(
            ValueError, match="measured on the same rows to race; those of 'record"
        ):
            film([one, trained("sgd(0.1)", rows=rows)], "race")
    with pytest.raises(TypeError, match=r"record\['b'\] must be a glassnet\.Recorder"):
        film({"a": one, "b": 3}, "race")
    with pytest.raises(ValueError, match=r"record\[1\] must hold at least one snapshot"):
        film([one, Recorder()], "race")
    with pytest.raises(ValueError, match="at least one Recorder with kind='race'; got none"):
        film({}, "race")
    with pytest.raises(ValueError, match="X and y go together"):
        film(records, "race", X=X)
    short = Recorder(X, Y, epochs=[0, 1])
    MLP([2, 6, 1], loss=LOSS).fit(X, Y, epochs=1, callbacks=[short])
    with pytest.raises(ValueError, match="at least 3 snapshots to race; got 2"):
        film(short, "race")
    with pytest.raises(TypeError, match="or recorders of networks"):
        film(3, "race")
    with pytest.raises(ValueError, match="X and y belong to no race on a landscape"):
        film("bowl", "race", X=X, y=Y)
