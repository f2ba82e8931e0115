"""The records that glassnet comes with: one for each formula, beside the facts about it."""

from __future__ import annotations

from typing import Any

from glassnet.formulas import activations as act
from glassnet.formulas import initializers as init
from glassnet.formulas import losses as los
from glassnet.records import Activation, Initializer, Loss

__all__ = ["ACTIVATIONS", "INITIALIZERS", "LOSSES"]


def _leaky_relu_facts(alpha: float) -> dict[str, Any]:
    return {
        "kinks": (0.0,) if alpha != 1 else (),
        "bounds": (-float("inf") if alpha else 0.0, float("inf")),
        "saturates": (alpha == 0, False),
    }


def _elu_facts(alpha: float) -> dict[str, Any]:
    return {"kinks": (0.0,) if alpha != 1 else (), "bounds": (-alpha, float("inf"))}


ACTIVATIONS: tuple[Activation, ...] = (
    Activation("identity", act.identity, act.identity_slope, synonyms=("linear",)),
    Activation(
        "step",
        act.step,
        act.step_slope,
        kinks=(0.0,),
        bounds=(0.0, 1.0),
        saturates=(True, True),
    ),
    Activation(
        "sigmoid",
        act.sigmoid,
        act.sigmoid_slope,
        bounds=(0.0, 1.0),
        saturates=(True, True),
        synonyms=("logistic",),
    ),
    Activation(
        "tanh",
        act.tanh,
        act.tanh_slope,
        bounds=(-1.0, 1.0),
        saturates=(True, True),
    ),
    Activation(
        "relu",
        act.relu,
        act.relu_slope,
        kinks=(0.0,),
        bounds=(0.0, float("inf")),
        saturates=(True, False),
        weights="he_uniform",
    ),
    Activation(
        "leaky_relu",
        act.leaky_relu,
        act.leaky_relu_slope,
        weights="he_uniform",
        parameters=(("alpha", 0.01),),
        ranges=("[0, 1]",),  # where it is max(z, alpha z), from relu to identity
        facts=_leaky_relu_facts,
    ),
    Activation(
        "elu",
        act.elu,
        act.elu_slope,
        saturates=(True, False),
        weights="he_uniform",
        parameters=(("alpha", 1.0),),
        ranges=("(0, inf)",),  # below 0 it would not rise
        facts=_elu_facts,
    ),
    Activation(
        "swish",
        act.swish,
        act.swish_slope,
        bounds=(-0.2784645427610738, float("inf")),
        saturates=(True, False),
        weights="he_uniform",
        synonyms=("silu",),
    ),
    Activation(
        "gelu",
        act.gelu,
        act.gelu_slope,
        bounds=(-0.16997120747990366, float("inf")),
        saturates=(True, False),
        weights="he_uniform",
    ),
    Activation(
        "gelu_tanh",
        act.gelu_tanh,
        act.gelu_tanh_slope,
        bounds=(-0.17004075057125406, float("inf")),
        saturates=(True, False),
        weights="he_uniform",
    ),
    Activation(
        "softplus",
        act.softplus,
        act.softplus_slope,
        bounds=(0.0, float("inf")),
        saturates=(True, False),
    ),
    Activation(
        "softsign",
        act.softsign,
        act.softsign_slope,
        bounds=(-1.0, 1.0),
        saturates=(True, True),
    ),
    Activation(
        "selu",
        act.selu,
        act.selu_slope,
        kinks=(0.0,),
        bounds=(-1.7580993408473768, float("inf")),
        saturates=(True, False),
        weights="lecun_normal",
    ),
    Activation(
        "mish",
        act.mish,
        act.mish_slope,
        bounds=(-0.30884341301725043, float("inf")),
        saturates=(True, False),
        weights="he_uniform",
    ),
    Activation(
        "hard_sigmoid",
        act.hard_sigmoid,
        act.hard_sigmoid_slope,
        kinks=(-3.0, 3.0),
        bounds=(0.0, 1.0),
        saturates=(True, True),
    ),
    Activation(
        "hard_swish",
        act.hard_swish,
        act.hard_swish_slope,
        kinks=(-3.0, 3.0),
        bounds=(-0.375, float("inf")),
        saturates=(True, False),
        weights="he_uniform",
    ),
    Activation(
        "relu6",
        act.relu6,
        act.relu6_slope,
        kinks=(0.0, 6.0),
        bounds=(0.0, 6.0),
        saturates=(True, True),
        weights="he_uniform",
    ),
    Activation(
        "exp",
        act.exp,
        act.exp_slope,
        bounds=(0.0, float("inf")),
        saturates=(True, False),
        synonyms=("exponential",),
    ),
    Activation(
        "softmax",
        act.softmax,
        act.softmax_slope,
        bounds=(0.0, 1.0),
        saturates=(True, True),
        rowwise=True,
    ),
    Activation(
        "log_softmax",
        act.log_softmax,
        act.log_softmax_slope,
        bounds=(-float("inf"), 0.0),
        saturates=(False, True),
        rowwise=True,
    ),
)

