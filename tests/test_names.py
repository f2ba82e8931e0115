"""Names as people type them: spellings that count as one, synonyms, and what was meant."""

import dataclasses

import numpy as np
import pytest

from glassnet import catalog, optimizers, schedules
from glassnet.names import ARGUMENTS, RELATIVES, did_you_mean, key

from support.own_records import plane

LOOK_UP = {
    "activation": catalog.activation,
    "loss": catalog.loss,
    "initializer": catalog.initializer,
    "optimizer": catalog.optimizer,
    "schedule": catalog.schedule,
}


@pytest.mark.parametrize(
    ("kind", "text", "name"),
    [
        ("activation", "ReLU", "relu"),
        ("activation", "Leaky-ReLU", "leaky_relu"),
        ("activation", "LeakyReLU(0.2)", "leaky_relu"),
        ("activation", " hard swish ", "hard_swish"),
        ("activation", "LogSoftmax", "log_softmax"),
        ("loss", "binary_crossentropy", "binary_cross_entropy"),
        ("loss", "Binary Cross-Entropy(0.1)", "binary_cross_entropy"),
        ("loss", "BCE", "binary_cross_entropy"),
        ("loss", "CrossEntropy", "categorical_cross_entropy"),
        ("initializer", "Xavier-Uniform", "glorot_uniform"),
        ("initializer", "HeNormal", "he_normal"),
        ("optimizer", "RMSprop", "rmsprop"),
        ("optimizer", "L-BFGS", "lbfgs"),
        ("optimizer", "ada_grad(0.1)", "adagrad"),
        ("schedule", "OneCycle", "one_cycle"),
        ("schedule", "reduce on plateau(patience=3)", "reduce_on_plateau"),
    ],
)
def test_spellings_of_one_name(kind, text, name):
    assert LOOK_UP[kind](text).name == name


def test_arguments_are_not_spelled_loosely():
    with pytest.raises(ValueError, match="cannot take 'Alpha=1'"):
        catalog.activation("elu(Alpha=1)")
    with pytest.raises(ValueError, match=r"cannot take 'Beta1'.*did you mean beta1"):
        catalog.optimizer("adam(Beta1=0.5)")


# --- synonyms mean the same numbers, suggestions do not ------------------------------------

Y, F = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[-2.0, 0.5], [3.0, 1], [0, 9]])


def test_what_the_suggestions_say_of_the_losses_is_so():
    """The judge is NumPy's mean."""
    squares, sizes = (F - Y) ** 2, np.abs(F - Y)
    assert catalog.loss("squared_error").mean(Y, F) == pytest.approx(squares.mean() * 2 / 2)
    assert catalog.loss("absolute_error").mean(Y, F) == pytest.approx(sizes.mean() * 2)


@pytest.mark.judge
def test_synonyms_and_relatives_of_losses_are_pytorch_s():
    torch = pytest.importorskip("torch")
    y, f = torch.tensor(Y), torch.tensor(F)
    judge = torch.nn.functional
    bce = judge.binary_cross_entropy_with_logits(f, y, reduction="none").sum(dim=1).mean()
    assert catalog.loss("bce").mean(Y, F) == pytest.approx(bce.item())
    smooth = judge.smooth_l1_loss(f, y, beta=2.0, reduction="none").sum(dim=1).mean()
    assert catalog.loss("huber(2)").mean(Y, F) == pytest.approx(2.0 * smooth.item())
    log = judge.poisson_nll_loss(f, y, reduction="none").sum(dim=1).mean()
    of_y_alone = np.sum(Y * np.log(np.where(Y > 0, Y, 1)) - Y, axis=1).mean()
    assert catalog.loss("poisson").mean(Y, F) == pytest.approx(log.item() + of_y_alone)


