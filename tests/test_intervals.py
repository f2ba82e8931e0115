"""Intervals: which ends belong to them, and what is no interval."""

import math

import numpy as np
import pytest

from glassnet.intervals import EVERYTHING, check_number, inside


@pytest.mark.parametrize(
    ("interval", "members", "others"),
    [
        ("[0, 1)", (0, 0.5), (1, -1e-300, 2)),
        ("(0, 1]", (1, 1e-300), (0, 2)),
        ("[ -2,-1 ]", (-2, -1.5, -1), (0,)),
        ("(0, inf)", (1e308,), (math.inf, 0)),
        (EVERYTHING, (0, -1e308), (math.inf, -math.inf)),
    ],
)
def test_ends_belong_to_square_brackets(interval, members, others):
    assert all(inside(value, interval) for value in members)
    assert not any(inside(value, interval) for value in (*others, math.nan))


@pytest.mark.parametrize(
    "text", ["", "0, 1", "[0, 1", "[0; 1]", "[a, b]", "[0, 1, 2]", None, 3]
)
def test_what_is_no_interval(text):
    with pytest.raises(ValueError, match=r"an interval reads like '\[0, 1\)'; got "):
        inside(0.5, text)


def test_a_number_becomes_a_plain_one():
    for value in (np.float32(0.5), np.float64(0.5), 0.5):
        assert type(check_number("A", "b", value, "[0, 1]")) is float
    assert type(check_number("A", "b", np.int8(3), "[0, 9]", whole=True)) is int
    assert check_number("A", "b", 2**60 + 1, "[0, inf)", whole=True) == 2**60 + 1


@pytest.mark.parametrize(
    ("value", "whole", "error", "end"),
    [
        (2, False, ValueError, r"b must be a number in \[0, 1\]; got 2"),
        ("1", False, TypeError, r"b must be a number in \[0, 1\]; got '1'"),
        (True, False, TypeError, "got True"),
        (1j, False, TypeError, "got 1j"),
        (0.5, True, TypeError, r"b must be an integer in \[0, 1\]; got 0.5"),
        (10**400, False, ValueError, "got a number beyond the range of float"),
    ],
)
def test_what_is_refused(value, whole, error, end):
    with pytest.raises(error, match=f"^A: .*{end}$"):
        check_number("A", "b", value, "[0, 1]", whole=whole)
