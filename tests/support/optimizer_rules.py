"""One table of update rules, each beside the same rule in PyTorch, and a function to descend.

Shared by the tests and by the script that records PyTorch's numbers.
"""

from dataclasses import dataclass, field

import numpy as np

from glassnet import optimizers as opt

STEPS = 200
EVERY = 10  # of the free run, every tenth point is recorded
CHECKED = (1, 2, 3, 6, 7, 20, 60, 150)  # recorded steps, with the state before and after


def value(theta):
    """Return a bent valley in seven dimensions with ripples on it: not convex."""
    valley = theta[1:] - theta[:-1] ** 2
    return np.sum(0.5 * (1 - theta) ** 2 + np.sin(3 * theta)) + 2 * np.sum(valley**2)


def gradient(theta):
    valley = theta[1:] - theta[:-1] ** 2
    found = theta - 1 + 3 * np.cos(3 * theta)
    found[1:] += 4 * valley
    found[:-1] -= 8 * valley * theta[:-1]
    return found


def start():
    return np.array([-1.2, 1.0, 0.3, -0.7, 1.5, 0.1, -0.4])


@dataclass(frozen=True)
class Rule:
    """Our settings, PyTorch's, and where PyTorch keeps each of our state arrays."""

    name: str
    ours: opt.Optimizer
    theirs: str
    arguments: dict
    slots: dict = field(default_factory=dict)
    scale: float = 1.0  # ours = scale * theirs: our velocity holds the learning rate


ADAM = {"m": "exp_avg", "v": "exp_avg_sq"}
AMSGRAD = {**ADAM, "v_max": "max_exp_avg_sq"}
ADAMAX = {"m": "exp_avg", "u": "exp_inf"}
NADAM = {**ADAM, "momentum_product": "mu_product"}
RMSPROP = {"square_mean": "square_avg"}
CENTRED = {**RMSPROP, "mean": "grad_avg"}
VELOCITY = {"velocity": "momentum_buffer"}
ADAGRAD = {"square_sum": "sum"}
ADADELTA = {"square_mean": "square_avg", "step_square_mean": "acc_delta"}


def _momentum(name, rate=0.004, **arguments):
    ours = opt.Momentum(
        rate,
        arguments.get("momentum", 0.9),
        arguments.get("nesterov", False),
        weight_decay=arguments.get("weight_decay", 0.0),
    )
    return Rule(name, ours, "SGD", {"lr": rate, "momentum": 0.9, **arguments}, VELOCITY, rate)


