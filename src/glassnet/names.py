"""Names as people type them: which ones are the same, and which one was probably meant."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

__all__ = ["did_you_mean", "did_you_mean_argument", "key", "not_taken"]

# What other libraries have, beside what is closest to it here. These are no synonyms: the
# numbers differ.
RELATIVES = {
    "activation": {
        "heaviside": "step (which is 1 at 0)",
        "lrelu": "leaky_relu (whose alpha is 0.01 unless given)",
        "prelu": "leaky_relu (whose alpha is not trained)",
    },
    "loss": {
        **dict.fromkeys(
            ("mse", "l2", "mean_squared_error"),
            "squared_error (half the sum over the outputs, not their mean)",
        ),
        **dict.fromkeys(
            ("mae", "l1", "mean_absolute_error"),
            "absolute_error (the sum over the outputs, not their mean)",
        ),
        "smooth_l1": "huber (which is delta times as large)",
        "nll": "categorical_cross_entropy (which takes the logits)",
        "poisson_nll": "poisson (which also counts the terms of y alone)",
    },
    "initializer": {
        "gaussian": "normal",
        "random": "normal or uniform",
        "ones": "constant(1)",
    },
    "optimizer": {
        **dict.fromkeys(("nesterov", "nag"), "momentum(nesterov=True)"),
        **dict.fromkeys(("gd", "gradient_descent"), "sgd"),
        "heavy_ball": "momentum",
    },
}

# Other libraries' names of arguments, where ours mean the same.
ARGUMENTS = {
    **dict.fromkeys(("lr", "eta", "eta0", "learning_rate_init"), "learning_rate"),
    **dict.fromkeys(("l2", "wd"), "weight_decay"),
    **dict.fromkeys(("tol", "gtol"), "tolerance"),
    "ftol": "loss_tolerance",
    "maxfun": "max_evaluations",
    "max_norm": "clip_norm",
    "mu": "momentum",
    "eps": "epsilon",
}


def key(name: str) -> str:
    """Return what all ways to write one name share: no case, hyphen, space or underscore.

    Examples
    --------
    >>> key("Leaky-ReLU") == key("leaky_relu") == key("LeakyReLU")
    True
    """
    return re.sub(r"[\s_-]+", "", name).casefold()


def did_you_mean(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the end of an error about the unknown `name`: what of `known` was meant.

    Parameters
    ----------
    kind : str
        What `name` should be a name of: ``"loss"``, ``"optimizer"``, ...
    name : str
        What was typed.
    known : iterable of str
        The names there are.

    Returns
    -------
    str
        Empty if nothing is near.

    Examples
    --------
    >>> did_you_mean("activation", "rellu", ["tanh", "relu"])
    '; did you mean relu?'
    """
    relatives = {key(typed): meant for typed, meant in RELATIVES.get(kind, {}).items()}
    return _question([relatives[key(name)]] if key(name) in relatives else _near(name, known))


def did_you_mean_argument(name: str, known: Iterable[str]) -> str:
    """Return the end of an error about the unknown argument `name`, as `did_you_mean` does.

    Examples
    --------
    >>> did_you_mean_argument("lr", ["learning_rate", "momentum"])
    '; did you mean learning_rate?'
    """
    known = list(known)
    usual = ARGUMENTS.get(name)
    return _question([usual] if usual in known else _near(name, known))


def not_taken(function: Callable[..., Any], given: Iterable[str]) -> list[str]:
    """Return which of the arguments `given` by name a function does not take.

    Examples
    --------
    >>> not_taken(lambda rate, steps=1: rate, ["steps", "lr"])
    ['lr']
    """
    given = list(given)
    takes = inspect.signature(function).parameters if given else {}
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in takes.values()):
        return []
    return [name for name in given if name not in takes]


def _question(meant: list[str]) -> str:
    return f"; did you mean {' or '.join(meant)}?" if meant else ""


def _near(name: str, known: Iterable[str]) -> list[str]:
    """Return at most three of `known`: spelled alike, or else one within the other."""
    typed, names = key(name), {key(one): one for one in known}
    near = get_close_matches(typed, names)
    if not near and len(typed) > 1:
        near = [one for one in names if typed in one or one in typed][:3]
    return [names[one] for one in near]
