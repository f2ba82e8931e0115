"""`diagnose`: look, run, try, and say what is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.insight.diagnosis import column_rules as columns
from glassnet.insight.diagnosis import data_rules as data
from glassnet.insight.diagnosis import signal_rules as signals
from glassnet.insight.diagnosis import training_rules as training
from glassnet.insight.diagnosis.baselines import measure_baselines
from glassnet.insight.diagnosis.case import Case, WrongTargets
from glassnet.insight.diagnosis.cures import applied, can_be_applied
from glassnet.insight.diagnosis.given import (
    check_data,
    check_settings,
    features,
    named,
    refused,
    unusable,
)
from glassnet.insight.diagnosis.layers import look
from glassnet.insight.diagnosis.measured import Measured, Tell, measure, silent
from glassnet.insight.diagnosis.reading import case_of
from glassnet.insight.diagnosis.report import Evidence, Finding, Proof, Report
from glassnet.insight.diagnosis.rules import finding
from glassnet.insight.diagnosis.runs import FEW, halves, run, score
from glassnet.insight.diagnosis.together import hidden_failures
from glassnet.training.progress import check_verbose

__all__ = ["diagnose"]

_OF_ITS_OWN_RUN = {
    "symmetric_start", "dead_units", "exploding_gradients", "initial_weights_too_large",
    "saturated_outputs", "stopped_too_early", "vanishing_gradients",
}  # fmt: skip

# Cures that change the rate too, and what is left of them without that.
_ALONE = {
    "vanishing_gradients": "activation_alone",
    "initial_weights_and_rate": "initial_weights_too_large",
}

_LONGER = "too_few_epochs"

Rule = Callable[[Measured], Finding | None]

# The gravest first, and a cause before what it brings about.
_SCALES: tuple[Rule, ...] = (
    data.unshuffled_batches,
    data.unscaled_inputs,
    data.unscaled_target,
)
_RULES: tuple[Rule, ...] = (
    signals.symmetric_start,
    signals.exploding_gradients,
    signals.initial_weights_too_large,
    data.unlearnable_target,
    data.linear_model,
    signals.saturated_outputs,
    signals.vanishing_gradients,
    data.wrong_loss_though_it_learns,
    training.too_much_regularization,
    training.stopped_too_early,
    training.learning_rate_too_high,
    training.too_small_network,
    signals.dead_units,
    data.majority_collapse,
    training.batch_too_large,
    training.learning_rate_too_low,
    data.wrong_loss_or_output,
    data.leakage_suspected,
    training.overfitting,
    columns.constant_or_duplicate_features,
)
# What a cause explains is not named again beside it.
_CONSEQUENCES = {
    "symmetric_start": {
        "dead_units", "too_small_network", "vanishing_gradients", "learning_rate_too_low",
    },
    "unlearnable_target": {"too_small_network", "learning_rate_too_low"},
    "linear_model_on_nonlinear_problem": {"learning_rate_too_low", "batch_too_large"},
    "exploding_gradients": {
        "overfitting", "learning_rate_too_high", "learning_rate_too_low",
    },
    "initial_weights_too_large": {"learning_rate_too_low", "dead_units", "overfitting"},
    "dead_units": {"learning_rate_too_low"},
    "vanishing_gradients": {"learning_rate_too_low", "batch_too_large", "too_small_network"},
    "too_much_regularization": {
        "learning_rate_too_low", "dead_units", "majority_collapse", "stopped_too_early",
    },
    "stopped_too_early": {"learning_rate_too_high", "learning_rate_too_low", "batch_too_large"},
    "learning_rate_too_high": {
        "batch_too_large", "dead_units", "learning_rate_too_low", "overfitting",
    },
    "wrong_loss_or_output": {"wrong_loss_or_output"},
}  # fmt: skip


def diagnose(
    model: Any,
    X: Any,
    y: Any,
    X_val: Any = None,
    y_val: Any = None,
    *,
    prove: bool = False,
    verbose: bool | int = False,
    seed: int = 0,
    optimizer: object = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    shuffle: bool | None = None,
    schedule: object = None,
    sample_weight: Any = None,
    feature_names: Any = None,
) -> Report:
    """Return what keeps a model from learning, gravest first, with cures.

    Copies of the model are trained for short runs, as it is and with each cure that its
    symptoms suggest; a failure is named where its number is out of the healthy range and,
    where that can be tried, its cure helps. Nothing given is changed.

    Parameters
    ----------
    model : MLP, MLPClassifier, MLPRegressor, Perceptron, or one of scikit-learn's MLPs
        Fitted or not.
    X : array, shape (n, n_features)
    y : array, shape (n,) or (n, n_outputs)
    X_val, y_val : arrays, optional
        Rows that it is not trained on; without them a quarter of the rows is held out of
        the probing runs.
    prove : bool
        Whether to measure what each cure does, with the whole budget.
    verbose : bool or int
        True, or a positive number, prints a line at each step, with the seconds so far.
    seed : int
        Of everything drawn.
    optimizer, epochs, batch_size, shuffle, schedule
        As `MLP.fit` takes them, for an `MLP`, which does not keep how it is trained; by
        default what its history tells, else the defaults of `fit`. For an estimator they
        replace its own.
    sample_weight : array, shape (n,), optional
        As `fit` takes it; the class weights of an estimator are its own.
    feature_names : sequence of str, optional
        What the columns of `X` are called; by default as in the frame, if it is one.

    Returns
    -------
    Report

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used.

    Notes
    -----
    An `MLP` that has been fitted no longer knows its first weights. Its gradients are then
    taken where it stands, and cures are tried from new weights.

    Examples
    --------
    >>> from glassnet import Perceptron
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> diagnose(Perceptron(), X, y).names
    ('linear_model_on_nonlinear_problem',)
    """
    from threadpoolctl import threadpool_limits

    given_X = X
    X, X_val = features(X, "X"), None if X_val is None else features(X_val, "X_val")
    check_data(X, y, X_val, y_val)
    check_settings(seed, prove, epochs, batch_size)
    tell = _told() if check_verbose(verbose) else silent
    names = named(given_X, model, feature_names, X.shape[1])
    broken = unusable(X, y, X_val, y_val, names)
    if broken is not None:
        return Report((broken,), ("the numbers of X and y; nothing else could be",))
    given = {
        "optimizer": optimizer,
        "epochs": epochs,
        "batch_size": batch_size,
        "shuffle": shuffle,
        "schedule": schedule,
        "sample_weight": sample_weight,
    }
    settings = {k: v for k, v in given.items() if v is not None}
    try:
        whole = case_of(model, X, y, X_val, y_val, settings, seed)
    except WrongTargets as error:
        return Report((refused(error, y),), ("whether the loss can take the targets",))
    broken = _broken(whole)
    if broken is not None:
        return Report(
            (broken,), ("the numbers of X, y and the weights; nothing else could be",)
        )
    # Small products are slower on several cores than on one.
    with threadpool_limits(1):
        findings, m = _found(whole.but(names=names), seed, tell)
        examined = _examined(m, findings)
        if prove:
            findings = _all_proven(findings, whole, seed, tell)
    return Report(tuple(findings), examined)


def _told() -> Tell:
    """Return what prints a line for each step."""
    begin = time.perf_counter()
    return lambda step: print(f"{time.perf_counter() - begin:6.1f} s  {step}", flush=True)


def _found(whole: Case, seed: int, tell: Tell) -> tuple[list[Finding], Measured]:
    """Return the findings, and what they were made from at last."""
    case = halves(whole, seed)
    tell("a constant, a linear model and trees, cross-validated")
    baselines = measure_baselines(case, seed)
    findings: list[Finding] = []
    wrong = signals.wrong_gradient(case, seed)
    if wrong is not None:
        findings.append(wrong)
        # What a wrong slope brings about must not be taken for other failures.
        case = applied(case, "formulas_of_the_catalogue", seed)
    m = measure(case, baselines, seed, whole, tell)
    for rule in _SCALES:
        found = rule(m)
        if found is None and m.poor:
            found = next(hidden_failures(m, rule.__name__), None)
        if found is not None:
            findings.append(found)
            # What a wrong scale brings about must not be taken for other failures.
            case = applied(case.but(fitted=None, start_known=True), found.name, seed)
            m = measure(case, baselines, seed, whole, tell)
    findings += _by_rules(m, findings)
    if m.stays_poor and not findings:
        longer = applied(case.but(fitted=None, start_known=True), _LONGER, seed)
        m = measure(longer, baselines, seed, whole, tell)
        findings = [_in_longer_run(found) for found in _by_rules(m, [])] if m.poor else []
    return findings, m


def _by_rules(m: Measured, known: list[Finding]) -> list[Finding]:
    """Return what the rules find, and if that does not explain it, what it hides."""
    findings: list[Finding] = []
    hidden: set[str] = set()
    for rule in _RULES:
        found = rule(m)
        if found is not None and found.name not in hidden:
            findings.append(found)
            hidden |= _CONSEQUENCES.get(found.name, set())
    if _unexplained(m, [*known, *findings]):
        names = {found.name for found in (*known, *findings)}
        findings += [found for found in hidden_failures(m) if found.name not in names]
    return findings


def _in_longer_run(found: Finding) -> Finding:
    cure = f"{found.cure}; and ten times the epochs, without which it does next to nothing"
    return replace(found, cure=cure, beside=(_LONGER, *found.beside))


def _unexplained(m: Measured, findings: list[Finding]) -> bool:
    """Say whether the model is poor, and stays so by each cure alone."""
    if not m.poor:
        return False
    changes = [_ALONE.get(found.change, found.change) for found in findings]
    return all(m.is_poor(m.cured(one)) for one in changes if can_be_applied(one))


def _broken(case: Case) -> Finding | None:
    state = case.start if case.fitted is None else case.fitted
    bad = int((~np.isfinite(state.theta)).sum())
    if not bad:
        return None
    return finding(
        "non_finite",
        Evidence("weights that are not finite", bad, "0", "theta"),
        "Some weights are NaN or infinite, and every output with them. What made them so "
        "(rate, data, a formula) can no longer be seen in the weights.",
    )


def _all_proven(findings: list[Finding], whole: Case, seed: int, tell: Tell) -> list[Finding]:
    """Return the findings with what their cures do, each after those found before the rest."""
    first = {rule.__name__: rule.__name__ for rule in _SCALES}
    first["wrong_gradient"] = "formulas_of_the_catalogue"
    proven = []
    for found in findings:
        if can_be_applied(found.change):
            tell(f"whole training runs without and with a cure: {found.change}")
            found = _proven(found, whole, seed)
        proven.append(found)
        if found.name in first:
            whole = applied(whole.but(fitted=None, start_known=True), first[found.name], seed)
    return proven


def _proven(found: Finding, whole: Case, seed: int) -> Finding:
    """Return the finding with what its cure does, same epochs and same seed."""
    if found.name == "majority_collapse":
        whole = whole.but(balanced=True)  # accuracy is what hid the failure
    split = halves(whole, seed, len(whole.X))
    every = whole.but(X_val=None, y_val=None)
    after, held_after = (
        run(_cured(one, found, seed), seed, stop=True, whole=True) for one in (every, split)
    )
    if whole.fitted is None:
        before = run(every, seed, stop=True, whole=True)
        theirs, loss = before.train, before.loss[-1]
    else:
        theirs = score(whole, whole.fitted, whole.X, whole.y)
        loss = look(whole, whole.fitted).loss
    held = (_held_out(found, split, whole, seed), held_after.held_out)
    if whole.X_val is None and len(whole.X) < FEW:
        held = (np.nan, np.nan)  # no row could be held out
    loss_after = (loss, after.loss[-1])
    return found.proven(
        Proof(whole.metric, loss_after, (theirs, after.train), held, whole.epochs)
    )


def _cured(case: Case, found: Finding, seed: int) -> Case:
    """Return the case with the cure, and with those without which it does nothing."""
    for change in (*found.beside, found.change):
        case = applied(case, change, seed)
    return case


def _held_out(found: Finding, split: Case, whole: Case, seed: int) -> float:
    """Return what the model scores on held-out rows as it is.

    A run from new first weights would not have what was wrong with those of a trained network;
    a Perceptron's own rule is no run of ours. Their own weights are scored, though they have
    seen these rows.
    """
    own = found.name in _OF_ITS_OWN_RUN and not whole.start_known
    trained = whole.kind == "perceptron" or own or whole.X_val is not None
    if whole.fitted is None or not trained:
        return run(split, seed, stop=True, whole=True).held_out
    return score(split, whole.fitted, split.X_val, split.y_val)


def _examined(m: Measured, findings: list[Finding]) -> tuple[str, ...]:
    """Return what was looked at, and what speaks for no failure that has a name."""
    new = "a training from new weights, all else being equal: it learns what this one did not"
    return (
        f"statistics of {len(m.case.X)} of {len(m.whole.X)} rows",
        "the slopes of its formulas",
        "gradients, units and weights of each layer",
        "a training run, and one with each cure that the symptoms suggest",
        "a constant, a linear model and trees, cross-validated",
        *([new] if m.poor and not m.stays_poor and not findings else []),
    )
