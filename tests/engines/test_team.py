"""The compiled engine on several threads: the same bits whoever computes them."""

import multiprocessing
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

pytest.importorskip("numba")

from glassnet import optimizers
from glassnet.engines import cores
from glassnet.engines import numba_engine as fast
from glassnet.engines import numpy_engine as slow
from glassnet.engines.compiled import dense, elementwise, layout, program, stages
from glassnet.engines.data import Batches, Block, Data
from glassnet.network import State, build_plan

DTYPES = [np.float32, np.float64]
# sizes, rows, rows of a batch, what `build_plan` is told, the rule
CASES = {
    "cut": ([260, 256, 64, 10], 600, 256, {}, optimizers.Adam(0.001)),
    "equal layers": ([128, 128, 128, 10], 300, 128, {}, optimizers.Adam(0.001)),
    "dropout": (
        [90, 128, 64, 10],
        300,
        128,
        {"dropout": 0.3, "alpha": 0.1},
        optimizers.NAdam(),
    ),
    "batch norm": ([90, 128, 64, 10], 257, 128, {"norm": "batch"}, optimizers.Momentum(0.01)),
    "layer norm": (
        [90, 128, 64, 10],
        300,
        150,
        {"norm": "layer", "activation": "gelu"},
        optimizers.AdamW(0.001, weight_decay=0.1, clip_norm=0.5),
    ),
    "lanes": ([4, 32, 16, 10], 2900, 1801, {"dropout": 0.1}, optimizers.Adam(0.001)),
    "large lanes": ([30, 90, 70, 10], 2500, 2300, {"alpha": 0.1}, optimizers.Lion(0.001)),
    "clipped": ([90, 300, 10], 300, 130, {}, optimizers.SGD(0.1, clip_value=0.001)),
}


@pytest.fixture
def eager(monkeypatch):
    """Have eight cores, and products cut that are too small for it otherwise."""
    monkeypatch.setattr(cores, "_cores", lambda: 8)
    monkeypatch.setattr(fast, "_WORTH_IN_PARTS", 0)
    monkeypatch.setattr(stages, "_PACKED_WORK", 200_000)
    monkeypatch.setattr(stages, "_HUGE_WORK", 1_000_000)
    monkeypatch.setattr(stages, "_HUGE_PARTS", 4)
    monkeypatch.setattr(dense, "_BLAS_FROM", 2_000_000)
    program.build.cache_clear()
    yield
    program.build.cache_clear()


def work(name, dtype=np.float32, weighted=False, epochs=2):
    """Return what `train` is given but for the state, and a function that makes that."""
    sizes, n, size, network, rule = CASES[name]
    network = {"activation": "tanh", "loss": "categorical_cross_entropy"} | network
    plan = build_plan(sizes, **network)
    rng = np.random.default_rng(0)
    theta = rng.normal(0, 0.1, plan.n_parameters).astype(dtype)
    buffers = np.ones(plan.n_buffers, dtype)
    X = rng.normal(size=(n, sizes[0])).astype(dtype)
    y = np.eye(sizes[-1], dtype=dtype)[rng.integers(0, sizes[-1], n)]
    weight = rng.uniform(0, 2, n).astype(dtype) if weighted else None
    batches = Batches(n, size, no_single=bool(plan.buffers))
    order = [rng.permutation(n) for _ in range(epochs)]
    rates = np.full((epochs, batches.per_epoch), rule.learning_rate)

    def start():
        state = State(theta.copy(), buffers.copy())
        state.slots, state.key = rule.start(theta), 7
        return state

    return plan, start, (Data(X, y, weight), rule, Block(order, rates, batches))


def trained(engine, name, threads, *args, **kwargs):
    plan, start, rest = work(name, *args)
    state = start()
    found = engine.train(plan, state, *rest, threads=threads, **kwargs)
    assert found.status == "ok"
    return [state.theta, state.buffers, found.losses, *state.slots.values()]


def same_bits(found, expected):
    return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def parts_of_products(name):
    """Return into how many jobs the stages of the passes through the network are cut."""
    plan, _, (_, rule, block) = work(name)
    found = program.build(plan, rule, "float32", *fast._shape(plan, block.batches))
    begin, end = found.stage_starts[layout.CHUNKS : layout.CHUNKS + 2]
    return found.lanes, np.diff(found.stages)[begin:end]


