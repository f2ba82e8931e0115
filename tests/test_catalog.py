"""The catalogue: names, parameters by text, records of one's own, and clear errors."""

import copy
import dataclasses
import inspect
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import catalog
from glassnet.catalog import Activation, Initializer, Loss
from glassnet.register import Register

LOOK_UP = {
    Activation: (catalog.activation, catalog.ACTIVATIONS),
    Loss: (catalog.loss, catalog.LOSSES),
    Initializer: (catalog.initializer, catalog.INITIALIZERS),
}
RECORDS = [*catalog.ACTIVATIONS, *catalog.LOSSES, *catalog.INITIALIZERS]


def find(record, spec):
    return LOOK_UP[type(record)][0](spec)


def functions(record):
    """Return the record's formulas by the name of their field."""
    entries = {entry.name: getattr(record, entry.name) for entry in dataclasses.fields(record)}
    return {name: f for name, f in entries.items() if callable(f)}


@pytest.fixture
def own_names(monkeypatch):
    """Forget at the test's end what it enters into the catalogue."""
    for register in ("_activations", "_losses", "_initializers"):
        shipped = getattr(catalog, register)
        monkeypatch.setattr(catalog, register, Register(shipped.kind, shipped.shipped))


# --- what is in it ---------------------------------------------------------------------


def test_every_formula_of_the_design_is_there():
    names = {cls: {record.name for record in table} for cls, (_, table) in LOOK_UP.items()}
    assert names[Loss] == {
        "squared_error", "binary_cross_entropy", "categorical_cross_entropy", "hinge",
        "squared_hinge", "huber", "absolute_error", "quantile", "poisson",
    }  # fmt: skip
    assert names[Initializer] == {
        "zeros", "constant", "normal", "uniform", "glorot_uniform", "glorot_normal",
        "he_uniform", "he_normal", "lecun_normal", "orthogonal", "sklearn",
    }  # fmt: skip
    assert names[Activation] >= {
        "identity", "step", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "swish", "gelu",
        "gelu_tanh", "softplus", "softsign", "selu", "mish", "hard_sigmoid", "hard_swish",
        "relu6", "softmax", "log_softmax",
    }  # fmt: skip


@pytest.mark.parametrize("cls", LOOK_UP, ids=lambda cls: cls.__name__)
def test_no_name_is_used_twice(cls):
    names = [name for r in LOOK_UP[cls][1] for name in (r.name, *r.synonyms)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)
def test_parameters_are_the_formulas_own(record):
    expected = dict(record.parameters)
    for name, function in functions(record).items():
        signature = inspect.signature(function).parameters.values()
        defaults = {p.name: p.default for p in signature if p.default is not p.empty}
        assert defaults == expected, name


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)
def test_found_by_name_synonym_text_record_and_formula(record):
    for spec in (record.name, *record.synonyms, f" {record.name}() ", str(record), record):
        assert find(record, spec) == record
    for name in ("value", "weights"):
        if name in functions(record):
            assert find(record, functions(record)[name]) is record


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)
def test_survives_copy_and_pickle(record):
    assert pickle.loads(pickle.dumps(record)) == record
    assert copy.deepcopy(record) == record
    assert find(record, pickle.loads(pickle.dumps(record))) == record
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.name = "other"


def test_records_point_at_each_other():
    for record in catalog.ACTIVATIONS:
        assert catalog.initializer(record.weights).name == record.weights
    for record in catalog.LOSSES:
        assert catalog.activation(record.link).name == record.link
        assert record.task in ("regression", "binary", "multiclass")


def test_the_link_of_a_loss_makes_predictions_its_targets_can_equal():
    f = np.linspace(-30, 30, 61)[:, None] * [1.0, 0.5]
    for record in catalog.LOSSES:
        if record.task == "regression" or record.link != "identity":
            prediction = catalog.activation(record.link)(f)
            assert record.bounds[0] <= prediction.min()
            assert prediction.max() <= record.bounds[1]


