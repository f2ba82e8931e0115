"""scikit-learn's own tests, as installed, run against other classes of the same names.

    python -m support.sklearn_suite glassnet report.json sklearn.neural_network.tests.test_mlp

A test module binds `MLPClassifier` and `MLPRegressor` as it is imported: at that time
``sklearn.neural_network`` hands out those of the module named first, so that no test is
copied or changed. Tests that go through all estimators of scikit-learn, `check_estimator`'s
among them, go through these two. This takes a process of its own; `run` starts one.
"""

import ast
import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

KINDS = {"MLPClassifier": "classifier", "MLPRegressor": "regressor"}
HOME = "sklearn.neural_network"
MLP = f"{HOME}.tests.test_mlp"
GENERATOR = "sklearn.utils._test_common.instance_generator"
# Modules of scikit-learn 1.9 that name a class. A patch release may add to them.
EXPECTED = {
    MLP,
    "sklearn.ensemble.tests.test_stacking",
    "sklearn.model_selection.tests.test_validation",
    "sklearn.tests.test_common",
    "sklearn.utils._repr_html.tests.test_estimator",
}
# Tests of `MLP` that reach into scikit-learn's own insides, and where. Each must fail, and
# for want of that attribute.
EXCUSED = {
    "test_fit": "sets coefs_ and a dozen private buffers by hand on an object never fitted",
    "test_gradient": "calls _unpack and _loss_grad_lbfgs on packed buffers",
    "test_learning_rate_warmstart": "reads _optimizer.learning_rate",
    "test_adaptive_learning_rate": "reads _optimizer.learning_rate",
}


# --- which tests ------------------------------------------------------------------------


def modules_naming(names=frozenset(KINDS)):
    """Return the test modules of the installed scikit-learn in whose code a name stands."""
    root = Path(find_spec("sklearn").origin).parent
    texts = {path: path.read_text(encoding="utf-8") for path in root.rglob("tests/test_*.py")}
    return sorted(
        ".".join(("sklearn", *path.relative_to(root).with_suffix("").parts))
        for path, text in texts.items()
        if any(name in text for name in names) and words(ast.parse(text)) & names
    )


def reaching(text, names=frozenset(KINDS)):
    """Return what of a module leads to a name: what uses it, what uses that, and so on.

    A test uses a fixture by the name of its argument.
    """
    uses = {}
    for node in ast.parse(text).body:
        for name in defined(node):
            uses.setdefault(name, set()).update(words(node))
    found, more = set(), set(names)
    while more:
        found |= more
        more = {name for name, used in uses.items() if used & found} - found
    return found


def defined(node):
    """Return the names that a statement of a module defines."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name for alias in node.names}
    return {
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }


def words(tree):
    """Return every name and text in the code of `tree`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


# --- one run, in its own process --------------------------------------------------------


