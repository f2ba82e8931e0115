"""What `MLPClassifier` and `MLPRegressor` have in common: scikit-learn's contract."""

from __future__ import annotations

import copy
import warnings
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.callback import CallbackSupportMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import column_or_1d, validate_data

from glassnet import catalog
from glassnet.arguments import whole_number
from glassnet.engines.choice import Choice
from glassnet.engines.data import Data
from glassnet.estimators.epochs import NOT_FINITE, Diverged, Epochs
from glassnet.estimators.fitted_network import HoldsNetwork
from glassnet.estimators.holdout import Holdout, split
from glassnet.estimators.planning import check_together, first_weights, planned, same_layout
from glassnet.estimators.predictors import FLOATS, Predicting, by_rows
from glassnet.estimators.quasi_newton import minimize
from glassnet.estimators.safety import Best, badness, copies, records
from glassnet.estimators.solver import Rates, find_optimizer
from glassnet.estimators.tasks import Tasks
from glassnet.estimators.trainer import trainer
from glassnet.estimators.weights import check_weights, checked, product
from glassnet.formulas.types import Array
from glassnet.network import Plan, State, initial_state
from glassnet.optimizers import LBFGS, Optimizer
from glassnet.training.orders import draw_key

__all__ = ["Multilayer"]

_SKLEARN_NAMES = {"sigmoid": "logistic"}  # of output activations


