"""Records of one's own: how they enter the catalogue, and what is refused."""

import dataclasses

import numpy as np
import pytest

from glassnet import catalog
from glassnet.catalog import Activation, Initializer, Loss

from support.own_records import (
    defined_anew,
    half_squares,
    plane,
    plane_slope,
    plane_value,
    residual,
)

LOOK_UP = {
    Activation: catalog.activation,
    Loss: catalog.loss,
    Initializer: catalog.initializer,
}


def test_a_record_of_one_s_own_is_found_by_its_text(own_names):
    with pytest.raises(ValueError, match="unknown activation 'plane'"):
        catalog.activation("plane")
    record = plane()
    assert catalog.activation(record) is record
    for spec in ("plane", "affine", str(record), plane_value, plane()):
        assert catalog.activation(spec) == record
    with pytest.raises(ValueError, match=r"plane \(or affine\)"):
        catalog.activation("no_such")
    other = plane(parameters=(("scale", 2.0), ("shift", 0.0)))
    assert catalog.activation(other) == other
    assert str(catalog.activation(other)) == "plane(scale=2.0)"
    assert catalog.activation("plane") is record
    with pytest.raises(ValueError, match="unknown loss 'plane'"):
        catalog.loss("plane")


@pytest.mark.parametrize("name", ["relu", "silu"])
def test_a_name_of_the_catalogue_cannot_be_taken(own_names, name):
    before = catalog.activation(name)
    with pytest.raises(ValueError, match=f"activation {name!r}: {name!r} is taken by another"):
        catalog.activation(plane(name=name))
    with pytest.raises(ValueError, match=f"activation 'plane': {name!r} is taken by another"):
        catalog.activation(plane(synonyms=(name,)))
    assert catalog.activation(name) is before


def test_facts_of_a_shipped_record_cannot_be_changed(own_names):
    changed = dataclasses.replace(catalog.activation("relu"), kinks=())
    with pytest.raises(ValueError, match="'relu' is taken by another record"):
        catalog.activation(changed)


def test_two_functions_cannot_share_a_name(own_names):
    catalog.activation(plane())
    with pytest.raises(ValueError, match="'plane' is taken by another record"):
        catalog.activation(plane(slope=np.full_like))


def test_closures_cannot_replace_one_another(own_names):
    def rule(size):
        return Initializer(
            "flat", lambda rng, fan_in, fan_out: np.full((fan_in, fan_out), size)
        )

    catalog.initializer(rule(1.0))
    with pytest.raises(ValueError, match="'flat' is taken by another record"):
        catalog.initializer(rule(2.0))


class Line:
    """A slope that each instance has for itself."""

    def __init__(self, slope):
        self.factor = slope

    def value(self, z):
        return self.factor * z

    def slope(self, z, a):
        return np.full_like(z, self.factor)


def test_methods_of_two_objects_cannot_replace_one_another(own_names):
    one, other = Line(1.0), Line(5.0)
    catalog.activation(catalog.Activation("line_of_its_own", one.value, one.slope))
    with pytest.raises(ValueError, match="taken by another"):
        catalog.activation(catalog.Activation("line_of_its_own", other.value, other.slope))


def test_a_cell_run_again_replaces_its_record(own_names):
    catalog.activation(plane())
    assert catalog.activation("plane(2)").value is plane_value
    newer = plane(value=defined_anew(plane_value), slope=defined_anew(plane_slope))
    assert newer != plane()
    assert catalog.activation(newer) is newer
    for text in ("plane", "affine", "plane(2)"):
        assert catalog.activation(text).value is newer.value


def test_a_text_keeps_its_numbers_when_a_cell_changes_a_default(own_names):
    """A network that was built as ``plane`` goes on to compute what it was trained with."""
    catalog.activation(plane())
    newer = plane(value=defined_anew(plane_value), parameters=(("scale", 5.0), ("shift", 0.0)))
    found = catalog.activation(dataclasses.replace(newer, defaults=()))
    assert found.value is newer.value
    assert str(found) == "plane(scale=5.0)"
    assert catalog.activation("plane").parameters == (("scale", 1.0), ("shift", 0.0))