LOSSES: tuple[Loss, ...] = (
    Loss("squared_error", los.squared_error, los.squared_error_gradient),
    Loss(
        "binary_cross_entropy",
        los.binary_cross_entropy,
        los.binary_cross_entropy_gradient,
        link="sigmoid",
        task="binary",
        bounds=(0.0, 1.0),
        both=los.binary_cross_entropy_both,
        parameters=(("smoothing", 0.0),),
        ranges=("[0, 1)",),  # at 1 nothing of the targets is left
        synonyms=("log_loss", "bce"),
    ),
    Loss(
        "categorical_cross_entropy",
        los.categorical_cross_entropy,
        los.categorical_cross_entropy_gradient,
        link="softmax",
        task="multiclass",
        bounds=(0.0, 1.0),
        both=los.categorical_cross_entropy_both,
        parameters=(("smoothing", 0.0),),
        ranges=("[0, 1)",),
        synonyms=("cross_entropy",),
    ),
    Loss("hinge", los.hinge, los.hinge_gradient, task="binary", bounds=(0.0, 1.0)),
    Loss(
        "squared_hinge",
        los.squared_hinge,
        los.squared_hinge_gradient,
        task="binary",
        bounds=(0.0, 1.0),
    ),
    Loss(
        "huber",
        los.huber,
        los.huber_gradient,
        parameters=(("delta", 1.0),),
        ranges=("(0, inf)",),  # at 0 it is 0 everywhere
    ),
    Loss("absolute_error", los.absolute_error, los.absolute_error_gradient),
    Loss(
        "quantile",
        los.quantile,
        los.quantile_gradient,
        parameters=(("q", 0.5),),
        ranges=("(0, 1)",),  # at the ends one side costs nothing, and there is no minimum
        synonyms=("pinball",),
    ),
    Loss(
        "poisson",
        los.poisson,
        los.poisson_gradient,
        link="exp",
        bounds=(0.0, float("inf")),
    ),
)

INITIALIZERS: tuple[Initializer, ...] = (
    Initializer("zeros", init.zeros),  # what a size of 0 gives with the others, too
    Initializer("constant", init.constant, parameters=(("value", 0.1),)),
    Initializer("normal", init.normal, parameters=(("scale", 0.1),), ranges=("[0, inf)",)),
    Initializer("uniform", init.uniform, parameters=(("scale", 0.1),), ranges=("[0, inf)",)),
    Initializer("glorot_uniform", init.glorot_uniform, synonyms=("xavier_uniform",)),
    Initializer("glorot_normal", init.glorot_normal, synonyms=("xavier_normal",)),
    Initializer("he_uniform", init.he_uniform, synonyms=("kaiming_uniform",)),
    Initializer("he_normal", init.he_normal, synonyms=("kaiming_normal",)),
    Initializer("lecun_normal", init.lecun_normal),
    Initializer(
        "orthogonal", init.orthogonal, parameters=(("gain", 1.0),), ranges=("[0, inf)",)
    ),
    Initializer(
        "sklearn",
        init.sklearn_weights,
        init.sklearn_biases,
        parameters=(("factor", 6.0),),
        ranges=("[0, inf)",),
    ),
)
