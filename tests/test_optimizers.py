"""Optimizer settings: their checks and their texts."""

import copy
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, dataclass
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import catalog, schedules
from glassnet import optimizers as opt

RULES = [cls for cls in catalog.OPTIMIZERS if cls is not opt.LBFGS]


# --- settings --------------------------------------------------------------------------


def test_every_rule_is_in_the_catalogue_and_says_its_name():
    public = {getattr(opt, name) for name in opt.__all__} - {opt.Optimizer}
    assert set(catalog.OPTIMIZERS) == public
    names = [name for cls in catalog.OPTIMIZERS for name in (cls.name, *cls.synonyms)]
    assert len(names) == len(set(names))
    assert all(cls.name == cls.__name__.lower() for cls in catalog.OPTIMIZERS)


@pytest.mark.parametrize("cls", catalog.OPTIMIZERS)
def test_settings_are_frozen_compare_hash_pickle_and_read_like_the_call(cls):
    one = cls()
    assert one == cls() == copy.deepcopy(one) == pickle.loads(pickle.dumps(one))
    assert hash(one) == hash(cls())
    assert one.full_batch is (cls is opt.LBFGS)
    with pytest.raises(FrozenInstanceError):
        one.learning_rate = 3
    other = opt.LBFGS(3, 0.5) if cls is opt.LBFGS else cls(0.5, clip_norm=2.0)
    for settings in (one, other):
        assert eval(repr(settings), vars(opt)) == settings
        assert catalog.optimizer(repr(settings)) == settings


def test_repr_shows_the_rate_and_what_is_not_default():
    assert repr(opt.Adam(1)) == "Adam(learning_rate=1.0)"
    assert repr(opt.Adam(amsgrad=True, clip_norm=2)) == (
        "Adam(learning_rate=0.001, amsgrad=True, clip_norm=2.0)"
    )
    assert repr(opt.LBFGS(memory=3)) == "LBFGS(memory=3)"


def test_numbers_are_stored_as_pythons_own():
    ours = opt.Adam(np.float32(0.5), clip_norm=np.int64(2), amsgrad=np.True_)
    assert [type(x) for x in (ours.learning_rate, ours.clip_norm, ours.amsgrad)] == [
        float,
        float,
        bool,
    ]
    assert type(opt.LBFGS(memory=np.int8(4)).memory) is int


BAD = [
    (opt.SGD, "learning_rate", 0, ValueError, r"\(0, inf\)"),
    (opt.SGD, "learning_rate", -0.1, ValueError, r"\(0, inf\)"),
    (opt.SGD, "learning_rate", np.inf, ValueError, r"\(0, inf\)"),
    (opt.SGD, "learning_rate", np.nan, ValueError, r"\(0, inf\)"),
    (opt.SGD, "learning_rate", "0.1", TypeError, r"a number"),
    (opt.SGD, "learning_rate", None, TypeError, r"a number"),
    (opt.SGD, "learning_rate", True, TypeError, r"a number"),
    (opt.SGD, "learning_rate", np.True_, TypeError, r"a number"),
    (opt.SGD, "learning_rate", 1j, TypeError, r"a number"),
    (opt.SGD, "learning_rate", [0.1], TypeError, r"a number"),
    (opt.SGD, "weight_decay", -1, ValueError, r"\[0, inf\)"),
    (opt.SGD, "clip_norm", 0, ValueError, r"\(0, inf\)"),
    (opt.SGD, "clip_value", -2, ValueError, r"\(0, inf\)"),
    (opt.Momentum, "momentum", 1.5, ValueError, r"\[0, 1\]"),
    (opt.Momentum, "momentum", -0.1, ValueError, r"\[0, 1\]"),
    (opt.Momentum, "nesterov", 1, TypeError, "True or False"),
    (opt.AdaGrad, "initial_accumulator", -1, ValueError, r"\[0, inf\)"),
    (opt.AdaDelta, "rho", 1, ValueError, r"\[0, 1\)"),
    (opt.RMSProp, "epsilon", 0, ValueError, r"\(0, inf\)"),
    (opt.Adam, "beta1", 1, ValueError, r"\[0, 1\)"),
    (opt.AdamW, "beta2", 1.5, ValueError, r"\[0, 1\)"),
    (opt.AdamW, "weight_decay", -0.01, ValueError, r"\[0, inf\)"),
    (opt.NAdam, "momentum_decay", -1, ValueError, r"\[0, inf\)"),
    (opt.Lion, "beta2", -1, ValueError, r"\[0, 1\)"),
    (opt.LBFGS, "memory", 0, ValueError, r"\[1, inf\)"),
    (opt.LBFGS, "memory", 2.0, TypeError, "an integer"),
    (opt.LBFGS, "max_evaluations", 0, ValueError, r"\[1, inf\)"),
    (opt.LBFGS, "tolerance", -1, ValueError, r"\[0, inf\)"),
]


