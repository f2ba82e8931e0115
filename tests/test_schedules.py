"""Schedules: against PyTorch's, scikit-learn's rule and the numbers worked out by hand."""

import copy
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neural_network import MLPRegressor
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

from glassnet import catalog, schedules
from glassnet.formulas import schedules as formulas

from support.torch_schedules import SCHEDULES, STEPS, torch_factors

DATA = np.load(Path(__file__).parent / "data" / "schedules.npz")
SMOOTH = [cls for cls in catalog.SCHEDULES if cls is not schedules.ReduceOnPlateau]
PROGRESS = np.arange(STEPS) / STEPS


# --- PyTorch ---------------------------------------------------------------------------


def our_factors(name):
    ours, progress = SCHEDULES[name][:2]
    return ours(progress)


@pytest.mark.parametrize("name", SCHEDULES)
def test_recorded_schedules(name):
    np.testing.assert_allclose(our_factors(name), DATA[name], rtol=1e-12, atol=1e-15)


@pytest.mark.judge
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_beside_torch(name):
    torch = pytest.importorskip("torch")
    np.testing.assert_allclose(
        our_factors(name), torch_factors(torch, SCHEDULES[name]), rtol=1e-12, atol=1e-15
    )


# --- scikit-learn, and by hand ---------------------------------------------------------


@pytest.mark.parametrize("power", [0.5, 0.25, 1.0])
def test_inverse_scaling_begins_every_epoch_as_scikit_learns(power):
    samples, total = 32, 32 * STEPS  # one step an epoch: the full batch
    judge = SGDOptimizer([np.zeros(1)], 1.0, "invscaling", power_t=power)
    expected = []
    for step in range(STEPS):
        judge.iteration_ends(step * samples)
        expected.append(judge.learning_rate)
    found = schedules.InverseScaling(power, scale=total)(PROGRESS)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("batch_size", [8, 32])
def test_each_epoch_of_scikit_learns_mlp_begins_at_the_rate_of_inverse_scaling(batch_size):
    epochs, samples = 5, 32
    X, y = np.random.default_rng(0).standard_normal((2, samples))
    judge = MLPRegressor(
        hidden_layer_sizes=2,
        solver="sgd",
        learning_rate="invscaling",
        batch_size=batch_size,
        random_state=0,
    )
    ours = schedules.InverseScaling(power=judge.power_t, scale=epochs * samples)
    for epoch in range(1, epochs):
        judge.partial_fit(X[:, None], y)
        expected = judge._optimizer.learning_rate / judge.learning_rate_init
        assert ours(epoch / epochs) == pytest.approx(expected, rel=1e-12)


def test_ends_and_middles():
    ends = np.array([0.0, 0.5, 1.0])
    for schedule, expected in [
        (schedules.Constant(), [1, 1, 1]),
        (schedules.Step(0.1, 0.5), [1, 0.1, 0.01]),
        (schedules.Exponential(0.25), [1, 0.5, 0.25]),
        (schedules.InverseScaling(1.0, 3.0), [1, 0.4, 0.25]),
        (schedules.Cosine(0.2), [1, 0.6, 0.2]),
        (schedules.WarmupCosine(0.5, 0.1, 0.2), [0.1, 1, 0.2]),
        (schedules.OneCycle(0.5, 0.1, 0.2), [0.1, 1, 0.2]),
    ]:
        np.testing.assert_allclose(schedule(ends), expected, rtol=1e-14)


