"""Parameters of records: their text, their ranges, and the facts that follow from them."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import catalog

from support.own_records import plane

# --- by text -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("huber(2)", "huber(delta=2.0)"),
        ("huber(delta=2)", "huber(delta=2.0)"),
        ("  huber ( delta = 2e0 ) ", "huber(delta=2.0)"),
        ("huber()", "huber"),
        ("huber(1)", "huber"),
        ("pinball(.25)", "quantile(q=0.25)"),
        ("log_loss(1e-3)", "binary_cross_entropy(smoothing=0.001)"),
        ("log_loss(0)", "binary_cross_entropy"),
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
    assert type(record.parameters[0][1]) is float  # a NumPy number would widen float32
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
    assert str(catalog.activation("plane(shift=3)")) == "plane(shift=3.0)"
    assert str(catalog.activation("plane(1, 0)")) == "plane"


# --- wrong ones --------------------------------------------------------------------------


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
    ],
)
def test_wrong_parameters_of_a_loss(text, message):
    with pytest.raises(ValueError, match=message):
        catalog.loss(text)


RANGES = {
    "leaky_relu": "[0, 1]",
    "elu": "(0, inf)",
    "binary_cross_entropy": "[0, 1)",
    "categorical_cross_entropy": "[0, 1)",
    "huber": "(0, inf)",
    "quantile": "(0, 1)",
    "constant": "(-inf, inf)",
    "normal": "[0, inf)",
    "uniform": "[0, inf)",
    "orthogonal": "[0, inf)",
    "sklearn": "[0, inf)",
}
BOUND = [
    (look_up, record)
    for look_up, table in (
        (catalog.activation, catalog.ACTIVATIONS),
        (catalog.loss, catalog.LOSSES),
        (catalog.initializer, catalog.INITIALIZERS),
    )
    for record in table
    if record.parameters
]


def test_every_parameter_has_its_range():
    found = {record.name: (record.ranges or ("(-inf, inf)",)) for _, record in BOUND}
    assert found == {name: (interval,) for name, interval in RANGES.items()}


@pytest.mark.parametrize(("look_up", "record"), BOUND, ids=lambda value: str(value)[:12])
def test_a_range_ends_where_it_says(look_up, record):
    interval, ((name, _),) = RANGES[record.name], record.parameters
    low, high = map(float, interval[1:-1].split(", "))
    outside = [float("nan"), float("inf"), -float("inf")]
    for end, closed, step in ((low, "[" in interval, -1), (high, "]" in interval, 1)):
        outside.append(np.nextafter(end, step * np.inf) if closed else end)
        within = end if closed else float(np.nextafter(end, -step * np.inf))
        if abs(within) < 1e300:
            assert look_up(f"{record.name}({within!r})").parameters == ((name, within),)
    for value in outside:
        rule = f"{name} must be a number in {interval}; got {float(value)!r}"
        with pytest.raises(ValueError, match=re.escape(f" {record.name!r}: {rule}")):
            look_up(f"{record.name}({float(value)!r})")
        with pytest.raises(ValueError, match=re.escape(rule)):
            dataclasses.replace(record, parameters=((name, float(value)),))


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        (("(0, 1)",), r"activation 'plane': ranges must hold one interval for each of 2"),
        (("[0, 1]", "0 to 1"), r"an interval reads like '\[0, 1\)'; got '0 to 1'"),
        (("(2, 3)", "[0, 0]"), r"activation 'plane': scale must be a number in \(2, 3\)"),
    ],
)
def test_ranges_of_one_s_own_are_checked(ranges, message):
    with pytest.raises(ValueError, match=message):
        plane(ranges=ranges)


def test_a_range_of_one_s_own_is_kept_by_its_texts(own_names):
    catalog.activation(plane(ranges=("(0, 2)", "(-inf, inf)")))
    assert catalog.activation("plane(1.5)").parameters[0] == ("scale", 1.5)
    with pytest.raises(ValueError, match=r"'plane': scale must be a number in \(0, 2\); got 2"):
        catalog.activation("plane(2)")


# --- facts that depend on parameters -----------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *(f"elu({alpha})" for alpha in (0.25, 1, 2, 100)),
        *(f"leaky_relu({alpha})" for alpha in (0, 0.01, 0.5, 1)),
    ],
)
def test_facts_of_a_record_hold_for_its_parameters(text):
    """The judge is the formula itself: at both ends, and on both sides of 0."""
    record = catalog.activation(text)
    z = np.array([-np.inf, -1e-9, 1e-9, np.inf])
    with np.errstate(invalid="ignore"):  # 0 times infinity, at alpha = 0
        ends = record(z)[[0, -1]]
    if text != "leaky_relu(0)":
        assert tuple(ends) == record.bounds
    assert record(np.array([-1e3, 1e3])).min() >= record.bounds[0]
    near = np.array([-1e3, -1e-9, 1e-9, 1e3])
    slope = record.backward(np.ones(4), near, record(near))
    assert record.saturates == (slope[0] == 0, slope[3] == 0)
    assert record.kinks == ((0.0,) if abs(slope[2] - slope[1]) > 1e-3 else ())


def test_facts_at_their_ends():
    assert catalog.activation("elu").bounds == (-1.0, np.inf)
    assert catalog.activation("elu(2)").bounds == (-2.0, np.inf)
    assert catalog.activation("elu").kinks == catalog.activation("leaky_relu(1)").kinks == ()
    relu, flat = catalog.activation("relu"), catalog.activation("leaky_relu(0)")
    facts = ("kinks", "bounds", "saturates", "weights")
    assert [getattr(flat, fact) for fact in facts] == [getattr(relu, fact) for fact in facts]


def plane_facts(scale, shift):
    return {"bounds": (shift, shift) if scale == 0 else (-np.inf, np.inf)}


def test_facts_of_one_s_own_follow_the_parameters(own_names):
    record = catalog.activation(plane(facts=plane_facts))
    assert record.bounds == (-np.inf, np.inf)
    assert catalog.activation("plane(0, 3)").bounds == (3.0, 3.0)
    flat = plane(facts=plane_facts, parameters=(("scale", 0.0), ("shift", 3.0)))
    assert catalog.activation(flat) == catalog.activation("plane(0, 3)")
    with pytest.raises(ValueError, match=r"'plane': facts must be of bounds, .*; got name"):
        plane(facts=lambda scale, shift: {"name": "other"})
