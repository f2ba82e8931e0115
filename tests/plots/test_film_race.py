"""Films of a race: the race's own paths, growing on axes that stay put."""

import numpy as np
import pytest

from glassnet.landscapes import rosenbrock
from glassnet.plots import film
from glassnet.race import race


def shown(scene, i):
    scene.frame(i)
    return scene.figure.axes


def test_paths_grow_step_by_step_and_are_those_of_the_race():
    entrants, how = ["sgd", "adam", "lbfgs"], {"steps": 30, "rates": [0.001, 0.01]}
    scene = film("rosenbrock", "race", frames=5, optimizers=entrants, **how).scene
    assert scene.labels == ["step 0", "step 2", "step 8", "step 17", "step 30"]
    runs = race(rosenbrock, entrants, **how)
    for i, step in enumerate([0, 2, 8, 17, 30]):
        paths, losses = shown(scene, i)
        for run in runs:
            end = min(step, len(run.path) - 1)
            path = [one for one in paths.lines if one.get_label() == run.name][-1]
            np.testing.assert_array_equal(np.column_stack(path.get_data()), run.path[: end + 1])
            assert path.get_markevery() == [end]
            (curve,) = (one for one in losses.lines if one.get_label() == run.name)
            np.testing.assert_array_equal(curve.get_xdata(), np.arange(end + 1))
    assert "lowest after 30 steps" in scene.figure.get_suptitle().replace("\n", " ") or (
        "reaches the minimum" in scene.figure.get_suptitle()
    )
    scene.frame(1)
    assert scene.figure.get_suptitle() == "Rosenbrock: step 2"


def test_a_race_s_axes_stand():
    scene = film("bowl", "race", frames=3, steps=10, rates=[0.1]).scene
    seen = set()
    for i in range(3):
        axes = shown(scene, i)
        seen.add(
            repr([(ax.get_position().bounds, ax.get_xlim(), ax.get_ylim()) for ax in axes])
        )
    assert len(seen) == 1


def test_a_race_that_has_been_held_is_the_same_film():
    how = {"optimizers": ["sgd", "adam"], "steps": 20, "rates": [0.01, 0.1]}
    runs = race("bowl", **how)
    one = film("bowl", "race", frames=3, **how).scene
    two = film(runs, "race", frames=3, landscape="bowl").scene
    assert all((one.frame(i) == two.frame(i)).all() for i in range(3))
    with pytest.raises(ValueError, match="landscape must be given"):
        film(runs, "race")
