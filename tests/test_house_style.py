"""Every file is short enough to read, and says what it is for."""

import inspect
from pathlib import Path

import pytest

import glassnet
from glassnet import landscapes, optimizers, schedules

from support import docstrings, house_style

SOURCE = Path(glassnet.__file__).parent
TESTS = Path(__file__).parent
SOURCES = sorted(SOURCE.rglob("*.py"))
FORMULAS = sorted((SOURCE / "formulas").rglob("*.py"))

RULES = [
    house_style.too_much_code,
    house_style.long_bodies,
    house_style.undocumented,
    house_style.unexplained_nested,
    docstrings.wrong_sections,
    docstrings.wrong_parameters,
]

# Definitions, arithmetic and our own arrangements: nothing that a paper would be cited for.
WITHOUT_SOURCE = {
    "activations/piecewise": ("identity",),
    "activations/saturating": ("exp",),
    "initializers": ("constant", "normal", "sklearn_biases", "uniform", "zeros"),
    "layers": ("dense", "scale"),
    "losses/batch": ("weighted_mean",),
    "losses/common": ("check_shapes", "over_outputs", "square", "times"),
    "random_bits": ("keep_mask",),
    "schedules": ("constant", "exponential", "step"),
    "special": ("normal_density",),
}

PUBLIC_NAMES = [
    *(getattr(module, name) for module in (optimizers, schedules) for name in module.__all__),
    *map(glassnet.__getattr__, glassnet._NAMES),
    landscapes.Landscape,
    landscapes.NetworkLandscape,
]
PUBLIC_CLASSES = [
    one for one in PUBLIC_NAMES if inspect.isclass(one) and not issubclass(one, Warning)
]


def name_of(path):
    return path.relative_to(SOURCE.parent if path in SOURCES else TESTS.parent).as_posix()


def formula_module(path):
    return path.relative_to(SOURCE / "formulas").with_suffix("").as_posix()


def report(path, findings):
    """Return one line per finding, as an editor can jump to it."""
    return "\n" + "\n".join(f"{name_of(path)}, {finding}" for finding in findings)


# --- the rules -------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_source(path, rule):
    findings = rule(path.read_text(encoding="utf-8"))
    assert not findings, report(path, findings)


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=name_of)
def test_length_of_test_files(path):
    findings = house_style.too_long(path.read_text(encoding="utf-8"))
    assert not findings, report(path, findings)


@pytest.mark.parametrize("path", FORMULAS, ids=formula_module)
def test_formulas_say_all_that_a_reader_needs(path):
    text = path.read_text(encoding="utf-8")
    without_source = WITHOUT_SOURCE.get(formula_module(path), ())
    findings = docstrings.incomplete_formulas(text, without_source)
    assert not findings, report(path, findings)
    assert not docstrings.needless_exceptions(text, without_source)


def test_the_exceptions_are_of_modules_that_exist():
    assert WITHOUT_SOURCE.keys() <= set(map(formula_module, FORMULAS))


@pytest.mark.parametrize("cls", PUBLIC_CLASSES, ids=lambda cls: cls.__name__)
def test_public_classes_list_what_they_are_made_of(cls):
    docstring = inspect.getdoc(cls)
    listed = set(docstrings.listed_parameters(docstring))
    listed |= set(docstrings.listed_parameters(docstring, "Attributes"))
    assert set(inspect.signature(cls).parameters) <= listed


# --- the rules can fail ----------------------------------------------------------------


def lines(count, indent=""):
    return f"{indent}x = 1\n" * count


@pytest.mark.parametrize(
    ("rule", "good", "bad", "finding"),
    [
        (
            house_style.too_much_code,
            '"""Doc\n\nstring."""\n\n# a comment\n' + lines(300),
            'text = """\n\n"""\n' + lines(298),
            "line 1: 301 lines of code, at most 300",
        ),
        (house_style.too_long, "\n" * 300, "\n" * 301, "line 1: 301 lines, at most 300"),
        (
            house_style.long_bodies,
            'def f(\n    a,\n):\n    """Doc.\n\n    More."""\n' + lines(40, "    "),
            "class A:\n    async def f():\n        def g():\n" + lines(40, " " * 12),
            "line 2: f has a body of 41 lines, at most 40",
        ),
        (
            house_style.unexplained_nested,
            "def f():\n    def g(\n        a,\n    ):\n" + lines(5, " " * 8),
            "def f():\n    def g():\n" + lines(6, " " * 8),
            "line 2: g, inside a function, has a body of 6 lines and no docstring, at most 5",
        ),
        (
            house_style.undocumented,
            '"""M."""\ndef _f(): ...\nclass _A:\n    def f(self): ...\n',
            '"""M."""\nclass A:\n    """A."""\n    def f(self): ...\n',
            "line 4: f has no docstring",
        ),
        (
            house_style.undocumented,
            '"""M."""\nclass A:\n    """A."""\n    @f.setter\n    def f(self, f): ...\n',
            "x = 1\n",
            "line 1: the module has no docstring",
        ),
        (
            docstrings.wrong_parameters,
            'def f(a, *, b):\n    """F.\n\n    Parameters\n    ----\n    b, a : int\n    """\n',
            'def f(a, *, b):\n    """F.\n\n    Parameters\n    ----\n    a : int\n    """\n',
            "line 1: f lists ['a'], takes ['a', 'b']",
        ),
        (
            docstrings.wrong_sections,
            'class A:\n    """A.\n\n    Notes\n    ----\n\n    Examples\n    ----\n    """\n',
            'class A:\n    """A.\n\n    Examples\n    ----\n\n    Notes\n    ----\n    """\n',
            "line 1: A has the sections ['Examples', 'Notes']",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_rule_passes_the_good_and_finds_the_bad(rule, good, bad, finding):
    assert rule(good) == []
    assert rule(bad) == [finding]


FORMULA = '''
def ramp(z: Array) -> Array:
    """Give the ramp.

    Parameters
    ----------
    z : array

    Returns
    -------
    array

    Raises
    ------
    ValueError

    References
    ----------
    Somebody.

    Examples
    --------
    >>> ramp(1)
    """
    return _checked(z)


def ramp_slope(z: Array, a: Array) -> Array:
    """Return 1."""


def _checked(z):
    if z:
        raise ValueError
'''


@pytest.mark.parametrize(
    "section", ["Parameters", "Returns", "Raises", "References", "Examples"]
)
def test_a_formula_needs_every_section(section):
    assert docstrings.incomplete_formulas(FORMULA) == []
    bare = FORMULA.replace(section, "Notes")
    assert docstrings.incomplete_formulas(bare) == [f"line 2: ramp has no {section}"]


def test_what_a_formula_may_leave_out():
    spoken = FORMULA.replace("Returns", "Notes").replace("Give the", "Return the")
    assert docstrings.incomplete_formulas(spoken) == []
    in_place = FORMULA.replace("Returns", "Notes").replace(
        "Array) -> Array", "Array) -> None", 1
    )
    assert docstrings.incomplete_formulas(in_place) == []
    unsourced = FORMULA.replace("References", "Notes")
    assert docstrings.incomplete_formulas(unsourced, ["ramp"]) == []
    assert docstrings.needless_exceptions(unsourced, ["ramp"]) == []
    assert docstrings.needless_exceptions(FORMULA, ["ramp", "gone"]) == ["gone", "ramp"]
