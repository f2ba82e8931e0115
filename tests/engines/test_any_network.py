"""The compiled engine against the NumPy engine on networks and data drawn at random."""

import numpy as np
import pytest

pytest.importorskip("numba")

from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import catalog, optimizers
from glassnet.engines import numba_engine as fast
from glassnet.engines.compiled import dense, program
from glassnet.engines.data import Data
from glassnet.network import build_plan, initial_state

from support import torch_net
from support.network_cases import HIDDEN
from support.two_engines import agree, both

# With an epsilon that is not small and steps that are: what rounding does to a gradient of
# nearly 0 stays small, and so does the network.
_TAME = {"clip_norm": 1.0}
RULES = [
    optimizers.SGD(0.01, clip_value=0.5),
    optimizers.Momentum(0.01, nesterov=True, weight_decay=0.1, **_TAME),
    optimizers.AdaGrad(0.01, initial_accumulator=0.1, **_TAME),
    optimizers.AdaDelta(0.1, epsilon=1e-2, **_TAME),
    optimizers.RMSProp(0.01, momentum=0.5, epsilon=1e-1, **_TAME),
    optimizers.Adam(0.01, epsilon=1e-1, amsgrad=True, **_TAME),
    optimizers.AdamW(0.01, weight_decay=0.3, epsilon=1e-1, **_TAME),
    optimizers.Adamax(0.01, epsilon=1e-1, **_TAME),
    optimizers.NAdam(0.01, epsilon=1e-1, **_TAME),
    optimizers.RAdam(0.01, epsilon=1e-1, **_TAME),
]

NETWORKS = st.fixed_dictionaries(
    {
        "loss": st.sampled_from([record.name for record in catalog.LOSSES]),
        "activation": st.sampled_from(HIDDEN),
        # batch normalization, on the few rows here, divides what is nearly 0 by nearly 0
        "norm": st.sampled_from([None, None, "layer"]),
        "dropout": st.sampled_from([0.0, 0.4]),
        "alpha": st.sampled_from([0.0, 0.3]),
    }
)
WORK = st.fixed_dictionaries(
    {
        "sizes": st.lists(st.integers(1, 20), min_size=2, max_size=5),
        "n": st.integers(1, 60),
        "size": st.integers(1, 60),
        "chunk": st.sampled_from(
            [7, 256]
        ),  # one that cuts batches into lanes, and one that not
        "by_blas": st.booleans(),
        "threads": st.sampled_from([1, 2]),
        "rule": st.sampled_from(RULES),
        "weighted": st.booleans(),
        "shuffled": st.booleans(),
        "turned": st.booleans(),  # whether the columns of X lie side by side
        "seed": st.integers(0, 2**32 - 1),
    }
)


def compare(
    network, sizes, n, size, chunk, by_blas, threads, rule, weighted, shuffled, turned, seed
):
    rng = np.random.default_rng(seed)
    classes = network["loss"] == "categorical_cross_entropy"  # of which there are at least two
    sizes = [*sizes[:-1], max(sizes[-1], 2)] if classes else sizes
    plan = build_plan(sizes, **network)
    state = initial_state(plan, None, rng)
    state.theta += rng.normal(0, 0.1, plan.n_parameters)
    state.key = int(rng.integers(2**62))
    X = rng.normal(0, 0.5, (n, sizes[0]))
    y = torch_net.targets(plan.loss, n, sizes[-1], rng)
    weight = rng.uniform(0.1, 2, n) if weighted else None
    data = Data(np.asfortranarray(X) if turned else X, y, weight)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense, "_IN_CACHE", chunk)
        patch.setattr(fast, "_WORTH_IN_LANES", 0)
        patch.setattr(fast, "_WORTH_IN_PARTS", 0)
        patch.setattr(dense, "_BLAS_FROM", 1 if by_blas else 10**9)
        program.build.cache_clear()
        told = {"epochs": 2, "size": min(size, n), "shuffled": shuffled, "threads": threads}
        agree(both(plan, state, data, rule, **told), np.float64, 1e5)
    program.build.cache_clear()


@settings(max_examples=300, deadline=None)
@given(NETWORKS, WORK)
def test_some_networks(network, work):
    compare(network, **work)


@pytest.mark.slow
@settings(max_examples=4000, deadline=None)
@given(NETWORKS, WORK)
def test_thousands_of_networks(network, work):
    compare(network, **work)