def test_a_record_made_of_another_starts_with_defaults_of_its_own(own_names):
    steeper = dataclasses.replace(
        catalog.activation("leaky_relu"), name="steeper", parameters=(("alpha", 0.3),)
    )
    assert str(catalog.activation(steeper)) == "steeper"
    assert catalog.activation("steeper").parameters == (("alpha", 0.3),)
    assert str(catalog.activation("steeper(0.01)")) == "steeper(alpha=0.01)"


@pytest.mark.parametrize("name", ["Relu", "re_lu", "Log_Softmax"])
def test_a_name_that_reads_like_another_is_taken(own_names, name):
    with pytest.raises(ValueError, match=f"{name!r} is taken by another"):
        catalog.activation(plane(name=name))


@pytest.mark.parametrize("name", ["two words", "a-b", "", "2nd", "plane(1)"])
def test_a_name_that_no_text_could_hold_is_refused(own_names, name):
    with pytest.raises(ValueError, match="must be letters, digits and underscores"):
        catalog.activation(plane(name=name))


def test_parameters_that_do_not_fit_the_functions_are_refused(own_names):
    with pytest.raises(TypeError, match=r"'plane.*' does not fit its functions: .*width"):
        catalog.activation(plane(parameters=(("width", 1.0),)))
    with pytest.raises(ValueError, match="unknown activation"):
        catalog.activation("plane")


def test_parameters_of_a_known_record_keep_their_names():
    changed = dataclasses.replace(catalog.loss("huber"), parameters=(("width", 1.0),))
    with pytest.raises(ValueError, match="must have the parameters delta; got width"):
        catalog.loss(changed)


def test_a_loss_of_one_s_own_trains_like_any_other(own_names):
    def value(y, f):
        return np.sum((f - y) ** 4, axis=-1)

    def gradient(y, f):
        return 4 * (f - y) ** 3

    record = catalog.loss(Loss("fourth_power", value, gradient))
    y, f = np.zeros((2, 1)), np.array([[1.0], [2.0]])
    assert catalog.loss("fourth_power").mean(y, f) == 8.5
    assert record.mean_gradient(y, f, np.array([1.0, 3.0])).tolist() == [[1.0], [24.0]]


def fails(*_):
    raise KeyError("lost")


def blank(rng, fan_in, fan_out):
    return np.zeros((fan_in, fan_out))


def write_slope(z, a):
    a *= a
    return a


