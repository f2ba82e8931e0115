"""Small networks trained in one call of machine code: what Python prepares, it prepares once.

A fit of a small network takes no longer than what Python does around it. Here the arguments
of equal fits are checked once, and machine code takes one network after the other, on all
threads. No number that was trained is written into a network before its training has ended as
it should: one that has not is begun again by its own `fit`, which says what there is to say.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.engines.data import Batches, Block, Data
from glassnet.fit_arguments import ready
from glassnet.formulas.types import Array
from glassnet.many.heard import Heard
from glassnet.mlp import MLP
from glassnet.network import State
from glassnet.optimizers import Optimizer
from glassnet.schedules import OwnSchedule, ReduceOnPlateau
from glassnet.training.blocks import Blocks
from glassnet.training.loop import batches_of, losses_of_epochs, orders_of
from glassnet.training.orders import draw_key, set_state, state_of
from glassnet.training.outcome import rose
from glassnet.training.rates import rates_ahead
from glassnet.training.settings import Settings

__all__ = ["trained_together"]

_NETWORKS, _NUMBERS = 256, 8_000_000  # of a call at most, and about so much of its memory
_MOMENTS = 10  # tenths of a second that a call may take, so that somebody can look on
_ROWS = 1024  # that go through a network together, at most
_SIGNATURE = inspect.signature(MLP.fit)
# Whoever asks for one of these wants to look at a network while it trains.
_WATCHED = {"X_val", "y_val", "callbacks", "verbose", "early_stopping", "metrics"}


def trained_together(
    models: Mapping[int, Any],
    arguments: Sequence[Mapping[str, Any]],
    heard: Heard,
    stop: NDArray[np.int64],
    threads: int,
) -> Iterator[int]:
    """Train those that can be trained so; yield the numbers of those that are.

    Each may differ from the others in all that `fit` is arguments, and in its shape.

    Parameters
    ----------
    models : mapping of int to model
        No two of which draw from one source of random numbers.
    arguments : sequence of mappings
        The arguments of each one's `fit`, by its number.
    heard : Heard
        Takes note of what there is to warn of.
    stop : int64 array, shape (1,)
        Training ends once it is not 0.
    threads : int
        How many may work.
    """
    chosen = list(_chosen(models, arguments, heard))
    if len(chosen) < max(2, threads):
        return  # with fewer networks than threads, a fit of its own may use several
    chosen.sort(key=lambda one: one[1].data.X.dtype.name)  # one precision to a call
    for part in _calls(chosen, threads):
        yield from _trained_in_one_call(models, part, stop, threads)


def _chosen(
    models: Mapping[int, Any], arguments: Sequence[Mapping[str, Any]], heard: Heard
) -> Iterator[tuple[int, _Checked]]:
    """Yield the numbers of those that can be trained so, with their arguments."""
    groups = dict[Any, list[int]]()
    for k, model in models.items():
        free = type(model) is MLP and not model._is_in_training
        if free and not arguments[k].keys() & _WATCHED:
            groups.setdefault(_kind(model, arguments[k]), []).append(k)
    for first, *others in groups.values():
        with heard.about(first):
            checked = _checked(models[first], arguments[first])
        if checked is not None and not heard.has_warned_of(first):
            yield from ((k, checked) for k in (first, *others))


def _calls(
    chosen: Sequence[tuple[int, _Checked]], threads: int
) -> Iterator[list[tuple[int, _Checked]]]:
    """Yield them in parts that one call can train: in a second or so, in bounded memory."""
    part, moments, numbers = list[tuple[int, _Checked]](), 0.0, 0
    for one in chosen:
        checked = one[1]
        other = part and checked.data.X.dtype != part[0][1].data.X.dtype
        long = len(part) >= threads and moments >= _MOMENTS * threads
        if part and (other or long or numbers >= _NUMBERS or len(part) == _NETWORKS):
            yield part
            part, moments, numbers = [], 0.0, 0
        part.append(one)
        moments, numbers = moments + checked.moments, numbers + checked.size
    if part:
        yield part


def _kind(model: MLP, given: Mapping[str, Any]) -> Any:
    """Return what is equal for fits that can share what was checked."""
    arguments = tuple(sorted((name, id(value)) for name, value in given.items()))
    return model.plan, model.engine, model.n_threads, model.theta.dtype, arguments


@dataclass(frozen=True)
class _Checked:
    """Fits of equal networks with the same arguments, which were checked once.

    Attributes
    ----------
    moments : float
        About how many tenths of a second one of these fits takes.
    size : int
        About how many numbers of memory each needs.
    """

    data: Data
    settings: Settings
    batches: Batches
    rates: Array
    moments: float
    size: int


def _checked(model: MLP, given: Mapping[str, Any]) -> _Checked | None:
    """Return the checked arguments; None where `fit` has more to do, or to say, than train."""
    try:
        bound = _SIGNATURE.bind(model, **given)
        bound.apply_defaults()
        bound.arguments.pop("self")
        data, _, settings = ready(model, **bound.arguments)
        model._warn_ahead(data, settings)
        rule, schedule, epochs = settings.optimizer, settings.schedule, settings.epochs
        if settings.engine.name != "numba" or not isinstance(rule, Optimizer):
            return None
        if isinstance(schedule, ReduceOnPlateau | OwnSchedule):  # one's own may change its mind
            return None
        batches = batches_of(model.plan, data, settings)
        orders = orders_of(model.rng, settings, batches)
        blocks = Blocks(settings.engine, model.plan, data, rule, batches, orders, 1)
        if blocks.size(epochs) < epochs:
            return None
        of_epochs = np.full(epochs, settings.learning_rate)
        rates = rates_ahead(of_epochs, schedule, None, 0, epochs, batches.per_epoch)
    except Exception:  # which `fit` raises again
        return None
    if len(rates) < epochs:
        return None
    in_steps = (3 + len(rule.slots)) * model.plan.n_parameters  # θ, gradient, lanes, slots
    in_orders = batches.n * epochs if orders.random else 0
    of_rows = 4 * sum(layer.units for layer in model.plan.layers) * min(batches.size, _ROWS)
    size = in_steps + in_orders + of_rows
    return _Checked(data, settings, batches, rates, epochs / blocks.pace, size)


class _Begun:
    """A network about to be trained, which does not know of it yet."""

    def __init__(self, number: int, model: MLP, checked: _Checked) -> None:
        from glassnet.engines.numba_engine import Training

        self.number, self.model, self.checked = number, model, checked
        settings, plan = checked.settings, model.plan
        rule = settings.optimizer
        assert isinstance(rule, Optimizer)
        draws = orders_of(model.rng, settings, checked.batches)
        self.before = state_of(model.rng) if plan.has_dropout or draws.random else None
        try:
            key = draw_key(model.rng) if plan.has_dropout else model.state.key
            self.orders = draws.draw(settings.epochs)
            theta = model.state.theta
            self.state = State(theta, model.state.buffers, rule.start(theta), 0, key)
            block = Block(self.orders, checked.rates, checked.batches)
            self.training = Training(plan, self.state, checked.data, rule, block)
        except BaseException:
            self.undo()
            raise

    def undo(self) -> None:
        """Put the source of random numbers back to where it stood."""
        if self.before is not None:
            set_state(self.model.rng, self.before)

    def ended_well(self, seconds: float) -> bool:
        """Let the network have what was trained, if there is nothing to say; else undo all."""
        checked, model = self.checked, self.model
        losses: list[float] = []
        if self.training.is_complete:
            found = self.training.losses
            losses = losses_of_epochs(checked.data, checked.batches, self.orders, found)
        if not losses or rose(losses):
            self.undo()
            return False
        self.training.finish()
        model.state.slots, model.state.key = self.state.slots, self.state.key
        model.state.step = self.state.step
        rates = checked.rates[:, 0].tolist()
        model.history.extend(losses, rates, [seconds] * len(losses))
        model.history.stopped, model.history.best_epoch = "finished", None
        return True


def _trained_in_one_call(
    models: Mapping[int, MLP],
    part: Sequence[tuple[int, _Checked]],
    stop: NDArray[np.int64],
    threads: int,
) -> list[int]:
    """Train some networks; return the numbers of those that ended well.

    Whatever happens, the others are left as they were, for a `fit` of their own.
    """
    from glassnet.engines.numba_engine import train_each

    begun, done, start = list[_Begun](), list[int](), time.perf_counter()
    with ExitStack() as under_way:
        try:
            for k, checked in part:
                free = models[k]._in_training(checked.data, checked.settings)
                under_way.enter_context(free)
                begun.append(_Begun(k, models[k], checked))
            train_each([one.training for one in begun], stop, threads)
        except Exception:  # which `fit` raises again, for the network that it is about
            pass
        finally:
            epochs = sum(one.checked.settings.epochs for one in begun)
            seconds = (time.perf_counter() - start) * min(threads, len(begun)) / max(epochs, 1)
            done.extend(one.number for one in begun if one.ended_well(seconds))
    return done
