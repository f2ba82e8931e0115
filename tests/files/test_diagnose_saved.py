"""`glassnet diagnose data.csv --target y --model FILE`."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from glassnet import MLP, MLPClassifier, MLPRegressor, Perceptron, save
from glassnet.cli import app

pytestmark = pytest.mark.filterwarnings("ignore")

X = np.random.RandomState(0).randint(0, 2, (80, 2)) * 2.0 - 1
XOR = X[:, 0] * X[:, 1] > 0
WORDS = np.where(XOR, "same", "differ")


def run(tmp_path, model, y, X=X, *more):
    path, table = tmp_path / "model.safetensors", tmp_path / "data.csv"
    save(model, path)
    head = ",".join([f"x{i}" for i in range(X.shape[1])] + ["y"])
    rows = [
        ",".join([*map(str, x), str(t)]) for x, t in zip(X.tolist(), y.tolist(), strict=True)
    ]
    table.write_text("\n".join([head, *rows]), encoding="utf-8")
    options = ["diagnose", str(table), "--target", "y", "--model", str(path), "--json"]
    return CliRunner().invoke(app, [*options, *more])


def test_the_saved_model_is_the_one_examined(tmp_path):
    found = run(tmp_path, Perceptron().fit(X, WORDS), WORDS)
    assert found.exit_code == 0, found.output
    names = [one["name"] for one in json.loads(found.stdout)["findings"]]
    assert names[0] == "linear_model_on_nonlinear_problem"


@pytest.mark.parametrize(
    ("model", "y", "words"),
    [
        (MLP([3, 1]), XOR * 1, "takes 3 features; the table has 2"),
        (MLP([2, 1]), WORDS, "takes numbers"),
        (MLPRegressor().build(2), WORDS, "takes numbers"),
        (MLPRegressor(), WORDS, "takes numbers"),
        (MLPClassifier().build(2, ["same", "other"]), WORDS, "also has 'differ'"),
        (MLPClassifier().build(2, [0, 1]), WORDS, "knows the classes 0, 1"),
    ],
)
def test_a_table_that_does_not_fit_gets_one_line(tmp_path, model, y, words):
    found = run(tmp_path, model, y)
    assert found.exit_code == 2
    assert words in " ".join(found.output.replace("│", " ").split())


def test_a_file_that_is_no_model_gets_one_line(tmp_path):
    found = run(tmp_path, MLP([2, 1]), XOR * 1, X, "--model", str(tmp_path / "data.csv"))
    assert found.exit_code == 2
    assert "cannot be loaded" in " ".join(found.output.split())
    assert "Traceback" not in found.output
