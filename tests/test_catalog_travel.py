"""Records of one's own travel with the models that name them."""

import copy
import dataclasses
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet import MLP, catalog
from glassnet.catalog import Activation, Initializer, Loss

from support import own_records
from support.own_records import defined_anew, own_loss, plane, plane_slope, plane_value

X = np.array([[0.5, -1.0], [2.0, 0.25], [0.0, 3.0]])


def ones(rng, fan_in, fan_out):
    return np.ones((fan_in, fan_out))


@pytest.fixture
def net(own_names):
    twice = plane(parameters=(("scale", 2.0), ("shift", 0.0)))
    catalog.activation(plane())
    return MLP([2, 3, 1], activation=twice, loss=own_loss(link="plane"), seed=0)


def forget(monkeypatch):
    """Let the catalogue be that of a fresh process."""
    for name in ("_activations", "_losses", "_initializers"):
        register = getattr(catalog, name)
        monkeypatch.setattr(catalog, name, type(register)(register.kind, register.shipped))


def test_a_fresh_process_can_load_and_predict(net, tmp_path):
    file = tmp_path / "net.pickle"
    file.write_bytes(pickle.dumps(net))
    code = (
        "import pickle, sys, pathlib\n"
        f"net = pickle.loads(pathlib.Path({str(file)!r}).read_bytes())\n"
        "print(net.plan.layers[1].formula, net.plan.output, net.plan.loss)\n"
        f"print(net.predict({X.tolist()}).tolist())\n"
    )
    paths = [str(Path(__file__).parent), str(Path(glassnet.__file__).parents[1])]
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths}\n{code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    names, predictions = run.stdout.splitlines()
    assert names == "plane(scale=2.0) plane half_squares"
    assert predictions == str(net.predict(X).tolist())


def test_records_that_a_record_names_come_along(own_names, monkeypatch):
    catalog.initializer(Initializer("ones", ones))
    catalog.activation(plane(weights="ones"))
    catalog.loss(own_loss(link="plane"))
    records = catalog.custom_records(["relu", "half_squares", "huber(2)"])
    assert {record.name for record in records} == {"half_squares", "plane", "ones"}
    stored = pickle.dumps(records)
    forget(monkeypatch)
    catalog.admit(pickle.loads(stored))
    assert catalog.initializer(catalog.activation("plane").weights).weights is ones
    assert catalog.activation(catalog.loss("half_squares").link).value is plane_value


def test_only_records_of_one_s_own_are_stored(net):
    assert catalog.custom_records([]) == ()
    assert MLP([2, 3, 1], activation="elu(2)").__getstate__()["records"] == ()
    assert {record.name for record in net.__getstate__()["records"]} == {
        "plane",
        "half_squares",
    }
    assert catalog.custom_records(["plane(scale=2.0)"]) == (catalog.activation("plane"),)


def test_what_is_no_record_is_not_admitted():
    with pytest.raises(TypeError, match="records must hold records; got 'relu'"):
        catalog.admit(["relu"])


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_copies_in_one_process(net, again):
    twin = again(net)
    np.testing.assert_array_equal(twin.predict(X), net.predict(X))
    assert "records" not in vars(twin)


def test_state_of_an_earlier_version_has_no_records(net):
    state = net.__getstate__()
    del state["records"]
    twin = MLP.__new__(MLP)
    twin.__setstate__(state)
    np.testing.assert_array_equal(twin.predict(X), net.predict(X))


# --- where the catalogue has the name already -----------------------------------------------


def test_the_newer_definition_is_kept(net, monkeypatch):
    """A pickle holds functions by name: it could bring nothing but the newer ones."""
    stored = pickle.dumps(net)
    monkeypatch.setattr(own_records, "plane_value", tripled())
    newer = plane(value=own_records.plane_value, kinks=(0.0,), check=False)
    catalog.activation(newer)
    twin = pickle.loads(stored)
    assert catalog.activation("plane") is newer
    np.testing.assert_array_equal(twin.predict(X), net.predict(X))
    np.testing.assert_array_equal(copy.deepcopy(net).predict(X), net.predict(X))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(net)).predict(X), net.predict(X))


def tripled():
    def plane_value(z, scale=1.0, shift=0.0):
        return 3.0 * scale * z + shift

    plane_value.__qualname__ = "plane_value"  # as if at top level
    plane_value.__module__ = own_records.__name__
    return plane_value


def test_a_cell_run_again_without_a_change_does_not_hinder_a_pickle(net, monkeypatch):
    before = net.predict(X)
    monkeypatch.setattr(own_records, "plane_value", defined_anew(plane_value))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(net)).predict(X), before)


def test_a_function_that_lost_its_name_to_another_cannot_be_pickled(net, monkeypatch):
    monkeypatch.setattr(own_records, "plane_value", tripled())
    with pytest.raises(
        pickle.PicklingError,
        match=r"activation 'plane' cannot be pickled: .* its value, support\.own_records\."
        "plane_value, is by now another function",
    ):
        pickle.dumps(net)
    np.testing.assert_array_equal(copy.deepcopy(net).predict(X), net.predict(X))


def test_another_record_with_the_name_is_refused(net, monkeypatch):
    stored = pickle.dumps(net)
    forget(monkeypatch)
    catalog.activation(Activation("plane", np.tanh, plane_slope, check=False))
    with pytest.raises(ValueError, match="activation 'plane': 'plane' is taken by another"):
        pickle.loads(stored)


def test_other_defaults_under_the_name_are_refused(net, monkeypatch):
    """The text ``plane`` would mean other numbers than those the network was trained with."""
    stored = pickle.dumps(net)
    forget(monkeypatch)
    catalog.activation(
        dataclasses.replace(plane(), parameters=(("scale", 7.0), ("shift", 0.0)), defaults=())
    )
    with pytest.raises(
        ValueError, match=r"came with .*'scale': 1.0.*has it with .*'scale': 7.0"
    ):
        pickle.loads(stored)


# --- what pickle cannot find by name ----------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        Activation("own", lambda z: z, plane_slope),
        Loss("own", own_records.half_squares, lambda y, f: f - y),
    ],
    ids=["value", "gradient"],
)
def test_a_lambda_cannot_be_pickled_but_copied(own_names, record, request):
    kind, field = type(record).__name__.lower(), request.node.callspec.id
    net = MLP([2, 3, 1], seed=0, **{kind: record})
    with pytest.raises(
        pickle.PicklingError,
        match=f"^{kind} 'own' cannot be pickled: functions are pickled by name, and its "
        f"{field} is a lambda or stands inside another function; define it with def",
    ):
        pickle.dumps(net)
    np.testing.assert_array_equal(copy.deepcopy(net).predict(X), net.predict(X))
    assert copy.deepcopy(record) is copy.copy(record) is record