# --- parameters by text ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("huber(2)", "huber(delta=2.0)"),
        ("huber(delta=2)", "huber(delta=2.0)"),
        ("  huber ( delta = 2e0 ) ", "huber(delta=2.0)"),
        ("huber()", "huber(delta=1.0)"),
        ("huber", "huber(delta=1.0)"),
        ("pinball(.25)", "quantile(q=0.25)"),
        ("log_loss(1e-3)", "binary_cross_entropy(smoothing=0.001)"),
        ("squared_error()", "squared_error"),
    ],
)
def test_text_with_parameters(text, expected):
    record = catalog.loss(text)
    assert str(record) == expected
    assert catalog.loss(str(record)) == record


@settings(max_examples=100, deadline=None)
@given(st.floats(min_value=1e-300, max_value=1e300))
def test_a_parameter_comes_back_from_its_text(delta):
    record = catalog.loss(f"huber({delta!r})")
    assert record.parameters == (("delta", delta),)
    assert catalog.loss(str(record)) == record


def test_a_parameter_that_numpy_made_comes_back_too():
    record = dataclasses.replace(
        catalog.loss("huber"), parameters=(("delta", np.float64(0.5)),)
    )
    assert str(record) == "huber(delta=0.5)"
    assert catalog.loss(str(record)) == catalog.loss(record)


def test_a_parameter_reaches_the_formula():
    y, f = np.zeros((1, 1)), np.full((1, 1), 10.0)
    assert catalog.loss("huber(2)").mean(y, f) == 2 * (10 - 1)
    assert catalog.loss("huber(2)").mean_gradient(y, f).item() == 2
    assert catalog.activation("leaky_relu(0.5)")(-f).item() == -5
    assert catalog.activation("leaky_relu(0.5)").backward(f, -f, -f / 2).item() == 5


def test_several_parameters_by_place_and_by_name(own_names):
    catalog.activation(plane())
    for text in ("plane(2, 3)", "plane(2, shift=3)", "plane(shift=3, scale=2)"):
        assert str(catalog.activation(text)) == "plane(scale=2.0, shift=3.0)"
    assert str(catalog.activation("plane(shift=3)")) == "plane(scale=1.0, shift=3.0)"


# --- errors ----------------------------------------------------------------------------


@pytest.mark.parametrize("cls", LOOK_UP, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("text", ["no_such", "", "no_such(1)", "huber(1", "he_normal)", "a b"])
def test_an_unknown_name_lists_the_known_ones(cls, text):
    look_up, table = LOOK_UP[cls]
    with pytest.raises(ValueError, match=f"unknown {cls.__name__.lower()}") as caught:
        look_up(text)
    assert repr(text) in str(caught.value)
    for record in table:
        for name in (record.name, *record.synonyms):
            assert name in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("huber(1, 2)", r"loss 'huber' cannot take '2'; its parameters: delta"),
        ("huber(width=2)", r"loss 'huber' cannot take 'width=2'; its parameters: delta"),
        ("hinge(2)", r"loss 'hinge' cannot take '2'; its parameters: none"),
        ("huber(wide)", r"loss 'huber': delta must be a number; got 'wide'"),
        ("huber(1,)", r"loss 'huber' cannot take ''; its parameters: delta"),
        ("huber(=1)", r"loss 'huber' cannot take '=1'"),
        ("huber(delta=1, delta=2)", r"loss 'huber': delta is given twice"),
        ("huber(0)", r"loss 'huber\(delta=0.0\)': delta must be positive"),
        ("huber(nan)", r"loss 'huber\(delta=nan\)': delta must be finite; got nan"),
        ("quantile(inf)", r"loss 'quantile\(q=inf\)': q must be finite; got inf"),
        ("quantile(1.5)", r"q must lie strictly between 0 and 1; got 1.5"),
        ("log_loss(1)", r"smoothing must lie in \[0, 1\); got 1.0"),
    ],
)
def test_wrong_parameters_of_a_loss(text, message):
    with pytest.raises(ValueError, match=message):
        catalog.loss(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("normal(-1)", r"initializer 'normal\(scale=-1.0\)': scale must be finite and not neg"),
        ("orthogonal(-1)", "gain must be finite and not negative; got -1.0"),
        ("sklearn(-1)", "factor must be finite and not negative; got -1.0"),
    ],
)
def test_wrong_parameters_of_an_initializer(text, message):
    with pytest.raises(ValueError, match=message):
        catalog.initializer(text)


