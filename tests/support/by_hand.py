"""A reader of a trace who recomputes every line from the printed numbers."""

import math
import re

import numpy as np

LITERAL = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e[-+]\d+)?")
DIGITS = 6
FUNCTIONS = {
    "abs": abs,
    "exp": math.exp,
    "identity": lambda z: z,
    "log": math.log,
    "max": max,
    "min": min,
    "relu": lambda z: max(z, 0.0),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "sign": np.sign,
    "sqrt": math.sqrt,
    "step": lambda z: float(z >= 0),
    "tanh": math.tanh,
}


def worked(numbers):
    """Return what a text of numbers comes to, as Python's own arithmetic has it."""
    text = numbers.replace("·", "*").replace("^", "**").replace("√", "sqrt")
    return float(eval(text, {"__builtins__": {}}, FUNCTIONS))


def leeway(numbers):
    """Return how far the digits that are not printed may take the result."""
    exact, far = worked(numbers), 0.0
    for found in LITERAL.finditer(numbers):
        digits = found[0].split("e")[0].replace(".", "").strip("0")
        if len(digits) < 4:  # such as 0.999: a setting, printed as it is
            continue
        moved = float(found[0]) * (1 + 5 * 10.0**-DIGITS)
        other = numbers[: found.start()] + repr(moved) + numbers[found.end() :]
        far += abs(worked(other) - exact)
    return far


def check(text):
    """Recompute each line; return how many there were."""
    count = 0
    for line in re.sub(r"\n +(?== )", " ", text).splitlines():
        parts = re.sub(r"  \([^()]*\)$", "", line).split(" = ")
        if len(parts) != 4:
            continue
        numbers, value = parts[2], float(parts[3])
        if numbers == parts[3]:  # some loss or softmax, by its value alone
            continue
        unknown = set(re.findall(r"[a-z_]{2,}", numbers)) - set(FUNCTIONS)
        assert not unknown, line
        allowed = 1.01 * leeway(numbers) + 5 * 10.0**-DIGITS * abs(value) + 1e-15
        assert abs(worked(numbers) - value) <= allowed, line
        count += 1
    return count