@pytest.mark.parametrize("stairs", [3, 7, 10, 49])
def test_no_stair_comes_a_rounding_error_late(stairs):
    # In floating point 3/10 over 1/10 is less than 3.
    p = np.arange(10 * stairs + 1) / (10 * stairs)
    expected = 0.5 ** (np.arange(10 * stairs + 1) // 10)
    np.testing.assert_array_equal(formulas.step(p, 0.5, 1 / stairs), expected)


@pytest.mark.parametrize("cls", [schedules.WarmupCosine, schedules.OneCycle])
def test_the_two_halves_meet(cls):
    below, at = cls(warmup=0.3)(np.array([0.3 - 1e-12, 0.3]))
    assert at == 1.0
    assert below == pytest.approx(1.0, abs=1e-10)


# --- settings --------------------------------------------------------------------------


@pytest.mark.parametrize("cls", SMOOTH)
def test_scalars_give_floats_arrays_arrays_and_factors_are_shares(cls):
    schedule = cls()
    factors = schedule(PROGRESS)
    assert factors.dtype == np.float64
    assert factors.shape == PROGRESS.shape
    assert np.all((factors > 0) & (factors <= 1))
    assert (
        type(schedule(0)) is type(schedule(0.25)) is type(schedule(np.float32(0.25))) is float
    )
    # on some processors NumPy rounds powers of arrays and of numbers differently
    one_by_one = np.array([schedule(p) for p in PROGRESS.tolist()])
    np.testing.assert_array_max_ulp(one_by_one, factors, maxulp=1)
    assert schedule(PROGRESS.reshape(5, -1)).shape == (5, STEPS // 5)


@pytest.mark.parametrize("cls", SMOOTH)
@pytest.mark.parametrize("bad", [-0.1, 1.1, np.nan, np.inf, np.array([0.5, 2.0])])
def test_progress_outside_its_range_is_refused(cls, bad):
    with pytest.raises(ValueError, match=rf"^{cls.__name__}: progress must be in \[0, 1\]"):
        cls()(bad)


@given(p=st.floats(0, 1), q=st.floats(0, 1))
def test_falling_schedules_fall(p, q):
    early, late = sorted((p, q))
    for cls in (
        schedules.Step,
        schedules.Exponential,
        schedules.InverseScaling,
        schedules.Cosine,
    ):
        assert cls()(late) <= cls()(early)


@pytest.mark.parametrize("cls", catalog.SCHEDULES)
def test_settings_are_frozen_and_found_by_their_text(cls):
    one = cls()
    assert one == pickle.loads(pickle.dumps(one)) == copy.deepcopy(one)
    with pytest.raises(FrozenInstanceError):
        one.final = 0.5
    for spec in (one, cls.name, f"{cls.name}()", repr(one), *cls.synonyms):
        assert catalog.schedule(spec) == one


def test_every_schedule_is_in_the_catalogue():
    public = {getattr(schedules, name) for name in schedules.__all__}
    others = {schedules.Schedule, schedules.OwnSchedule, schedules.PlateauState}
    assert set(catalog.SCHEDULES) == public - others - {schedules.resolve}
    assert repr(catalog.schedule("step(0.1, every=0.5)")) == "Step(drop=0.1, every=0.5)"


@pytest.mark.parametrize(
    ("spec", "error", "part"),
    [
        (
            "cosin",
            ValueError,
            "unknown schedule 'cosin'; known: constant, cosine, exponential, "
            "inverse_scaling (or invscaling), one_cycle, reduce_on_plateau, step, "
            "warmup_cosine",
        ),
        ("cosine(final=2)", ValueError, "Cosine: final must be a number in [0, 1]; got 2"),
        ("cosine(1, 2)", ValueError, "at most 1 arguments by place"),
        ("constant(1)", ValueError, "its arguments: none"),
        ("step(every=0)", ValueError, "Step: every must be a number in (0, 1]; got 0"),
        (
            "one_cycle(warmup=1)",
            ValueError,
            "OneCycle: warmup must be a number in (0, 1); got 1",
        ),
        (
            "exponential(0)",
            ValueError,
            "Exponential: final must be a number in (0, inf); got 0",
        ),
        (
            "reduce_on_plateau(patience=1.5)",
            TypeError,
            "patience must be an integer in [0, inf)",
        ),
        ("reduce_on_plateau(factor=1)", ValueError, "factor must be a number in (0, 1); got 1"),
        (schedules.Cosine, TypeError, "did you mean Cosine()?"),
        (0.5, TypeError, "schedule must be a name or settings such as Constant(); got 0.5"),
    ],
)
def test_what_is_no_schedule_is_refused(spec, error, part):
    with pytest.raises(error) as got:
        catalog.schedule(spec)
    assert part in str(got.value)


# --- what an argument schedule= may be ---------------------------------------------------


def test_resolve_takes_a_name_settings_a_function_or_none():
    assert schedules.resolve(None) is None
    assert schedules.resolve("cosine(0.1)") == schedules.Cosine(0.1)
    plateau = schedules.ReduceOnPlateau()
    assert schedules.resolve(plateau) is plateau
    own = schedules.resolve(lambda progress: 1 - progress)
    assert own(0.25) == 0.75
    np.testing.assert_array_equal(own(np.array([[0.0, 0.5]])), [[1.0, 0.5]])
    with pytest.raises(ValueError, match=r"progress must be in \[0, 1\]"):
        own(1.5)
    for bad, words in ((3, "got 3"), (schedules.Cosine, r"did you mean Cosine\(\)")):
        with pytest.raises(TypeError, match=words):
            schedules.resolve(bad)


@pytest.mark.parametrize(
    ("factor", "error"),
    [
        *[(bad, ValueError) for bad in (np.nan, np.inf, -0.1)],
        *[(bad, TypeError) for bad in ("1", None, np.ones(2), 1j)],
    ],
)
def test_a_function_must_give_factors(factor, error):
    own = schedules.resolve(lambda progress: factor)
    with pytest.raises(error, match=r"schedule\(0.5\) must be a finite number >= 0; got "):
        own(0.5)


@pytest.mark.parametrize("factor", [0, 1, np.float32(0.5), np.array(2.0)])
def test_a_factor_may_be_any_real_number(factor):
    own = schedules.resolve(lambda progress: factor)
    assert type(own(0.5)) is float
    assert own(0.5) == factor