RULES = [
    Rule("sgd", opt.SGD(0.02), "SGD", {"lr": 0.02}),
    Rule(
        "sgd_decay", opt.SGD(0.02, weight_decay=0.3), "SGD", {"lr": 0.02, "weight_decay": 0.3}
    ),
    _momentum("momentum"),
    _momentum("momentum_decay", weight_decay=0.3),
    _momentum("nesterov", nesterov=True),
    _momentum("nesterov_decay", 0.001, momentum=0.8, nesterov=True, weight_decay=0.3),
    Rule("adagrad", opt.AdaGrad(0.1), "Adagrad", {"lr": 0.1}, ADAGRAD),
    Rule(
        "adagrad_decay",
        opt.AdaGrad(0.1, epsilon=1e-3, initial_accumulator=0.5, weight_decay=0.3),
        "Adagrad",
        {"lr": 0.1, "eps": 1e-3, "initial_accumulator_value": 0.5, "weight_decay": 0.3},
        ADAGRAD,
    ),
    Rule("adadelta", opt.AdaDelta(0.3), "Adadelta", {"lr": 0.3}, ADADELTA),
    Rule(
        "adadelta_decay",
        opt.AdaDelta(0.1, rho=0.8, epsilon=1e-3, weight_decay=0.3),
        "Adadelta",
        {"lr": 0.1, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.3},
        ADADELTA,
    ),
    Rule("rmsprop", opt.RMSProp(0.003), "RMSprop", {"lr": 0.003}, RMSPROP),
    Rule(
        "rmsprop_centred",
        opt.RMSProp(0.003, centred=True),
        "RMSprop",
        {"lr": 0.003, "centered": True},
        CENTRED,
    ),
    Rule(
        "rmsprop_momentum",
        opt.RMSProp(0.001, momentum=0.8),
        "RMSprop",
        {"lr": 0.001, "momentum": 0.8},
        {**RMSPROP, **VELOCITY},
    ),
    Rule(
        "rmsprop_all",
        opt.RMSProp(0.0005, 0.9, 1e-3, 0.5, True, weight_decay=0.3),
        "RMSprop",
        {
            "lr": 0.0005,
            "alpha": 0.9,
            "eps": 1e-3,
            "momentum": 0.5,
            "centered": True,
            "weight_decay": 0.3,
        },
        {**CENTRED, **VELOCITY},
    ),
    Rule("adam", opt.Adam(0.02), "Adam", {"lr": 0.02}, ADAM),
    Rule(
        "adam_decay",
        opt.Adam(0.02, 0.8, 0.99, 1e-3, weight_decay=0.3),
        "Adam",
        {"lr": 0.02, "betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.3},
        ADAM,
    ),
    Rule(
        "amsgrad",
        opt.Adam(0.02, beta2=0.9, amsgrad=True),
        "Adam",
        {"lr": 0.02, "betas": (0.9, 0.9), "amsgrad": True},
        AMSGRAD,
    ),
    Rule("adamw", opt.AdamW(0.02), "AdamW", {"lr": 0.02}, ADAM),
    Rule(
        "adamw_amsgrad",
        opt.AdamW(0.02, 0.8, 0.9, 1e-3, amsgrad=True, weight_decay=0.3),
        "AdamW",
        {
            "lr": 0.02,
            "betas": (0.8, 0.9),
            "eps": 1e-3,
            "amsgrad": True,
            "weight_decay": 0.3,
        },
        AMSGRAD,
    ),
    Rule("adamax", opt.Adamax(0.02), "Adamax", {"lr": 0.02}, ADAMAX),
    Rule(
        "adamax_decay",
        opt.Adamax(0.005, 0.8, 0.99, 1e-3, weight_decay=0.3),
        "Adamax",
        {"lr": 0.005, "betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.3},
        ADAMAX,
    ),
    Rule("nadam", opt.NAdam(0.02), "NAdam", {"lr": 0.02}, NADAM),
    Rule(
        "nadam_decay",
        opt.NAdam(0.02, 0.8, 0.99, 1e-3, 0.1, weight_decay=0.3),
        "NAdam",
        {
            "lr": 0.02,
            "betas": (0.8, 0.99),
            "eps": 1e-3,
            "momentum_decay": 0.1,
            "weight_decay": 0.3,
        },
        NADAM,
    ),
    Rule("radam", opt.RAdam(0.02), "RAdam", {"lr": 0.02}, ADAM),
    Rule(
        "radam_decay",
        opt.RAdam(0.005, 0.8, 0.9, 1e-3, weight_decay=0.3),
        "RAdam",
        {"lr": 0.005, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.3},
        ADAM,
    ),
]


def torch_run(torch, rule, steps=STEPS):
    """Yield PyTorch's parameters and state before the first step and after each.

    PyTorch's default dtype is float64 meanwhile: its NAdam keeps a float32 product otherwise.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        theta = torch.nn.Parameter(torch.tensor(start()))
        optimizer = getattr(torch.optim, rule.theirs)([theta], **rule.arguments)
        found = [(start(), rule.ours.start(start()))]
        for _ in range(steps):
            theta.grad = torch.tensor(gradient(theta.detach().numpy().copy()))
            optimizer.step()
            state = optimizer.state[theta]
            slots = {
                ours: rule.scale * state[name].numpy() for ours, name in rule.slots.items()
            }
            # An array of its own each: PyTorch goes on writing into these.
            copies = {name: np.array(array) for name, array in slots.items()}
            found.append((theta.detach().numpy().copy(), copies))
    finally:
        torch.set_default_dtype(before)
    return found


LION = {
    "lion": opt.Lion(0.01),
    "lion_decay": opt.Lion(0.01, 0.8, 0.9, weight_decay=0.3),
}
OURS = {rule.name: rule.ours for rule in RULES} | LION


def optax_run(rule, steps=STEPS):
    """Return Optax's parameters and momentum before the first step and after each."""
    import jax
    import optax

    with jax.enable_x64(True):
        chain = optax.lion(rule.learning_rate, rule.beta1, rule.beta2, None, rule.weight_decay)
        theta = jax.numpy.asarray(start())
        state = chain.init(theta)
        found = [(start(), {"m": np.zeros(7)})]
        for _ in range(steps):
            slope = jax.numpy.asarray(gradient(np.array(theta)))
            updates, state = chain.update(slope, state, theta)
            theta = optax.apply_updates(theta, updates)
            found.append((np.array(theta), {"m": np.array(state[0].mu)}))
    return found