class Multilayer(HoldsNetwork, Predicting, CallbackSupportMixin, BaseEstimator, ABC):
    """Base of the MLP estimators; use `MLPClassifier` or `MLPRegressor`."""

    # --- what a kind of estimator decides ---

    @abstractmethod
    def _loss_text(self) -> str:
        """Return the text of the loss, for the targets seen."""

    @abstractmethod
    def _encode(self, y: Any, first: bool, incremental: bool) -> Array:
        """Return validated targets as the loss wants them, shape (n, n_outputs)."""

    @abstractmethod
    def _decode(self, outputs: Array) -> Any:
        """Return predictions from the network's outputs."""

    @abstractmethod
    def _labels(self, y: Array) -> Any:
        """Return encoded targets as the user knows them."""

    def _class_weight(self, y: Any, weight: Any) -> Any:
        """Return the weight of each sample that its class gives it, or None."""
        return None

    def _reported(self, loss: Any, penalty: Any) -> Any:
        """Return the loss as the record shows it, from that of the samples and the penalty."""
        return loss + penalty

    # --- copies ---

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if "_plan" in state:
            state["_records"] = catalog.custom_records(self._plan.formulas)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        catalog.admit(state.pop("_records", ()))
        super().__setstate__(state)

    def _snapshot(self) -> dict[str, Any]:
        """Return what a copy of this estimator needs to stay as it is now."""
        lists = {name: list(values) for name, values in records(vars(self)).items()}
        return {**copies(vars(self)), **lists}

    # --- fit ---

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        validation: tuple[Any, Any, Any] = (None, None, None),
        incremental: bool = False,
    ) -> None:
        first = "_plan" not in vars(self) or not (self.warm_start or incremental)
        context = None
        if not incremental:
            subtasks = self.max_iter * (self.n_restarts if first else 1)
            context = self._init_callback_context(max_subtasks=subtasks)
        dtype = FLOATS if first else self._state.theta.dtype
        X, y = self._validated(X, y, dtype, reset=first)
        weight = checked(sample_weight, X)
        encoded = self._encode(y, first, incremental).astype(X.dtype, copy=False)
        if not first:
            self._check_outputs(encoded)
        data = Data(X, encoded, product(weight, self._class_weight(y, weight)))
        check_weights(data.weight)
        held_out = self._given_validation(*validation, X.dtype, encoded.shape[1])
        if not first:
            data = data.apart_from(self._state)
        optimizer = find_optimizer(self)
        self._check_together(optimizer, incremental)
        self._random_state = check_random_state(self.random_state)
        metadata = None if weight is None else {"sample_weight": weight}
        tasks = Tasks(self, X, y, metadata, context)
        tasks.begin()
        self._train(data, weight, held_out, optimizer, tasks, first, incremental)
        tasks.end()

    def _train(
        self,
        data: Data,
        weight: Any,
        held_out: Holdout | None,
        optimizer: Optimizer | LBFGS,
        tasks: Tasks,
        first: bool,
        incremental: bool,
    ) -> None:
        """Train once, or from several starts and keep the best."""
        runs: list[dict[str, Any]] = []
        starts = self.n_restarts if first and not incremental else 1
        for source in _sources(self._random_state, starts):
            self._random_state = source
            if first:
                self._initialize(data.X.shape[1], data.y.shape[1], data.X.dtype)
            else:
                self._plan = same_layout(self, data.X.shape[1], data.y.shape[1])
                self.out_activation_ = _SKLEARN_NAMES.get(self._plan.output, self._plan.output)
            if not first and self.early_stopping != (self.best_loss_ is None):
                self._begin_record()  # it is judged by something else than before
            goes_on = {"before": self.engine_, "epochs": 1} if incremental else {}
            engine = trainer(self, optimizer, data, starts, **goes_on)
            try:
                if isinstance(optimizer, LBFGS):
                    minimize(self, data, held_out, optimizer, tasks, engine)
                else:
                    self._step(data, weight, held_out, optimizer, tasks, incremental, engine)
                runs.append(vars(self).copy())
            except Diverged:
                pass  # another start may do better
            if tasks.stopped:
                break
        if not runs:
            raise ValueError(NOT_FINITE)
        if starts > 1:
            vars(self).update(min(runs, key=badness))

    def _step(
        self,
        data: Data,
        weight: Any,
        held_out: Holdout | None,
        optimizer: Optimizer,
        tasks: Tasks,
        incremental: bool,
        engine: Choice,
    ) -> None:
        if self.early_stopping and held_out is None:
            targets = data.y.astype(bool) if self._stratified() else data.y
            data, held_out = split(self, data, weight, targets, self._stratified())
            check_weights(data.weight)
            check_weights(held_out.data.weight)
        if self.early_stopping and self.t_ > 0:
            self._rescore(held_out)
        fresh = self._running is None or set(self._running[0].slots) != set(self._state.slots)
        if not incremental or fresh:
            self._running = optimizer, Rates.of(self, optimizer)
            self._state.slots, self._state.step = optimizer.start(self._state.theta), 0
        if self._plan.has_dropout:
            self._state.key = draw_key(self._random_state)
        epochs = Epochs(self, data, held_out, *self._running, tasks, engine)
        if incremental:
            epochs.once()
        else:
            epochs.run(self.max_iter)
        if self.early_stopping and np.isfinite(self.best_validation_score_):
            self._state.theta[...] = self._best.theta
            self._state.buffers[...] = self._best.buffers
        elif self.early_stopping:
            warnings.warn(
                "early stopping had nothing to go by: no validation score was finite; the "
                "last weights are kept",
                stacklevel=6,
            )

    def _rescore(self, held_out: Any) -> None:
        """Let the weights that this fit begins with be the ones to beat, on its own data."""
        score = held_out.score(self)
        score = score if np.isfinite(score) else -np.inf
        if score != self.best_validation_score_:  # other data, or other weights
            self.best_validation_score_, self._no_improvement_count = score, 0
        self._best.take(self._state)

    def _stratified(self) -> bool:
        return False

    def _initialize(self, n_features: int, n_outputs: int, dtype: Any) -> None:
        """Build the network and begin its record, drawing the first weights."""
        plan = planned(self, n_features, n_outputs)
        self._plan: Plan = plan
        self._state: State = initial_state(plan, first_weights(self), self._random_state)
        self._state.astype(np.dtype(dtype))
        self._running: tuple[Optimizer, Rates] | None = None  # partial_fit goes on with it
        self.engine_, self.engine_reason_ = "numpy", ""
        self.n_layers_, self.n_outputs_ = len(self.coefs_) + 1, n_outputs
        self.out_activation_ = _SKLEARN_NAMES.get(plan.output, plan.output)
        self.n_iter_ = self.t_ = 0
        self.loss_ = np.float64("nan")  # no epoch has been seen
        self.loss_curve_: list[float] = []
        self.validation_loss_curve_: list[float] = []
        self._begin_record()

    def _begin_record(self) -> None:
        """Forget what was best: nothing is yet, by the measure that is asked for now."""
        stopping = self.early_stopping
        self._best = Best(self._state.theta.copy(), self._state.buffers.copy())
        self._no_improvement_count = 0
        self.best_loss_ = None if stopping else np.inf
        self.best_validation_score_ = -np.inf if stopping else None
        self.validation_scores_: list[float] | None = [] if stopping else None

    def _build(self, n_features: int, n_outputs: int) -> None:
        """Build the network without data."""
        whole_number("n_features", n_features)
        self._check_together(find_optimizer(self), incremental=False)
        self._random_state = check_random_state(self.random_state)
        self._initialize(n_features, n_outputs, np.float64)
        self.n_features_in_ = n_features
        vars(self).pop("feature_names_in_", None)

    # --- checks ---

    def _validated(self, X: Any, y: Any, dtype: Any, reset: bool) -> tuple[Any, Any]:
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            multi_output=True,
            y_numeric=not is_classifier(self),
            dtype=dtype,
            reset=reset,
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return by_rows(X), y

    def _given_validation(
        self, X: Any, y: Any, weight: Any, dtype: Any, n_outputs: int
    ) -> Holdout | None:
        if (X is None) != (y is None):
            raise ValueError("X_val and y_val go together; got one without the other")
        if X is None:
            if weight is not None:
                raise ValueError("sample_weight_val needs X_val and y_val; got it alone")
            return None
        try:
            X, y = self._validated(X, y, FLOATS, reset=False)
            encoded = self._encode(y, first=False, incremental=True).astype(dtype, copy=False)
            weight = checked(weight, X)
        except (TypeError, ValueError) as error:
            raise type(error)(f"X_val, y_val, sample_weight_val: {error}") from error
        if encoded.shape[1] != n_outputs:
            raise ValueError(
                f"y_val must have {n_outputs} output(s), as y has; got {encoded.shape[1]}"
            )
        return Holdout(Data(X.astype(dtype, copy=False), encoded, weight), y)

    def _check_outputs(self, encoded: Array) -> None:
        if encoded.shape[1] != self.n_outputs_:
            raise ValueError(
                f"y must have {self.n_outputs_} output(s), for which the network was built; "
                f"got {encoded.shape[1]}"
            )

    def _check_together(self, optimizer: Optimizer | LBFGS, incremental: bool) -> None:
        """Raise where parameters that are fine by themselves cannot go together."""
        check_together(self, optimizer, incremental)

    def _can_go_on(self) -> bool:
        """Whether `partial_fit` exists: it sees one part of the data, and no end.

        Raises
        ------
        AttributeError
            If it does not, with the reason.
        """
        if find_optimizer(self).full_batch:
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is "
                "not stochastic."
            )
        if self.schedule is not None:
            raise AttributeError(
                "partial_fit does not know when training ends: schedule must be None; got "
                f"{self.schedule!r}"
            )
        return True

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _sources(rng: np.random.RandomState, starts: int) -> list[np.random.RandomState]:
    """Return the source of random numbers of each start: `rng`, and others seeded from it.

    The seeds come from a copy. So what one start draws makes no difference to another.
    """
    if starts == 1:
        return [rng]
    seeds = copy.deepcopy(rng).randint(2**31 - 1, size=starts - 1)
    return [rng, *map(np.random.RandomState, seeds)]
