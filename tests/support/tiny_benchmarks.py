"""The benchmarks' cases, cut down to what a test has time for."""

import dataclasses

from benchmarks.cases import ROWS

# Batches of 40 leave a smaller last one.
TINY = {
    "notebook": {"rows": 60, "epochs": 12},
    "small": {"rows": 50, "epochs": 12},
    "table": {"rows": 100, "sizes": (14, 9, 7), "epochs": 3, "batch": 40},
    "mnist": {"rows": 100, "sizes": (30, 12, 8, 10), "epochs": 3, "batch": 40},
    "wide": {"rows": 100, "sizes": (20, 20, 20, 10), "batch": 50},
    "perceptron": {"rows": 80, "sizes": (6, 1), "epochs": 4},
    "many: notebook's shape": {"rows": 60, "epochs": 12, "nets": 3},
    "many: 20-32-32-2": {"rows": 100, "epochs": 3, "batch": 40, "nets": 3},
    "predict: one row, notebook's net": {},
    "predict: one row, mnist's net": {"sizes": (30, 12, 8, 10)},
    "predict: 10,000 rows, notebook's net": {"rows": 50},
    "predict: 10,000 rows, mnist's net": {"rows": 50, "sizes": (30, 12, 8, 10)},
    "start": {"rows": 60, "epochs": 12},
}


def tiny(name):
    case = next(case for row in ROWS.values() for case in row if case.name == name)
    return dataclasses.replace(case, **TINY[name])
