"""The notebook runs, and what a code host shows of it is what it computes."""

import importlib.util
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("jupytext")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

FOLDER = Path(__file__).parents[1] / "notebooks"
NAME = "neural_network_fundamentals"
SECTIONS = [
    "# Neural Network Fundamentals",
    "## The Perceptron",
    "## Multi-Layer Perceptron (MLP)",
    "## Activation Functions",
    "## Gradient Descent Variants",
    "## Key Takeaways",
]


@pytest.fixture(scope="module")
def render():
    spec = importlib.util.spec_from_file_location("render", FOLDER / "render.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def source(render):
    return render.read(FOLDER / f"{NAME}.py")


@pytest.fixture(scope="module")
def stored():
    return nbformat.read(FOLDER / f"{NAME}.ipynb", as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shape_of(output):
    """Return the kind of an output, and its text with every number masked."""
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    words = re.sub(r"[-+]?\d+(\.\d*)?(e[-+]?\d+)?|[\s.\[\]]+", " ", text).split()
    return output.output_type, sorted(output.get("data", {})), words


def test_every_cell_runs_and_the_stored_outputs_are_those(render, source, stored, tmp_path):
    # Numbers may differ in their last digit from machine to machine; words and the kinds
    # of outputs may not. A cell that fails raises here.
    fresh = render.execute(render.read(FOLDER / f"{NAME}.py"), tmp_path)
    for ran, kept in zip(code(fresh), code(stored), strict=True):
        assert [shape_of(one) for one in ran.outputs] == [shape_of(one) for one in kept.outputs]
    assert not list(tmp_path.iterdir())


def test_what_a_first_run_says_of_compiling_is_not_kept(render, capsys):
    pytest.importorskip("numba")
    from glassnet.engines.compiled.notice import Notice

    with Notice(1) as notice:
        notice.begun = True
    said = capsys.readouterr().err
    streams = [("stdout", "1\n"), ("stderr", said), ("stderr", f"{said}UserWarning: slow\n")]
    outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in streams]
    cells = [nbformat.v4.new_code_cell(outputs=outputs), nbformat.v4.new_markdown_cell()]
    render.forget_compiling(notebook := nbformat.v4.new_notebook(cells=cells))
    assert [one.text for one in notebook.cells[0].outputs] == ["1\n", "UserWarning: slow\n"]


def test_script_and_notebook_are_in_step(source, stored):
    assert [(cell.cell_type, cell.source) for cell in stored.cells] == [
        (cell.cell_type, cell.source) for cell in source.cells
    ]
    assert stored.metadata.jupytext.formats == "ipynb,py:percent"
    assert "formats: ipynb,py:percent" in (FOLDER / f"{NAME}.py").read_text(encoding="utf-8")


def test_the_stored_notebook_was_run_from_top_to_bottom(stored):
    cells = code(stored)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 8


def test_the_sections_stand_in_their_order(stored):
    lines = [
        line
        for cell in stored.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
    ]
    assert [line for line in lines if re.match(r"##? ", line)] == SECTIONS


def test_each_key_takeaway_ends_in_assertions(stored):
    sources = [cell.source for cell in stored.cells]
    start = next(i for i, text in enumerate(sources) if text.startswith("## Key Takeaways"))
    for number in range(1, 6):
        claim = next(
            i for i, text in enumerate(sources) if i >= start and f"**{number}. " in text
        )
        assert stored.cells[claim + 1].cell_type == "code"
        assert re.search(r"^assert ", sources[claim + 1], flags=re.MULTILINE)


def test_the_stored_notebook_says_nothing_of_the_machine_that_made_it(render, stored):
    assert stored.metadata == render.METADATA
    assert all(not cell.metadata for cell in stored.cells)
    for cell in stored.cells:
        for text in texts_of(cell):
            assert not re.search(r"/(home|root|tmp|work|usr|opt|Users|private)/", text)
            assert not re.search(r"\b[A-Z]:\\", text)
            assert "ipykernel" not in text
    assert (FOLDER / f"{NAME}.ipynb").stat().st_size < 1_500_000


def texts_of(cell):
    """Return everything in a cell that is text: its source and its outputs but for pictures."""
    for output in cell.get("outputs", []):
        yield output.get("text", "")
        yield from (part for kind, part in output.get("data", {}).items() if "png" not in kind)
    yield cell.source
