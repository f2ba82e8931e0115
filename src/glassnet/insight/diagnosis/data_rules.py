"""Failures that lie in the data, and in what the model makes of them."""

from __future__ import annotations

import numpy as np

from glassnet import catalog
from glassnet.engines import numpy_engine as engine
from glassnet.insight.diagnosis import training_rules as training
from glassnet.insight.diagnosis.baselines import RARE
from glassnet.insight.diagnosis.case import Case, hidden_activations, largest
from glassnet.insight.diagnosis.column_rules import resting
from glassnet.insight.diagnosis.measured import Measured
from glassnet.insight.diagnosis.report import Evidence, Finding
from glassnet.insight.diagnosis.rules import finding
from glassnet.insight.diagnosis.runs import better, classes, error_of, standard_error

__all__ = [
    "inputs_are_off",
    "leakage_suspected",
    "linear_model",
    "majority_collapse",
    "target_is_off",
    "unlearnable_target",
    "unscaled_inputs",
    "unscaled_target",
    "unshuffled_batches",
    "wrong_loss_or_output",
    "wrong_loss_though_it_learns",
]

_MANY_CLASSES = 20
_FEW_VALUES = 10  # whole numbers from the least to the largest, as classes are numbered
_NARROW = 0.1  # of a feature's width; 1 where it has nothing to do with the class


Scales = tuple[tuple[str, float, int], ...]  # each with its value and the most it should be


def _input_scales(m: Measured) -> tuple[Scales, tuple[float, ...]]:
    """Return what the features' scales are, each beside the most it should be, and widths."""
    size = largest(m.case.X)
    X = m.case.X / size
    std, mean = X.std(axis=0) * size, X.mean(axis=0) * size
    live = (std > 0) & (resting(X)[1] < 0.95)  # a rare mark is narrow however it is scaled
    if not live.any() or m.case.kind == "perceptron":
        return (), ()
    widths, widest = std[live], float(std[live].max())
    scales = (
        ("largest std of a feature", widest, 10),
        ("1 / largest std of a feature", 1 / widest, 10),
        ("ratio of the features' stds", widest / float(widths.min()), 10),
        ("largest |mean|/std of a feature", float((np.abs(mean[live]) / widths).max()), 3),
    )
    return scales, tuple(widths)


def _are_off(scales: Scales) -> bool:
    return any(value > most for _, value, most in scales)


def inputs_are_off(m: Measured) -> bool:
    """Say whether the features' scales are suspect."""
    return _are_off(_input_scales(m)[0])


def unscaled_inputs(m: Measured) -> Finding | None:
    """Widths or offsets far from 1, and standardizing helps."""
    scales, widths = _input_scales(m)
    if not _are_off(scales):
        return None
    quantity, worst, most = max(scales, key=lambda scale: scale[1] / scale[2])
    alone = (
        m.helps("unscaled_inputs")
        or (m.poor and m.lowers("unscaled_inputs", 0.6))
        or m.helps_new_rows("unscaled_inputs")
    )
    if not alone and not _only_with_the_target(m):
        return None
    # A faster rate makes up for narrow features as well as scaling does, but not for wide ones.
    enough = max(widths) > 10 and not m.is_poor(m.cured("unscaled_inputs"))
    if not enough and training.something_else_helps_more(m, "unscaled_inputs"):
        return None
    return finding(
        "unscaled_inputs",
        Evidence(
            quantity,
            worst,
            f"at most {most}",
            "X",
            widths,
            "standard deviation, feature by feature",
        ),
        "Some features are far wider than others, or far from 0. The wide ones drown the rest "
        "and drive the units into the flat parts of their activations. Standardized inputs, "
        "everything else being equal, trained better.",
        "unscaled_inputs" if alone else "unscaled_both",
    )


def _only_with_the_target(m: Measured) -> bool:
    """Say whether standard inputs help where the target is standardized too."""
    if _target_off(m.case) <= 5 or not m.helps("unscaled_both"):
        return False
    return better(m.cured("unscaled_target").train, m.cured("unscaled_both").train)


def _target_off(case: Case) -> float:
    """Return how far a target is from mean 0 and width 1; 0 where its scale has a meaning."""
    loss = catalog.loss(case.plan.loss)
    counts = loss.bounds[0] >= 0
    std, mean = case.y.std(axis=0), case.y.mean(axis=0)
    if case.labels is not None or loss.task != "regression" or counts or not (std > 0).all():
        return 0.0
    return max(float(std.max()), 1 / float(std.min()), float((np.abs(mean) / std).max()))


def target_is_off(m: Measured) -> bool:
    """Say whether the target's scale is suspect."""
    return _target_off(m.case) > 5