# --- what was meant ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        ("activation", "rellu", "relu"),
        ("activation", "leaky_rellu(0.2)", "leaky_relu"),
        ("activation", "heaviside", "step (which is 1 at 0)"),
        ("loss", "MSE", "squared_error (half the sum over the outputs, not their mean)"),
        ("loss", "mae", "absolute_error (the sum over the outputs, not their mean)"),
        ("loss", "smooth-l1", "huber (which is delta times as large)"),
        ("loss", "binary_crosentropy", "binary_cross_entropy"),
        ("loss", "softmax_cross_entropy", "cross_entropy"),
        ("initializer", "he", "he_uniform or he_normal"),
        ("initializer", "glorot", "glorot_uniform or glorot_normal"),
        ("initializer", "ones", "constant(1)"),
        ("optimizer", "adm", "adam"),
        ("optimizer", "nesterov", "momentum(nesterov=True)"),
        ("optimizer", "gradient descent", "sgd"),
        ("schedule", "cosin", "cosine"),
        ("schedule", "plateau", "reduce_on_plateau"),
    ],
)
def test_an_unknown_name_suggests_the_nearest(kind, text, meant):
    with pytest.raises(ValueError, match=f"^unknown {kind} '.*'; known: ") as caught:
        LOOK_UP[kind](text)
    question = str(caught.value).rpartition("; did you mean ")[2]
    assert meant.split(" or ")[0] in question
    assert set(meant.split(" or ")) <= set(question.removesuffix("?").split(" or "))


@pytest.mark.parametrize("kind", LOOK_UP)
def test_nothing_is_suggested_for_what_is_far(kind):
    with pytest.raises(ValueError, match="unknown") as caught:
        LOOK_UP[kind]("qqqqqq")
    assert "did you mean" not in str(caught.value)


def test_a_record_of_one_s_own_is_suggested_too(own_names):
    catalog.activation(plane())
    with pytest.raises(ValueError, match=r"did you mean plane\?"):
        catalog.activation("plain")


@pytest.mark.parametrize("kind", RELATIVES)
def test_relatives_are_no_names_and_lead_to_names(kind):
    for typed, meant in RELATIVES[kind].items():
        with pytest.raises(ValueError, match="did you mean"):
            LOOK_UP[kind](typed)
        for text in meant.partition(" (")[0].split(" or "):
            LOOK_UP[kind](text)


# --- arguments of settings -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "name", "meant"),
    [
        (optimizers.SGD, "lr", "learning_rate"),
        (optimizers.Adam, "eps", "epsilon"),
        (optimizers.Adam, "beta_1", "beta1"),
        (optimizers.RMSProp, "centered", "centred"),
        (optimizers.Momentum, "mu", "momentum"),
        (optimizers.AdamW, "decay", "weight_decay"),
        (optimizers.LBFGS, "tol", "tolerance"),
        (schedules.Cosine, "finale", "final"),
    ],
)
def test_an_unknown_argument_suggests_the_nearest(cls, name, meant):
    rule = rf"cannot take '{name}'; its arguments: .*; did you mean .*\b{meant}\b.*\?$"
    with pytest.raises(TypeError, match=f"^{cls.__name__} {rule}"):
        cls(**{name: 0.5})
    look_up = catalog.schedule if cls is schedules.Cosine else catalog.optimizer
    with pytest.raises(ValueError, match=rule):
        look_up(f"{cls.name}({name}=0.5)")


def test_an_unknown_argument_that_is_near_to_nothing():
    with pytest.raises(TypeError, match=r"^SGD cannot take 'qq'; its arguments: .*_value$"):
        optimizers.SGD(qq=1)
    with pytest.raises(TypeError, match="Constant cannot take 'rate'; its arguments: none"):
        schedules.Constant(rate=1)


def test_usual_arguments_are_fields_of_some_settings():
    every = {f.name for cls in catalog.OPTIMIZERS for f in dataclasses.fields(cls)}
    assert set(ARGUMENTS.values()) <= every
    assert not set(ARGUMENTS) & every


def test_a_rule_of_one_s_own_may_take_its_own_arguments():
    class Halving(optimizers.SGD):
        def __init__(self, rate, **others):
            super().__init__(learning_rate=rate / others["parts"])

    class Unit(optimizers.SGD):
        def __init__(self, rate):
            super().__init__(learning_rate=rate)

    assert Halving(rate=0.5, parts=2).learning_rate == 0.25
    assert Unit(rate=0.5).learning_rate == 0.5


def test_one_letter_is_near_to_nothing():
    assert did_you_mean("loss", "q", ["quantile"]) == ""
    assert key("_ -") == ""