@pytest.mark.parametrize("name", CASES)
def test_there_is_something_to_share(name, eager):
    lanes, parts = parts_of_products(name)
    assert lanes > 1 if "lanes" in name else np.sum(parts > 1) >= 2


def test_large_products_are_cut_and_small_ones_are_not(monkeypatch):
    monkeypatch.setitem(CASES, "small", ([9, 40, 30, 3], 90, 40, {}, optimizers.SGD(0.1)))
    monkeypatch.setattr(dense, "_BLAS_FROM", 2_500_000)
    program.build.cache_clear()
    _, parts = parts_of_products("cut")
    assert {1, 2} <= set(parts)
    assert max(parts_of_products("dropout")[1]) > 2  # in tiles
    assert np.all(parts_of_products("small")[1] == 1)
    program.build.cache_clear()


def test_by_blas_few_parts_are_made_and_more_of_huge_products(monkeypatch):
    monkeypatch.setattr(stages, "_HUGE_PARTS", 4)
    millions = [3, 4, 299, 300, 400, 4000]
    found = [stages.parts_of_product(1024, 10**6 * work, packed=True) for work in millions]
    assert found == [1, 2, 2, 3, 4, 4]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_same_bits_for_any_number_of_threads(name, weighted, dtype, eager):
    alone = trained(fast, name, 1, dtype, weighted)
    for threads in (2, 3, 5):
        for _ in range(3):
            assert same_bits(trained(fast, name, threads, dtype, weighted), alone)


@pytest.mark.parametrize("name", CASES)
def test_numbers_of_the_reference(name, eager):
    for got, expected in zip(
        trained(fast, name, 2, np.float64), trained(slow, name, 1, np.float64), strict=True
    ):
        size = np.max(np.abs(expected), initial=0.0)
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9 * size)


@pytest.mark.parametrize("name", ["cut", "lanes"])
def test_stop_ends_it(name):
    plan, start, (data, rule, block) = work(name)
    stop, state = np.zeros(1, np.int64), start()
    timer = threading.Timer(0.2, lambda: stop.__setitem__(0, 1))
    timer.start()
    begin = time.monotonic()
    many = 100_000
    block = Block([None] * many, np.repeat(block.rates[:1], many, 0), block.batches)
    found = fast.train(plan, state, data, rule, block, stop, threads=2)
    timer.join()
    assert found.status == "stopped"
    assert time.monotonic() - begin < 60
    assert threading.active_count() < 10


def in_child(queue, name):
    queue.put(trained(fast, name, 2))


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_other_processes(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    expected = trained(fast, "cut", 2)
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    child = context.Process(target=in_child, args=(queue, "cut"))
    child.start()
    found = queue.get(timeout=120)
    child.join()
    assert same_bits(found, expected)


def test_two_fits_at_once():
    expected = {name: trained(fast, name, 1) for name in ("cut", "lanes")}
    found = {}

    def fit(name):
        found[name] = trained(fast, name, 2)

    threads = [threading.Thread(target=fit, args=(name,)) for name in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in expected:
        assert same_bits(found[name], expected[name])


def test_beside_a_busy_process():
    expected = trained(fast, "cut", 1)
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        assert same_bits(trained(fast, "cut", 2), expected)
        assert same_bits(trained(fast, "cut", 8), expected)
    finally:
        busy.kill()
        busy.wait()


GIVEN = {"units": 3, "z": 5, "a": 7, "parameter": 0.5}


@pytest.mark.parametrize(
    ("given", "cut"),
    [
        ({"units": 3, "z": 5, "parameter": 0.5}, None),
        ({"units": 3, "z": 5, "a": 7}, None),
        ({**GIVEN, "b": 1}, None),
        (GIVEN, stages.Cut(1, rows=("zz",))),
        (GIVEN, stages.Cut(1, count="unit")),
        (GIVEN, stages.Cut(1, steps={"parameter": 1})),
    ],
)
def test_what_is_given_is_what_the_kernel_declares(given, cut):
    kernel = elementwise.activation_forward("tanh")
    with pytest.raises(TypeError, match=r"forward takes \['a', 'parameter', 'units', 'z'\]"):
        stages.Instruction(kernel, given, cut)
    said = stages.Instruction(kernel, GIVEN, stages.Cut(rows=("z",)))
    assert said.places(None, 10) == [3, 5, 7]
    assert said.places((1, 3), 10) == [2, 15, 7]
    assert said.constants == [0.5]
