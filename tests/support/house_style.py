"""How large the pieces of a module are, and which lack a docstring: by its syntax tree.

Each rule takes the text of a module and returns what breaks it: the line, what, how much.
"""

import ast
import io
import tokenize

CODE = 300  # lines of code in a file of src
TEST = 300  # lines of any kind in a file of tests
BODY = 40  # lines of code in a function
NESTED = 5  # lines of code in a function inside another that go without a docstring

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DOCUMENTED = (ast.Module, ast.ClassDef, *_FUNCTIONS)
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def too_much_code(text):
    count = len(code_lines(text))
    return [f"line 1: {count} lines of code, at most {CODE}"] if count > CODE else []


def too_long(text):
    count = len(text.splitlines())
    return [f"line 1: {count} lines, at most {TEST}"] if count > TEST else []


def long_bodies(text):
    code = code_lines(text)
    counts = [(one, body_size(one, code)) for one in functions(ast.parse(text))]
    return [
        f"line {one.lineno}: {one.name} has a body of {count} lines, at most {BODY}"
        for one, count in counts
        if count > BODY
    ]


def undocumented(text):
    tree = ast.parse(text)
    bare = [one for one in public(tree) if not ast.get_docstring(one)]
    return [
        "line 1: the module has no docstring"
        if one is tree
        else f"line {one.lineno}: {one.name} has no docstring"
        for one in bare
    ]


def unexplained_nested(text):
    code, tree = code_lines(text), ast.parse(text)
    inner = {one for outer in functions(tree) for one in functions(outer) if one is not outer}
    return [
        f"line {one.lineno}: {one.name}, inside a function, has a body of {count} lines and no "
        f"docstring, at most {NESTED}"
        for one in sorted(inner, key=lambda one: one.lineno)
        if (count := body_size(one, code)) > NESTED and not ast.get_docstring(one)
    ]


def code_lines(text):
    """Return the numbers of the lines that hold code: no docstring, comment or blank line."""
    code = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            code.update(range(token.start[0], token.end[0] + 1))
    for one in ast.walk(ast.parse(text)):
        if isinstance(one, _DOCUMENTED) and ast.get_docstring(one) is not None:
            code.difference_update(range(one.body[0].lineno, one.body[0].end_lineno + 1))
    return code


def functions(tree):
    return [one for one in ast.walk(tree) if isinstance(one, _FUNCTIONS)]


def body_size(function, code):
    """Return the lines of code below the signature, those of inner functions included."""
    return len(code.intersection(range(function.body[0].lineno, function.end_lineno + 1)))


def public(tree):
    """Return the module and its classes, functions and methods that a person may call.

    What starts with an underscore is private and so is what stands inside it or inside a
    function. Overloads and setters have their docstring at the function or property itself.
    """
    found = [tree]
    for one in tree.body:
        if not isinstance(one, (ast.ClassDef, *_FUNCTIONS)) or one.name.startswith("_"):
            continue
        if isinstance(one, ast.ClassDef):
            found += public(one)
        elif not any(map(_second, one.decorator_list)):
            found.append(one)
    return found


def _second(decorator):
    name = ast.unparse(decorator)
    return name == "overload" or name.endswith((".setter", ".deleter"))