def unscaled_target(m: Measured) -> Finding | None:
    """Targets far from mean 0 and width 1, and standardizing them helps."""
    worst = _target_off(m.case)
    if not target_is_off(m) or not m.helps("unscaled_target"):
        return None
    return finding(
        "unscaled_target",
        Evidence("largest of std, 1/std and |mean|/std of the target", worst, "at most 5", "y"),
        "The target is far from mean 0 and width 1, so that gradients are far too large or "
        "small and the network spends its training on reaching the right scale.",
    )


def unlearnable_target(m: Measured) -> Finding | None:
    """No learner beats a constant by more than chance."""
    gain = m.data.best - m.data.constant
    if len(m.case.X) < 40 or m.data.p_value <= 0.05 or gain > 0.15 or m.data.constant > RARE:
        return None
    new_rows = m.can_be_repeated or m.whole.X_val is not None
    if new_rows and _beats_chance(m):
        return None
    return finding(
        "unlearnable_target",
        Evidence(
            "p-value of a permutation test",
            m.data.p_value,
            "at most 0.05",
            "cross-validated linear model and trees",
        ),
        "Neither a linear model nor trees predict the target better than they do after "
        "shuffling it. Either the features say nothing of it, or there are too few rows to "
        "see it: this test cannot tell the two apart.",
    )


def _beats_chance(m: Measured) -> bool:
    """Say whether the network itself does better on held-out rows than a constant would."""
    rows = 1 if m.case.X_val is None else len(m.case.X_val)
    chance = m.data.constant
    spread = np.sqrt(chance * (1 - chance) / rows) if m.case.labels is not None else 0.05
    return bool(m.base.held_out > chance + 2.5 * spread)


def linear_model(m: Measured) -> Finding | None:
    """No bend between inputs and outputs, where the data need one."""
    if {*hidden_activations(m.case.plan)} - {"identity"}:
        return None
    cured = m.cured("linear_model_on_nonlinear_problem")
    hidden = cured.train
    # Few rows can be learnt by heart; new ones show whether the bend is in the data.
    others = hidden if len(m.case.X) < 20 else max(m.data.trees, cured.held_out)
    if not (better(m.base.train, others, 0.3, 0.05) and better(m.base.train, hidden, 0.3)):
        return None
    return finding(
        "linear_model_on_nonlinear_problem",
        Evidence(
            "score of the model, below that of a hidden layer by",
            hidden - m.base.train,
            "below 0.03",
            "the training rows",
        ),
        "Without a hidden layer that bends, the model can only draw straight lines (planes), "
        "and these data need a curve: no amount of training helps.",
    )


def majority_collapse(m: Measured) -> Finding | None:
    """Rare class that is never predicted, though it could be recognized."""
    if m.case.labels is None or m.base.diverged:
        return None
    counts = np.bincount(m.case.labels)
    share = counts.max() / counts.sum()
    recalls = _recalls(m.case, m.end_outputs(), m.case.y)
    worst = min(recalls)
    if share < 0.75 or worst > 0.2:
        return None
    possible = max(m.data.recall, _recall_if_balanced(m))
    if possible < worst + 0.3:
        return None
    return finding(
        "majority_collapse",
        Evidence(
            "least recall of a class",
            worst,
            f"about {possible:.2f}",
            "training rows",
            recalls,
            "recall, class by class",
        ),
        f"{share:.0%} of the rows are of one class, and the model answers it nearly always. "
        "Accuracy looks fine, and the rare class is missed.",
    )


def _recalls(case: Case, out: np.ndarray, y: np.ndarray) -> tuple[float, ...]:
    """Return the share of each class that is recognized."""
    found, truth = classes(case, out), classes(case, y, truth=True)
    return tuple(float(np.mean(found[truth == k] == k)) for k in np.unique(truth))


def _recall_if_balanced(m: Measured) -> float:
    """Return the least recall on held-out rows after training with balanced classes."""
    case, cured = m.case, m.cured("majority_collapse")
    if cured.diverged or case.X_val is None or case.y_val is None:
        return 0.0
    out = engine.forward(case.plan, cured.state, case.X_val)[0]
    return min(_recalls(case, out, case.y_val))


def wrong_loss_though_it_learns(m: Measured) -> Finding | None:
    """Wrong loss of a model that trains well: nothing graver hides behind it."""
    return wrong_loss_or_output(m) if m.learns else None


def wrong_loss_or_output(m: Measured) -> Finding | None:
    """Loss for numbers on classes, for classes on numbers, or an output out of reach."""
    regression = catalog.loss(m.case.plan.loss).task == "regression"
    found = _of_numbers(m.case) if regression else _of_classes(m)
    if found is None:
        return None
    quantity, value, healthy, reason = found
    return finding("wrong_loss_or_output", Evidence(quantity, value, healthy, "y"), reason)


Mismatch = tuple[str, float, str, str]  # what was counted, how many, the healthy range, why