@pytest.mark.parametrize(("cls", "name", "bad", "error", "rule"), BAD)
def test_a_wrong_number_is_named_with_its_rule(cls, name, bad, error, rule):
    with pytest.raises(
        error, match=rf"^{cls.__name__}: {name} must be .*{rule}.*; got "
    ) as got:
        cls(**{name: bad})
    assert repr(bad) in str(got.value)


@pytest.mark.parametrize("digits", [400, 5000])  # Python prints no more than 4300
def test_a_whole_number_beyond_floats_is_refused(digits):
    for cls, name in [(opt.SGD, "learning_rate"), (opt.LBFGS, "memory")]:
        with pytest.raises(ValueError, match=rf"{cls.__name__}: {name} .* range of float"):
            cls(**{name: 10**digits})
    with pytest.raises(ValueError, match=r"sgd|SGD"):
        catalog.optimizer(f"sgd(1{'0' * digits})")


# --- look-up ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("adam", opt.Adam()),
        (" adam( 0.01 ) ", opt.Adam(0.01)),
        ("adam()", opt.Adam()),
        ("sgd(learning_rate=0.1)", opt.SGD(0.1)),
        ("momentum(0.1, 0.8, nesterov=True)", opt.Momentum(0.1, 0.8, True)),
        ("adam(0.1, clip_norm=None)", opt.Adam(0.1)),
        ("l_bfgs(memory=5)", opt.LBFGS(5)),
        ("adamw(1e-3, weight_decay=0)", opt.AdamW(0.001, weight_decay=0.0)),
    ],
)
def test_a_text_finds_its_settings(text, settings):
    assert catalog.optimizer(text) == settings


def test_settings_pass_through_also_the_users_own():
    @dataclass(frozen=True, repr=False)
    class SignDescent(opt.Optimizer):
        name: ClassVar[str] = "sign_descent"

        def _apply(self, theta, gradient, slots, t, rate, weight_decay):
            theta -= rate * np.sign(gradient)

    own = SignDescent(0.5)
    for settings in (own, opt.Adam(0.1), opt.LBFGS()):
        assert catalog.optimizer(settings) is settings
    assert repr(own) == "SignDescent(learning_rate=0.5)"
    np.testing.assert_array_equal(own.minimize(None, np.sign, [1.0], 2), [[1], [0.5], [0]])


KNOWN = "adadelta, adagrad, adam, adamax, adamw, lbfgs (or l_bfgs), lion, momentum, nadam, "
KNOWN += "radam, rmsprop, sgd"


@pytest.mark.parametrize(
    ("spec", "error", "part"),
    [
        ("adm", ValueError, "unknown optimizer 'adm'; known: " + KNOWN),
        ("", ValueError, "got '' (known: " + KNOWN),
        ("adam(", ValueError, "got 'adam('"),
        ("adam(__import__('os'))", ValueError, "got \"adam(__import__('os'))\""),
        ("adam(0.1)(0.1)", ValueError, "unknown optimizer"),
        ("os.adam(1)", ValueError, "unknown optimizer"),
        ("adam(**{'beta1': 1})", ValueError, "cannot take"),
        (
            "adam(beta3=1)",
            ValueError,
            "'adam' cannot take 'beta3'; its arguments: learning_rate, "
            "beta1, beta2, epsilon, amsgrad, ",
        ),
        ("adam(1, 2, 3, 4, True, 6)", ValueError, "at most 5 arguments by place; got 6"),
        ("adam(0.1, learning_rate=0.1)", ValueError, "learning_rate is given twice"),
        ("adam(learning_rate=0.1, learning_rate=0.2)", ValueError, "rate is given twice"),
        ("adam({[]: 1})", ValueError, "must read like a name or a call"),
        ("adam(0)", ValueError, "Adam: learning_rate must be a number in (0, inf); got 0"),
        ("adam('fast')", TypeError, "Adam: learning_rate must be a number in (0, inf)"),
        (opt.Adam, TypeError, "did you mean Adam()?"),
        (None, TypeError, "optimizer must be a name or settings such as SGD(); got None"),
        (schedules.Cosine(), TypeError, "optimizer must be a name or settings"),
        ("(" * 5000, ValueError, "must read like a name or a call"),
    ],
)
def test_what_is_no_optimizer_is_refused_with_the_known_names(spec, error, part):
    with pytest.raises(error) as got:
        catalog.optimizer(spec)
    assert part in str(got.value)


@given(st.text(max_size=30))
def test_no_text_gets_past_the_look_up(text):
    names = {n for cls in catalog.OPTIMIZERS for n in (cls.name, cls.__name__, *cls.synonyms)}
    if text.strip() in names:
        assert catalog.optimizer(text).name in KNOWN
    else:
        with pytest.raises(ValueError, match="known: "):
            catalog.optimizer(text)


def test_optimizers_load_without_scipy():
    code = (
        "import sys; from glassnet import catalog, optimizers, schedules, landscapes;"
        "optimizers.Adam().minimize(None, lambda x: x, [1.0], 2);"
        "assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
