"""In the benchmarks everyone does equal work. No time is judged here."""

import dataclasses

import numpy as np
import pytest
from benchmarks.cases import (
    COMPILED,
    GLASSNET,
    JAX,
    JOBLIB,
    LIMITS,
    NUMPY,
    ONNX,
    OPERATIONS,
    OPTAX,
    PREDICTOR,
    PRODUCTS,
    ROWS,
    SKLEARN,
    TORCH,
    VMAP,
    Case,
)
from benchmarks.judging import result
from benchmarks.peers import NotThere, bare_operations, bare_products, prepare
from benchmarks.tasks import build, load, save

from support.tiny_benchmarks import TINY, tiny

LIVE = {TORCH: "torch", COMPILED: "torch", JAX: "jax", VMAP: "jax"}
LIVE |= {OPTAX: "optax", ONNX: "onnxruntime"}


def trained(case, peer):
    """Return the loss that a peer comes to, or skip the test where it cannot."""
    if peer in LIVE:
        pytest.importorskip(LIVE[peer])
    task = build(case)
    try:
        return task, prepare(peer, task)()
    except NotThere as reason:
        pytest.skip(str(reason))


def close(case):
    """Return how close results must be: float32 rounds, and Adam's ε stands elsewhere."""
    return 1e-9 if case.dtype == "float64" else 2e-3


def entries():
    for name in TINY:
        for peer in tiny(name).peers:
            if peer in (*LIMITS, GLASSNET):
                continue
            marks = [pytest.mark.judge] if peer in LIVE else []
            if peer == COMPILED:
                # Its compiler takes its time, and warns of itself.
                marks += [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
            yield pytest.param(name, peer, marks=marks, id=f"{name}-{peer}")


@pytest.fixture(scope="module")
def reference():
    """Return what plain NumPy comes to, or scikit-learn where NumPy does not take part."""
    found = {}

    def of(name):
        if name not in found:
            case = tiny(name)
            peers = (peer for peer in (NUMPY, JOBLIB, SKLEARN) if peer in case.peers)
            task, answer = trained(case, next(peers))
            found[name] = result(task, answer)
        return found[name]

    return of


# --- equal work ------------------------------------------------------------------------


def test_every_case_has_a_tiny_version():
    assert set(TINY) == {case.name for row in ROWS.values() for case in row}


@pytest.mark.parametrize("name", TINY)
def test_glassnet_does_the_same_work_as_plain_code(name, reference):
    case = tiny(name)
    assert result(*trained(case, GLASSNET)) == pytest.approx(reference(name), rel=close(case))


@pytest.mark.parametrize(("name", "peer"), list(entries()))
def test_peers_do_the_same_work(name, peer, reference):
    case = tiny(name)
    assert result(*trained(case, peer)) == pytest.approx(reference(name), rel=close(case))


@pytest.mark.judge
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_compiled_graph_counts_its_steps_in_float64_too():
    case = dataclasses.replace(tiny("small"), dtype="float64")
    plain, compiled = (result(*trained(case, peer)) for peer in (NUMPY, COMPILED))
    assert compiled == pytest.approx(plain, rel=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_processes_that_share_networks_give_each_its_own():
    task = build(tiny("many: 20-32-32-2"))
    alone = prepare(JOBLIB, task)()
    shared = prepare(JOBLIB, dataclasses.replace(task, threads=2))()
    for a, b in zip(alone, shared, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", ["notebook", "small", "table", "mnist", "wide"])
def test_a_wrong_order_or_rate_would_be_seen(name):
    case = tiny(name)
    task = build(case)
    right = result(task, prepare(NUMPY, task)())
    other = dataclasses.replace(task, case=dataclasses.replace(case, rate=1.3 * case.rate))
    assert result(task, prepare(NUMPY, other)()) != pytest.approx(right, rel=close(case))
    if case.batch:
        other = dataclasses.replace(task, order=task.order[:, ::-1].copy())
        assert result(task, prepare(NUMPY, other)()) != pytest.approx(right, rel=1e-5)


@pytest.mark.parametrize("peer", [PREDICTOR, TORCH, ONNX])
@pytest.mark.parametrize("name", [name for name in TINY if name.startswith("predict")])
def test_predictions_are_equal_number_by_number(name, peer):
    marks = trained(tiny(name), GLASSNET)
    task, outputs = trained(tiny(name), peer)
    if peer == TORCH and task.case.loss == "categorical_cross_entropy":
        outputs = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)  # logits
    np.testing.assert_allclose(outputs, marks[1], rtol=1e-4)


def test_a_task_survives_its_file(tmp_path):
    task = build(tiny("mnist"))
    save(task, tmp_path / "task.npz")
    read = load(tmp_path / "task.npz", threads=2)
    assert read.threads == 2
    assert read.case == dataclasses.replace(task.case, bars=())
    assert [a.dtype for a in read.first] == [a.dtype for a in task.first]
    for a, b in zip(read.first, task.first, strict=True):
        np.testing.assert_array_equal(a, b)
    for name in ("X", "y", "order"):
        np.testing.assert_array_equal(getattr(read, name), getattr(task, name))


def test_work_starts_afresh_each_time():
    task = build(tiny("table"))
    for peer in (GLASSNET, NUMPY, SKLEARN):
        work = prepare(peer, task)
        first = [array.copy() for array in work()]
        for a, b in zip(first, work(), strict=True):
            np.testing.assert_array_equal(a, b)


# --- the limits ------------------------------------------------------------------------


def test_operations_are_counted():
    case = Case("", "train", "", 10, (4, 3, 2), "tanh", epochs=5, nets=2)
    # forward 4·3 + 3·2, gradients by the weights as many, by the hidden layer 3·2
    assert bare_operations.counts(case) == ((18 + 18 + 6) * 100, (3 + 2) * 100)


@pytest.mark.parametrize("name", ["table", "wide"])
def test_bare_products_are_those_of_the_work(name, monkeypatch):
    done = []

    def product(dtype, rows, inner, columns):
        return lambda: done.append(rows * inner * columns)

    monkeypatch.setattr(bare_products, "_product", product)
    case = tiny(name)
    bare_products.train(build(case))()
    assert sum(done) == bare_operations.counts(case)[0]


def test_a_bare_product_writes_where_it_should():
    product = bare_products._product("float32", 5, 4, 3)
    assert product().shape == (5, 3)
    assert product() is not None
    assert np.shares_memory(product(), product())


@pytest.mark.parametrize("name", ["notebook", "small", "table", "perceptron"])
def test_limits_run(name):
    case = tiny(name)
    for peer in {PRODUCTS, OPERATIONS} & set(case.peers):
        assert prepare(peer, build(case))() is None
