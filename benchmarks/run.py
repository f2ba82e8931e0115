"""Run the benchmarks: ``python benchmarks/run.py [ROW ...] [--repeats N]``."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from benchmarks.command import main

    main()