@pytest.mark.parametrize("spec", [None, 3, ["relu"], np.tanh, catalog.loss("huber")], ids=str)
def test_what_is_no_specification_is_refused(spec):
    with pytest.raises(TypeError, match="activation must be a name, a record or a formula"):
        catalog.activation(spec)


def test_a_record_of_another_kind_is_named_in_the_error():
    with pytest.raises(TypeError, match=r"loss must be .*; got Activation 'relu'"):
        catalog.loss(catalog.activation("relu"))


# --- records of one's own --------------------------------------------------------------


def plane_value(z, scale=1.0, shift=0.0):
    return scale * z + shift


def plane_slope(z, a, scale=1.0, shift=0.0):
    return np.full_like(z, scale)


def plane(**changes):
    record = Activation(
        "plane",
        plane_value,
        plane_slope,
        parameters=(("scale", 1.0), ("shift", 0.0)),
        synonyms=("affine",),
    )
    return dataclasses.replace(record, **changes)


def defined_anew(function):
    """Return what `function` becomes when the notebook cell that defines it runs again."""
    again = type(function)(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    again.__qualname__ = function.__qualname__
    return again


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
    assert catalog.activation(other) is other
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


def test_a_cell_run_again_replaces_its_record(own_names):
    catalog.activation(plane())
    assert catalog.activation("plane(2)").value is plane_value
    newer = plane(value=defined_anew(plane_value), slope=defined_anew(plane_slope))
    assert newer != plane()
    assert catalog.activation(newer) is newer
    for text in ("plane", "affine", "plane(2)"):
        assert catalog.activation(text).value is newer.value


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
    changed = dataclasses.replace(catalog.loss("huber"), parameters=(("delta", -1.0),))
    with pytest.raises(ValueError, match="delta must be positive and finite"):
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


def half_squares(y, f):
    return np.sum((f - y) ** 2, axis=1) / 2


def residual(y, f):
    return f - y


def blank(rng, fan_in, fan_out):
    return np.zeros((fan_in, fan_out))


WRONG = [
    (Activation("own", np.tanh, lambda z, a: 1.0), r"slope .* shape \(3, 2\); got 1.0"),
    (Activation("own", np.tanh, lambda z, a: None), r"slope .* shape \(3, 2\); got None"),
    (Activation("own", np.tanh, lambda z, a: np.ones(2)), r"slope .* got shape \(2,\)"),
    (Activation("own", lambda z: z.sum(), lambda z, a: z), r"value .* shape \(3, 2\)"),
    (Activation("own", np.log, lambda z, a: 1 / z), "value must return finite real numbers"),
    (Activation("own", lambda z: z * 1j, lambda z, a: z), "value must return finite real"),
    (Activation("own", fails, fails), r"its functions raised KeyError\('lost'\)"),
    (Activation("own", np.tanh, lambda z, a, d: np.ones(3), rowwise=True), r"shape \(3,\)"),
    (Loss("own", residual, residual), r"value .* shape \(3,\); got shape \(3, 2\)"),
    (Loss("own", lambda y, f: 0.5, residual), r"value .* shape \(3,\); got 0.5"),
    (Loss("own", half_squares, half_squares), r"gradient .* \(3, 2\); got shape \(3,\)"),
    (
        Loss("own", half_squares, lambda y, f: (f - y) * np.nan),
        "gradient must return finite real numbers; got",
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
]


@pytest.mark.parametrize(("record", "message"), WRONG)
def test_functions_that_no_network_could_use_are_refused(own_names, record, message):
    kind = type(record).__name__.lower()
    with pytest.raises(ValueError, match=rf"(?s)^{kind} 'own': .*{message}") as caught:
        find(record, record)
    assert caught.value.__cause__ is not None
    with pytest.raises(ValueError, match=f"unknown {kind} 'own'"):
        find(record, "own")


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_each_task_of_the_design_is_allowed(own_names, task):
    record = Loss("own", half_squares, residual, task=task)
    assert catalog.loss(record) is record


@pytest.mark.parametrize(
    "pair", [("k", "x"), ("k", None), ("k", True), ("k", 10**400), ("k",), "kx", (1, 2.0)]
)
def test_parameters_are_names_with_numbers(pair):
    with pytest.raises(TypeError, match="activation 'own': parameters must be pairs of a name"):
        Activation("own", np.tanh, lambda z, a: 1 - a * a, parameters=(pair,))
