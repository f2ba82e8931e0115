"""scikit-learn's own tests of its MLPs, `check_estimator` among them, with ours in place."""

import pytest

from support.sklearn_suite import EXCUSED, EXPECTED, HOME, KINDS, MLP, modules_naming, run


def test_every_module_that_names_a_class_is_found():
    assert EXPECTED <= set(modules_naming())


@pytest.mark.parametrize(
    "replacement", ["glassnet", pytest.param("support.compiled_mlp", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("part", ["test_mlp", "the others"])
def test_scikit_learns_own_tests(part, replacement, subtests, tmp_path):
    if replacement != "glassnet":
        pytest.importorskip("numba")
    modules = [MLP] if part == "test_mlp" else sorted({*modules_naming()} - {MLP})
    rows = run(modules, tmp_path, replacement)
    for row in rows:
        with subtests.test(row["test"]):
            if row["outcome"] == "skipped":
                pytest.skip(row["text"])
            assert row["outcome"] in ("passed", "excused"), row["text"]
    if part == "test_mlp":
        excused = {row["test"].split("::")[1] for row in rows if row["outcome"] == "excused"}
        assert excused == set(EXCUSED)
    else:
        array_api = [row for row in rows if "check_array_api" in row["test"]]
        assert all(any(name in row["test"] for row in array_api) for name in KINDS)
        assert {row["outcome"] for row in array_api} == {"passed"}


@pytest.mark.slow
def test_scikit_learns_own_classes_pass_the_same_way(tmp_path):
    rows = run(modules_naming(), tmp_path, HOME)
    assert {row["outcome"] for row in rows} == {"passed", "skipped"}


@pytest.mark.slow
def test_a_class_with_a_fault_is_caught(tmp_path):
    rows = run([MLP], tmp_path, "support.miscounting_mlp")
    failed = {row["test"].split("::")[1] for row in rows if row["outcome"] == "failed"}
    assert "test_warm_start_full_iteration[MLPClassifier]" in failed
    assert "test_warm_start_full_iteration[MLPRegressor]" not in failed