class Judge:
    """pytest plugin: picks the tests that use the classes, and notes what becomes of each.

    Parameters
    ----------
    classes : dict
        Name → class that stands in scikit-learn's place.
    excused : dict
        Name of a test of `MLP` → why it must fail.
    """

    def __init__(self, classes, excused):
        self.classes, self.excused, self.rows = classes, excused, {}
        originals = (getattr(import_module(HOME), name) for name in classes)
        self.replaced = [one for one in originals if one not in classes.values()]

    def pytest_collection_modifyitems(self, config, items):
        paths = {item.module: item.path for item in items}
        self._prove(paths)
        named = {module: reaching(path.read_text("utf-8")) for module, path in paths.items()}
        given = {(item.module, item.originalname) for item in items if self._carries(item)}
        picked, left = [], []
        for item in items:
            use = item.originalname in named[item.module]
            if (item.module, item.originalname) in given:
                use = self._carries(item)  # and not with the other values of the parameter
            (picked if use else left).append(item)
        if any(item.module.__name__ == MLP for item in left):
            raise pytest.UsageError(f"tests of {MLP} left out: {left}")
        for item in picked:
            self._mark(item)
        items[:] = picked
        config.hook.pytest_deselected(items=left)

    def _carries(self, item):
        """Whether one of the classes, or an instance, is a parameter of the test."""
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        ours = self.classes.values()
        return any(value is one or type(value) is one for value in values for one in ours)

    def _prove(self, modules):
        """Raise if scikit-learn's class is left where a test could find it."""
        for module in (*modules, import_module(GENERATOR)):
            for name, one in vars(module).items():
                if any(one is replaced for replaced in self.replaced):
                    raise pytest.UsageError(f"{module.__name__} kept scikit-learn's {name}")

    def _mark(self, item):
        """Put our excuses in the place of scikit-learn's for its own classes."""
        item.own_markers = [mark for mark in item.own_markers if mark.name != "xfail"]
        if item.module.__name__ == MLP and item.originalname in self.excused:
            reason = self.excused[item.originalname]
            mark = pytest.mark.xfail(reason=reason, raises=AttributeError, strict=True)
            item.add_marker(mark)
        item.user_properties.append(("test", f"{item.module.__name__}::{item.name}"))

    def pytest_runtest_logreport(self, report):
        test = dict(report.user_properties)["test"]
        row = self.rows.setdefault(test, {"test": test, "outcome": "none", "text": ""})
        if report.failed:
            row.update(outcome="failed", text=f"{row['text']}{report.longreprtext}\n")
        elif report.skipped:
            excuse = getattr(report, "wasxfail", None)
            text = report.longrepr[2] if excuse is None else excuse
            row.update(outcome="skipped" if excuse is None else "excused", text=text)
        elif report.when == "call":
            row["outcome"] = "passed"


def ours_alone(classes):
    """Return `sklearn.utils.all_estimators` for a world in which there are only `classes`."""

    def all_estimators(type_filter=None):
        kinds = KINDS.values() if type_filter is None else type_filter
        return [(name, one) for name, one in classes.items() if KINDS[name] in kinds]

    return all_estimators


def main(replacement, report, *modules):
    """Run the tests of `modules` on the classes of `replacement`; write one row for each."""
    classes = {name: getattr(import_module(replacement), name) for name in KINDS}
    judge = Judge(classes, {} if replacement == HOME else EXCUSED)
    with pytest.MonkeyPatch.context() as patch:
        for name, one in classes.items():
            patch.setattr(f"{HOME}.{name}", one)
        patch.setattr("sklearn.utils.all_estimators", ours_alone(classes))
        # scikit-learn gives its checks fewer iterations and settings that pass: not ours.
        for table in ("INIT_PARAMS", "PER_ESTIMATOR_CHECK_PARAMS"):
            patch.setattr(f"{GENERATOR}.{table}", {})
        Path("pytest.ini").write_text("[pytest]\n")
        options = ["-c", "pytest.ini", "-p", "no:cacheprovider", "--tb=short", "-q"]
        code = pytest.main([*options, "--pyargs", *modules], plugins=[judge])
    Path(report).write_text(json.dumps(list(judge.rows.values())))
    return int(code)


# --- as others call it ------------------------------------------------------------------


def run(modules, folder, replacement="glassnet"):
    """Return one row per test of `modules`: ``test``, ``outcome``, ``text``.

    Raises
    ------
    AssertionError
        If the run broke off, or a module had no test that ran.
    """
    ours = ("PYTEST_", "SKLEARN_", "PYTHONWARNINGS")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    tests = str(Path(__file__).parents[1])
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [tests, env.get("PYTHONPATH")]))
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    env["SKLEARN_SEED"] = "0"  # or scikit-learn draws one, and every run differs
    env["SCIPY_ARRAY_API"] = "1"  # or scikit-learn skips its array API checks
    env.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    command = [sys.executable, "-m", "support.sklearn_suite", replacement, "report.json"]
    done = subprocess.run(
        [*command, *modules], cwd=folder, env=env, capture_output=True, text=True
    )
    log = f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    assert done.returncode in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), log
    rows = json.loads((Path(folder) / "report.json").read_text())
    ran = {row["test"].split("::")[0] for row in rows if row["outcome"] in ("passed", "failed")}
    assert ran == set(modules), f"no test ran of {set(modules) - ran}\n{log}"
    assert done.returncode == any(row["outcome"] == "failed" for row in rows), log
    return rows


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
