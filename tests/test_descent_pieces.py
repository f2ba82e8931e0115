"""A long θ is updated in pieces: the numbers are those of one update of it all."""

from typing import ClassVar

import numpy as np
import pytest

from glassnet import catalog, descent, optimizers

WHOLE, SHORT = 2**30, 64
N = 37  # no whole number of pieces
RULES = [
    *(kind() for kind in catalog.OPTIMIZERS if not kind.full_batch),
    optimizers.Adam(amsgrad=True, weight_decay=0.1),
    optimizers.AdamW(weight_decay=0.1, clip_norm=0.5),
    optimizers.RMSProp(momentum=0.9, centred=True, clip_value=0.3),
    optimizers.Momentum(nesterov=True, weight_decay=0.1),
    optimizers.Lion(weight_decay=0.1),
]


def run(rule, dtype, monkeypatch, piece, factor=1.0):
    monkeypatch.setattr(descent, "_PIECE", piece)
    rng = np.random.default_rng(0)
    theta = rng.normal(size=N).astype(dtype)
    slots = rule.start(theta)
    for t in range(1, 5):
        gradient = rng.normal(size=N).astype(dtype)
        gradient.flags.writeable = False
        rule.step(theta, gradient, slots, t, 0.01, rate_factor=factor, decay_factor=factor)
    return {"theta": theta, **slots}


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("grouped", [True, False])
def test_pieces_give_the_same_bits(rule, dtype, monkeypatch, grouped):
    factor = np.linspace(0.0, 2.0, N) if grouped else 1.0
    whole = run(rule, dtype, monkeypatch, WHOLE, factor)
    pieces = run(rule, dtype, monkeypatch, SHORT, factor)
    for name, array in whole.items():
        np.testing.assert_array_equal(pieces[name], array, err_msg=name)


def test_every_rule_whose_elements_are_alone_says_so():
    kinds = [kind for kind in catalog.OPTIMIZERS if not kind.full_batch]
    assert [kind.name for kind in kinds if not kind.elementwise] == ["nadam"]


def calls(rule, monkeypatch):
    seen, real = [], type(rule)._apply

    def spy(self, theta, *args):
        seen.append(theta.size)
        real(self, theta, *args)

    monkeypatch.setattr(type(rule), "_apply", spy)
    run(rule, np.float64, monkeypatch, SHORT)
    return seen


def test_a_piece_is_as_long_as_it_may_be(monkeypatch):
    assert calls(optimizers.Adam(), monkeypatch) == 4 * [8, 8, 8, 8, 5]


def test_a_number_for_all_parameters_is_updated_once(monkeypatch):
    """NAdam's product of momenta belongs to no element."""
    assert calls(optimizers.NAdam(), monkeypatch) == 4 * [N]


class UnitStep(optimizers.SGD):
    """A rule of a user's own that mixes the parameters: steps of length 1."""

    def _apply(self, theta, gradient, slots, t, rate, decay):
        theta -= gradient / np.linalg.norm(gradient)


class SignStep(optimizers.SGD):
    elementwise: ClassVar[bool] = True

    def _apply(self, theta, gradient, slots, t, rate, decay):
        theta -= rate * np.sign(gradient)


def test_a_rule_of_one_s_own_sees_all_of_theta_unless_it_says_otherwise(monkeypatch):
    assert optimizers.SGD.elementwise
    assert not UnitStep.elementwise
    assert calls(UnitStep(), monkeypatch) == 4 * [N]
    assert calls(SignStep(), monkeypatch) == 4 * [8, 8, 8, 8, 5]


def test_slots_of_another_length_are_refused_before_theta_moves(monkeypatch):
    monkeypatch.setattr(descent, "_PIECE", SHORT)
    rule, theta = optimizers.Momentum(), np.ones(N)
    with pytest.raises(ValueError, match=r"slots\['velocity'\] must have shape \(37,\)"):
        rule.step(theta, np.ones(N), {"velocity": np.zeros(N + 8)}, 1)
    np.testing.assert_array_equal(theta, 1)