def _of_numbers(case: Case) -> Mismatch | None:
    """Return why the targets do not suit a loss for numbers."""
    values = np.unique(case.y)
    low, high = catalog.activation(case.plan.output).bounds
    beyond = float(np.mean((case.y < low) | (case.y > high)))
    if case.y.shape[1] == 1 and _look_like_classes(values, case):
        reason = (
            f"The target has {len(values)} distinct whole values, as classes have, and the "
            "loss is one for numbers. If they are counts or grades, it is right: that cannot "
            "be told."
        )
        return "distinct values of the target", len(values), f"above {_FEW_VALUES}", reason
    if beyond:
        reason = "Some targets lie outside what the output activation can reach."
        return "share of targets beyond the output's reach", beyond, "0", reason
    if case.y.shape[1] > 1 and _one_hot(case.y):
        reason = (
            "Each target is a row with a single 1, as classes have; the loss is for numbers."
        )
        return "share of targets that are a row with a single 1", 1.0, "below 1", reason
    return None


def _of_classes(m: Measured) -> Mismatch | None:
    """Return why the targets do not suit a loss for classes."""
    if m.case.labels is None:
        return None
    k, most = int(m.case.y.shape[1]), max(_MANY_CLASSES, len(m.whole.y) / 10)
    if k <= most or max(m.data.best, m.learnt.held_out) > 0.5:
        return None  # numbers are hardly ever met exactly
    reason = "The target has so many distinct values that they look like numbers."
    return "distinct values of the target", k, f"at most {most:.0f}", reason


def _look_like_classes(values: np.ndarray, case: Case) -> bool:
    whole = bool((values == np.round(values)).all())
    return (
        whole
        and 2 <= len(values) <= _FEW_VALUES
        and np.ptp(values) == len(values) - 1
        and len(case.y) >= 2 * len(values)
    )


def _one_hot(y: np.ndarray) -> bool:
    return bool(np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all())


def _repeats_classes(case: Case, j: int) -> bool:
    """Say whether a feature is next to constant within each class."""
    x, t = case.X[:, j], case.labels
    if t is None:
        return False
    within = sum(float(((x[t == k] - x[t == k].mean()) ** 2).sum()) for k in np.unique(t))
    return within <= _NARROW**2 * float(((x - x.mean()) ** 2).sum())


def leakage_suspected(m: Measured) -> Finding | None:
    """One feature gives the target away."""
    d = m.data
    if d.leak is None:
        return None
    # In easy problems real columns are as telling too, but not as narrow in each class.
    chance = 2 * standard_error(m.case, d.without_leak, len(m.case.X))
    far = error_of(d.without_leak) - chance >= max(0.05, 3 * error_of(d.leak_score))
    if not far and not _repeats_classes(m.case, d.leak):
        return None
    name = m.whole.feature(d.leak)
    return finding(
        "leakage_suspected",
        Evidence(
            f"score of {name} alone",
            d.leak_score,
            f"near {d.without_leak:.2f}, that of all others",
            "cross-validated trees",
        ),
        f"{name[0].upper()}{name[1:]} alone predicts the target almost without a mistake. It "
        "may be the target in disguise, known only afterwards; or the problem is that easy. "
        "Numbers cannot tell which: ask how the column comes about.",
    )


def _shown(case: Case) -> np.ndarray:
    """Return one number per row to draw: the class, or the first target."""
    found: np.ndarray = case.y[:, 0] if case.labels is None else case.labels
    return found


def unshuffled_batches(m: Measured) -> Finding | None:
    """Sorted rows in fixed batches."""
    case = m.case
    if case.kind == "perceptron" or case.shuffle or case.batch_size > len(case.X) / 2:
        return None
    if getattr(case.optimizer, "full_batch", False):
        return None
    batches = len(case.y) // case.batch_size
    t = case.y[: batches * case.batch_size].reshape(batches, case.batch_size, -1)
    spread = t.mean(axis=1).std(axis=0)
    chance = case.y.std(axis=0) / np.sqrt(case.batch_size)
    ratio = float((spread / np.maximum(chance, 1e-12)).max())
    # Batches of one are no more spread than rows are: there, look at runs of 16 rows.
    if case.batch_size < 8:
        rows = len(case.y) // 16 * 16
        runs = case.y[:rows].reshape(-1, 16, case.y.shape[1]).mean(axis=1)
        ratio = float((runs.std(axis=0) / np.maximum(case.y.std(axis=0) / 4, 1e-12)).max())
    if ratio < 2:
        return None
    return finding(
        "unshuffled_batches",
        Evidence(
            "spread of the batches' mean target, in units of chance",
            ratio,
            "about 1",
            "batches as they are taken",
            tuple(float(np.mean(part)) for part in np.array_split(_shown(case), batches)),
            "mean target, batch by batch",
        ),
        "The rows are sorted and are not shuffled, so each batch shows one kind of target "
        "only, and each update unlearns what the one before taught.",
    )
