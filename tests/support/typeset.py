"""Two readers of typeset mathematics: what MathML or LaTeX with numbers in it comes to."""

import re

from support import by_hand

SIGNS = {"·": "*", "×": "*", "−": "-", "\u2061": "", ",": ",", "+": "+", "(": "(", ")": ")"}


def _mathml(element):
    """Return an element as Python's own arithmetic."""
    inner = [_mathml(child) for child in element]
    match element.tag:
        case "mfrac":
            return f"(({inner[0]})/({inner[1]}))"
        case "msup" if element[0].tag == "mi" and element[0].text == "e":
            return f"exp({inner[1]})"
        case "msup":
            return f"({inner[0]})**({inner[1]})"
        case "msqrt":
            return f"sqrt({''.join(inner)})"
        case "mrow" if len(element) > 2 and element[0].text == "|" == element[-1].text:
            return f"abs({''.join(inner[1:-1])})"
        case "mn" | "mi":
            return element.text
        case "mo":
            return SIGNS[element.text]
    return "".join(inner)


def mathml(element):
    """Return what a formula in numbers comes to."""
    return by_hand.worked(_mathml(element))


def _group(text):
    """Return the inside of the braces that a text begins with, and what follows them."""
    depth = 0
    for i, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if not depth:
            return text[1:i], text[i + 1 :]
    raise AssertionError(f"not closed: {text}")


def _latex(text):
    """Return source as Python's own arithmetic, the first command or brace at a time."""
    found = re.search(r"\\(frac|sqrt|operatorname)(?={)|e\^(?={)|\^(?={)|{", text)
    if not found:
        return text
    before, after = text[: found.start()], text[found.end() :]
    if found[0] == "{":
        inner, rest = _group("{" + after)
        return f"{before}({_latex(inner)}){_latex(rest)}"
    inner, rest = _group(after)
    inner = _latex(inner)
    if found[1] == "frac":
        bottom, rest = _group(rest)
        inner = f"(({inner})/({_latex(bottom)}))"
    else:
        opens = {"^": "**", "e^": "exp", r"\sqrt": "sqrt"}.get(found[0])
        inner = inner if opens is None else f"{opens}({inner})"
    return before + inner + _latex(rest)


def latex(source):
    """Return what source in numbers comes to."""
    text = re.sub(r"\\left\| (.*?) \\right\|", r"abs(\1)", source)
    text = re.sub(r"\\left\(|\\right\)", lambda found: found[0][-1], text)
    text = _latex(text.replace(r"\cdot", "*").replace(r"\times", "*"))
    return by_hand.worked(re.sub(r"\\([a-z]+)", r"\1", text))
