"""The catalogue: every formula that can be named, and the look-up that finds it.

Users name a record by its text: ``"relu"``, ``"leaky_relu(0.2)"`` or
``"leaky_relu(alpha=0.2)"``; ``str(record)`` gives that text back, and it is this text
that a `Plan` and a model file hold.
"""

from __future__ import annotations

from glassnet import optimizers as opt
from glassnet import schedules as sch
from glassnet.formulas import activations as act
from glassnet.formulas import initializers as init
from glassnet.formulas import losses as los
from glassnet.records import Activation, Initializer, Loss, Record
from glassnet.register import Register
from glassnet.settings import find as find_settings

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Activation",
    "Initializer",
    "Loss",
    "Record",
    "activation",
    "initializer",
    "loss",
    "optimizer",
    "schedule",
]


ACTIVATIONS: tuple[Activation, ...] = (
    Activation("identity", act.identity, act.identity_slope),
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
        kinks=(0.0,),
        weights="he_uniform",
        parameters=(("alpha", 0.01),),
    ),
    Activation(
        "elu",
        act.elu,
        act.elu_slope,
        kinks=(0.0,),  # a jump of the slope for every alpha but 1
        bounds=(-1.0, float("inf")),
        saturates=(True, False),
        weights="he_uniform",
        parameters=(("alpha", 1.0),),
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
        parameters=(("smoothing", 0.0),),
        synonyms=("log_loss",),
    ),
    Loss(
        "categorical_cross_entropy",
        los.categorical_cross_entropy,
        los.categorical_cross_entropy_gradient,
        link="softmax",
        task="multiclass",
        bounds=(0.0, 1.0),
        parameters=(("smoothing", 0.0),),
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
    Loss("huber", los.huber, los.huber_gradient, parameters=(("delta", 1.0),)),
    Loss("absolute_error", los.absolute_error, los.absolute_error_gradient),
    Loss(
        "quantile",
        los.quantile,
        los.quantile_gradient,
        parameters=(("q", 0.5),),
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
    Initializer("zeros", init.zeros),
    Initializer("constant", init.constant, parameters=(("value", 0.1),)),
    Initializer("normal", init.normal, parameters=(("scale", 0.1),)),
    Initializer("uniform", init.uniform, parameters=(("scale", 0.1),)),
    Initializer("glorot_uniform", init.glorot_uniform, synonyms=("xavier_uniform",)),
    Initializer("glorot_normal", init.glorot_normal, synonyms=("xavier_normal",)),
    Initializer("he_uniform", init.he_uniform, synonyms=("kaiming_uniform",)),
    Initializer("he_normal", init.he_normal, synonyms=("kaiming_normal",)),
    Initializer("lecun_normal", init.lecun_normal),
    Initializer("orthogonal", init.orthogonal, parameters=(("gain", 1.0),)),
    Initializer(
        "sklearn",
        init.sklearn_weights,
        init.sklearn_biases,
        parameters=(("factor", 6.0),),
    ),
)


# --- look-up ---------------------------------------------------------------------------

_activations = Register(Activation, ACTIVATIONS)
_losses = Register(Loss, LOSSES)
_initializers = Register(Initializer, INITIALIZERS)


def activation(spec: object) -> Activation:
    """Return the activation named by `spec`.

    Parameters
    ----------
    spec : str, Activation or function
        A name, with parameters in brackets by place or by name; a formula of the
        catalogue; or a record. A record of your own enters the catalogue the first
        time it is looked up: from then on its text finds it. A record whose functions
        are defined anew at the top level of a module or notebook takes the place of
        its older self.

    Raises
    ------
    ValueError
        For an unknown name (the message lists the known ones), a parameter that the
        formula does not have or does not allow, or a record under another's name.
    TypeError
        If `spec` is none of these.

    Examples
    --------
    >>> str(activation("leaky_relu(0.2)"))
    'leaky_relu(alpha=0.2)'
    """
    return _activations.find(spec)


def loss(spec: object) -> Loss:
    """Return the loss named by `spec`; rules as for `activation`.

    Examples
    --------
    >>> str(loss("huber(2)")), loss("pinball").name
    ('huber(delta=2.0)', 'quantile')
    """
    return _losses.find(spec)


def initializer(spec: object) -> Initializer:
    """Return the initializer named by `spec`; rules as for `activation`.

    Examples
    --------
    >>> initializer("normal(scale=0.5)").parameters
    (('scale', 0.5),)
    """
    return _initializers.find(spec)


# --- optimizers and schedules: the settings classes are the records themselves

OPTIMIZERS: tuple[type[opt.Optimizer | opt.LBFGS], ...] = (
    opt.SGD,
    opt.Momentum,
    opt.AdaGrad,
    opt.AdaDelta,
    opt.RMSProp,
    opt.Adam,
    opt.AdamW,
    opt.Adamax,
    opt.NAdam,
    opt.RAdam,
    opt.Lion,
    opt.LBFGS,
)

SCHEDULES: tuple[type[sch.Schedule | sch.ReduceOnPlateau], ...] = (
    sch.Constant,
    sch.Step,
    sch.Exponential,
    sch.InverseScaling,
    sch.Cosine,
    sch.WarmupCosine,
    sch.OneCycle,
    sch.ReduceOnPlateau,
)


def optimizer(spec: object) -> opt.Optimizer | opt.LBFGS:
    """Return the optimizer named by `spec`.

    Parameters
    ----------
    spec : str, Optimizer or LBFGS
        A name, with arguments in brackets by place or by name, or settings, which are
        returned as they are. The ``repr`` of settings is such a text too.

    Raises
    ------
    ValueError
        For an unknown name (the message lists the known ones) or a wrong argument.
    TypeError
        If `spec` is none of these.

    Examples
    --------
    >>> optimizer("adam"), optimizer("momentum(0.1, nesterov=True)")
    (Adam(learning_rate=0.001), Momentum(learning_rate=0.1, nesterov=True))
    """
    return find_settings("optimizer", (opt.Optimizer, opt.LBFGS), OPTIMIZERS, spec)


def schedule(spec: object) -> sch.Schedule | sch.ReduceOnPlateau:
    """Return the schedule named by `spec`; rules as for `optimizer`.

    Examples
    --------
    >>> schedule("cosine"), schedule("step(0.5, every=0.1)")
    (Cosine(), Step(every=0.1))
    """
    return find_settings("schedule", (sch.Schedule, sch.ReduceOnPlateau), SCHEDULES, spec)
