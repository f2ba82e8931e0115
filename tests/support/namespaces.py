"""Run a formula's own text in another array namespace than NumPy."""

from types import FunctionType


def rebound(formula, namespace, done=None):
    """Return `formula` as if its module had bound ``np`` to `namespace`.

    The formulas that it calls are rebound with it; `done` holds those already met.
    """
    done = {} if done is None else done
    if formula not in done:
        names = dict(formula.__globals__, np=namespace)
        done[formula] = FunctionType(
            formula.__code__, names, formula.__name__, formula.__defaults__
        )
        for name in formula.__code__.co_names:
            called = names.get(name)
            if isinstance(called, FunctionType) and called.__module__.startswith("glassnet."):
                names[name] = rebound(called, namespace, done)
    return done[formula]