WRONG = [
    (Activation("own", np.tanh, lambda z, a: 1.0), r"slope .* shape \(3, 2\); got 1.0"),
    (Activation("own", np.tanh, lambda z, a: None), r"slope .* shape \(3, 2\); got None"),
    (Activation("own", np.tanh, lambda z, a: np.ones(2)), r"slope .* got shape \(2,\)"),
    (Activation("own", lambda z: z.sum(), lambda z, a: z), r"value .* shape \(3, 2\)"),
    (Activation("own", np.log, lambda z, a: 1 / z), "value must return finite numbers"),
    (Activation("own", lambda z: z * 1j, lambda z, a: z), "value must return real numbers"),
    (Activation("own", fails, fails), r"its functions raised KeyError\('lost'\)"),
    (Activation("own", np.tanh, lambda z, a, d: np.ones(3), rowwise=True), r"shape \(3,\)"),
    (Loss("own", residual, residual), r"value .* shape \(3,\); got shape \(3, 2\)"),
    (Loss("own", lambda y, f: 0.5, residual), r"value .* shape \(3,\); got 0.5"),
    (Loss("own", half_squares, half_squares), r"gradient .* \(3, 2\); got shape \(3,\)"),
    (
        Loss("own", half_squares, lambda y, f: (f - y) * np.nan),
        "gradient must return finite numbers; got",
    ),
    (Loss("own", half_squares, fails), "its functions raised KeyError"),
    (
        Loss("own", half_squares, residual, task="ranking"),
        "task must be one of regression, binary, multiclass; got 'ranking'",
    ),
    (Initializer("own", lambda rng, i, o: np.zeros((o, i))), r"weights .* shape \(3, 2\)"),
    (Initializer("own", lambda rng, i, o: np.full((i, o), np.inf)), "weights .* finite"),
    (Initializer("own", blank, lambda rng, i, o: np.zeros(i)), r"biases .* shape \(2,\)"),
    (Initializer("own", blank, fails), "its functions raised KeyError"),
    # dtypes: a Python number leaves float32 as it is, a NumPy number or array does not
    (
        Activation("own", lambda z: np.float64(2) * z, lambda z, a: z),
        "value must return float32 for float32 input; got float64",
    ),
    (
        Activation("own", np.tanh, lambda z, a: np.ones(z.shape)),
        "slope must return float32 for float32 input; got float64",
    ),
    (
        Activation("own", np.sign, lambda z, a: np.zeros(z.shape, int)),
        "slope must return float64 for float64 input; got int64",
    ),
    (
        Loss("own", lambda y, f: half_squares(y, f) * np.float64(1), residual),
        "value must return float32 for float32 input; got float64",
    ),
    (
        Loss("own", half_squares, lambda y, f: residual(y, f).astype(float)),
        "gradient must return float32 for float32 input; got float64",
    ),
    # what would change the engine's own arrays
    (
        Activation("own", lambda z: np.maximum(z, 0, out=z), lambda z, a: z),
        "value must take read-only arrays and write into none of them; it raised output",
    ),
    (Activation("own", np.tanh, write_slope), "slope must take read-only arrays"),
    (Loss("own", half_squares, lambda y, f: np.clip(f, -9, 9, out=f)), "gradient must take"),
    (Loss("own", lambda y, f: write_slope(f, y)[:, 0], residual), "value must take"),
    # one row alone
    (Activation("own", lambda z: np.tanh(z.squeeze()), lambda z, a: z), r"\(1, 2\); got shape"),
    (Loss("own", half_squares, lambda y, f: (f - y).squeeze()), r"\(1, 2\); got shape \(2,\)"),
]


@pytest.mark.parametrize(("record", "message"), WRONG)
def test_functions_that_no_network_could_use_are_refused(own_names, record, message):
    kind = type(record).__name__.lower()
    with pytest.raises(ValueError, match=rf"(?s)^{kind} 'own': .*{message}") as caught:
        LOOK_UP[type(record)](record)
    assert caught.value.__cause__ is not None
    with pytest.raises(ValueError, match=f"unknown {kind} 'own'"):
        LOOK_UP[type(record)]("own")


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_each_task_of_the_design_is_allowed(own_names, task):
    record = Loss("own", half_squares, residual, task=task)
    assert catalog.loss(record) is record


@pytest.mark.parametrize(
    ("pair", "error", "message"),
    [
        (("k",), TypeError, "parameters must be pairs of a name and a number; got"),
        ("k", TypeError, "parameters must be pairs of a name and a number; got 'k'"),
        ((1, 2.0), TypeError, "parameters must be pairs of a name and a number; got"),
        (("k", "x"), TypeError, r"k must be a number in \(-inf, inf\); got 'x'"),
        (("k", None), TypeError, r"k must be a number in \(-inf, inf\); got None"),
        (("k", True), TypeError, r"k must be a number in \(-inf, inf\); got True"),
        (("k", 10**400), ValueError, "k must be .*; got a number beyond the range of float"),
        (("k", np.nan), ValueError, r"k must be a number in \(-inf, inf\); got nan"),
    ],
)
def test_parameters_are_names_with_numbers(pair, error, message):
    with pytest.raises(error, match=f"^activation 'own': {message}"):
        Activation("own", np.tanh, lambda z, a: 1 - a * a, parameters=(pair,))
