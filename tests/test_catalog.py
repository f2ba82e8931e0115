"""The catalogue: what is in it, how it is found, and what an unknown name says."""

import copy
import dataclasses
import inspect
import pickle

import numpy as np
import pytest

from glassnet import catalog
from glassnet.catalog import Activation, Initializer, Loss
from glassnet.names import key

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
    return {name: f for name, f in entries.items() if callable(f) and name != "facts"}


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
    names = [key(name) for r in LOOK_UP[cls][1] for name in (r.name, *r.synonyms)]
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


@pytest.mark.parametrize("spec", [None, 3, ["relu"], np.tanh, catalog.loss("huber")], ids=str)
def test_what_is_no_specification_is_refused(spec):
    with pytest.raises(TypeError, match="activation must be a name, a record or a formula"):
        catalog.activation(spec)


def test_a_record_of_another_kind_is_named_in_the_error():
    with pytest.raises(TypeError, match=r"loss must be .*; got Activation 'relu'"):
        catalog.loss(catalog.activation("relu"))


def test_a_look_up_by_text_is_one_of_a_cache():
    """Every training step asks several times: the same text is read once."""
    reader = catalog._activations._read
    catalog.activation("leaky_relu(0.125)")
    before = reader.cache_info()
    for _ in range(100):
        catalog.activation("leaky_relu(0.125)")
    after = reader.cache_info()
    assert (after.hits - before.hits, after.misses) == (100, before.misses)
