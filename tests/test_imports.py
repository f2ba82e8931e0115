"""What loads what: the front door stays light, imports run downwards, formulas stay bare."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import glassnet

SOURCE = Path(glassnet.__file__).parent
HEAVY = (
    "scipy",
    "sklearn",
    "matplotlib",
    "rich",
    "typer",
    "torch",
    "numba",
    "pandas",
    "safetensors",
)

# From the ground up. A module imports from its own line and from those above it here.
LAYERS = (
    "formulas",
    "differences intervals names namespace settings landscape_records landscape_functions",
    "activations losses initializers schedules",
    "descent",
    "lbfgs",
    "optimizers",
    "trials records",
    "formula_checks",
    "register shipped",
    "catalog",
    "race",
    "network",
    "engines",
    "inputs",
    "training",
    "arguments",
    "fit_arguments predictor",
    "mlp",
    "estimators",
    "many",
    "files",
    "insight",
    "landscapes",
    "plots",
    "tour",
    "cli",
    "__main__",
)
FLOOR = {name: floor for floor, line in enumerate(LAYERS) for name in line.split()}
FLOOR[""] = FLOOR["tour"]  # the package itself, by which every name can be had
# Packages that a layer may need to be there at all. Any other import of a package beyond
# NumPy stands inside the one function that needs it.
NEEDED = {
    "estimators": {"joblib", "scipy", "sklearn"},
    "files": {"sklearn"},
    "insight": {"sklearn"},
    "plots": {"matplotlib", "mpl_toolkits"},
    "tour": {"matplotlib", "rich", "sklearn", "threadpoolctl"},
    "cli": {"typer"},
}

# The compiled engine, which nothing imports before it is asked for.
COMPILED = (
    "glassnet.engines.compiled",
    "glassnet.engines.numba_engine",
    "glassnet.engines.numba_perceptron",
    "glassnet.engines.numba_prediction",
)

EVERYWHERE = {"glassnet", "numpy", *sys.stdlib_module_names}

MODULES = sorted(SOURCE.rglob("*.py"))  # the front door, glassnet/__init__.py, comes first


def layer(module: str) -> str:
    """Return the layer of ``glassnet.<layer>[.more]``; empty for the package itself."""
    return module.partition(".")[2].partition(".")[0]


def module_of(path: Path) -> str:
    parts = ["glassnet", *path.relative_to(SOURCE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> list[tuple[str, bool, int]]:
    """Return each import anywhere in a file: module, whether it waits for a call, line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    waiting = set()
    for node in ast.walk(tree):
        checker = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if checker or isinstance(node, ast.FunctionDef):
            waiting.update(ast.walk(node))
    found = []
    for node in ast.walk(tree):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are written in full"
            modules = [str(node.module)]
            if node.module == "glassnet":  # a module, or a name handed on from one
                modules = [home(alias.name) for alias in node.names]
        found += [(module, node in waiting, node.lineno) for module in modules]
    return found


def home(name: str) -> str:
    """Return the module that ``from glassnet import name`` loads."""
    return glassnet._NAMES.get(name, "glassnet" if name.startswith("_") else f"glassnet.{name}")


def loaded_by(code: str) -> set[str]:
    """Return the top-level packages in a fresh interpreter after running `code`."""
    shown = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {module.partition(".")[0] for module in shown.stdout.split()}


@pytest.mark.parametrize(
    "code",
    [
        "import glassnet",
        "from glassnet import activations, losses, initializers, optimizers, schedules",
        "from glassnet import catalog, landscapes",
        "import glassnet.engines.numpy_engine, glassnet.network, glassnet.training",
        "from glassnet import MLP; MLP([2, 3, 1])",
    ],
)
def test_numpy_and_nothing_heavier_is_loaded(code):
    loaded = loaded_by(code)
    assert "glassnet" in loaded
    assert not loaded.intersection(HEAVY)


def test_the_probe_sees_what_is_loaded():
    assert {"glassnet", "numpy", "sklearn", "scipy"} <= loaded_by(
        "from glassnet import Perceptron"
    )


def test_every_module_has_its_layer():
    assert {layer(module_of(path)) for path in MODULES} == set(FLOOR)
    assert module_of(MODULES[0]) == "glassnet"


@pytest.mark.parametrize("path", MODULES[1:], ids=module_of)
def test_imports_run_downwards(path):
    floor = FLOOR[layer(module_of(path))]
    upward = [
        f"line {line}: {module}"
        for module, _, line in imports(path)
        if module.partition(".")[0] == "glassnet" and FLOOR[layer(module)] > floor
    ]
    assert not upward, f"{module_of(path)} imports from above itself: {upward}"


@pytest.mark.parametrize("path", MODULES, ids=module_of)
def test_other_packages_are_imported_where_they_are_needed(path):
    module = module_of(path)
    needed = NEEDED.get(layer(module), set())
    if module.startswith(COMPILED):
        needed = {"numba", "llvmlite"}
    early = [
        f"line {line}: {module}"
        for module, waits, line in imports(path)
        if not waits and module.partition(".")[0] not in {*EVERYWHERE, *needed}
    ]
    assert not early, f"{module_of(path)} loads at once what not everybody has: {early}"


def test_the_front_door_loads_nothing_until_asked():
    loaded = {module for module, waits, _ in imports(MODULES[0]) if not waits}
    assert loaded <= {"__future__", "importlib", "typing"}


@pytest.mark.parametrize("path", sorted((SOURCE / "formulas").rglob("*.py")), ids=module_of)
def test_formulas_import_numpy_and_formulas_only(path):
    for module, _, line in imports(path):
        top = module.partition(".")[0]
        ours = f"{module}.".startswith("glassnet.formulas.")
        allowed = (
            ours or top == "numpy" or top in ("typing", "collections", "math", "__future__")
        )
        assert allowed, f"line {line}: {module}"


def test_a_name_that_there_is_not_gets_one_that_is_near():
    with pytest.raises(AttributeError, match="'MLPClasifier'; did you mean MLPClassifier"):
        glassnet.MLPClasifier  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute '_repr'$"):
        glassnet._repr  # noqa: B018
