"""What a docstring of this project must hold, read from the source text.

Each rule takes the text of a module and returns what breaks it.
"""

import ast
import re

from support.house_style import functions, public

# In numpydoc's order.
SECTIONS = (
    "Parameters",
    "Attributes",
    "Returns",
    "Yields",
    "Raises",
    "Warns",
    "See Also",
    "Notes",
    "References",
    "Examples",
)
SLOPE = "_slope"  # one sentence below its activation: the equation and the shape
DERIVED = (SLOPE, "_gradient", "_gradients", "_delta")  # their formula gives the source


def sections(docstring):
    """Return the sections, in order: name and lines; what comes first is named ''."""
    found, lines = {}, docstring.splitlines()
    current = found.setdefault("", [])
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line and re.fullmatch("-{3,}", below):
            current = found.setdefault(line, [])
        elif not re.fullmatch("-{3,}", line):
            current.append(line)
    return found


def listed_parameters(docstring, section="Parameters"):
    """Return the names that a section lists."""
    heads = [line for line in sections(docstring).get(section, []) if line[:1].strip()]
    return [name.lstrip("*") for line in heads for name in line.split(" : ")[0].split(", ")]


# --- rules for every module ------------------------------------------------------------


def wrong_sections(text):
    """Find sections that are unknown or out of order."""
    findings = []
    for one, docstring in _documented(text):
        names = [name for name in sections(docstring) if name]
        if names != [name for name in SECTIONS if name in names]:
            findings.append(f"line {one.lineno}: {one.name} has the sections {names}")
    return findings


def wrong_parameters(text):
    """Find functions whose section Parameters does not list their arguments, each once."""
    return [
        f"line {one.lineno}: {one.name} lists {names}, takes {_arguments(one)}"
        for one, docstring in _documented(text)
        if isinstance(one, ast.FunctionDef)
        and (names := listed_parameters(docstring))
        and sorted(names) != sorted(_arguments(one))
    ]


# --- rules for the formulas ------------------------------------------------------------


def incomplete_formulas(text, without_source=()):
    """Find formulas that lack a section; those in `without_source` need no reference."""
    tree = ast.parse(text)
    raising = _raising(tree)
    findings = []
    for one in _formulas(tree):
        docstring = ast.get_docstring(one) or ""
        wanted = _wanted(one, docstring, raising, without_source)
        findings += [
            f"line {one.lineno}: {one.name} has no {section}"
            for section in wanted
            if section not in sections(docstring)
        ]
    return findings


def needless_exceptions(text, without_source):
    """Find names in `without_source` that are no formulas of this module, or give a source."""
    lacking = {
        one.name
        for one in _formulas(ast.parse(text))
        if "References" not in sections(ast.get_docstring(one) or "")
    }
    return sorted(set(without_source) - lacking)


def _wanted(one, docstring, raising, without_source):
    """Return the sections that the docstring of a formula must have."""
    if one.name.endswith(SLOPE):
        return []
    wanted = ["Parameters", "Examples"]
    in_place = one.returns is not None and ast.unparse(one.returns) == "None"
    if not in_place and not docstring.startswith("Return "):
        wanted.append("Returns")
    if one.name in raising:
        wanted.append("Raises")
    if not one.name.endswith(DERIVED) and one.name not in without_source:
        wanted.append("References")
    return wanted


def _raising(tree):
    """Return the functions that raise: themselves, by one of this module, or by a check."""
    inside = {one.name: list(ast.walk(one)) for one in functions(tree)}
    found = {
        name
        for name, nodes in inside.items()
        if any(isinstance(node, ast.Raise) for node in nodes)
    }
    calls = {
        name: {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        for name, nodes in inside.items()
    }
    for _ in inside:  # through as many calls as there are functions
        found |= {
            name
            for name, called in calls.items()
            if called & found or any(call.startswith("check_") for call in called)
        }
    return found


def _formulas(tree):
    return [one for one in public(tree)[1:] if isinstance(one, ast.FunctionDef)]


def _documented(text):
    """Return the public classes, functions and methods that have a docstring, with it."""
    every = [(one, ast.get_docstring(one)) for one in public(ast.parse(text))[1:]]
    return [(one, docstring) for one, docstring in every if docstring]


def _arguments(function):
    given = function.args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [one.arg for one in every if one and one.arg not in ("self", "cls")]
