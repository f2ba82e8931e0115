"""The command that times the compiled engine's thresholds, and leaves them as they were."""

import pytest

pytest.importorskip("numba")

from benchmarks import thresholds


@pytest.mark.parametrize("one", thresholds.THRESHOLDS, ids=lambda one: one.title)
def test_each_is_there_and_can_be_changed(one):
    shipped = one.value()
    assert shipped > 1
    one.set(shipped + 1)
    assert one.value() == shipped + 1
    one.set(shipped)


def test_the_table(monkeypatch, capsys):
    monkeypatch.setattr(thresholds, "_MOMENT", 0.0)
    before = [one.value() for one in thresholds.THRESHOLDS]
    thresholds.main(["_FEW", "numba_prediction._MOST", "--rounds", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [
        "threshold",
        "dense._FEW",
        "numba_prediction._MOST_ROWS",
    ]
    assert all(float(ratio) > 0 for line in lines[1:] for ratio in line.split()[2:])
    assert [one.value() for one in thresholds.THRESHOLDS] == before
