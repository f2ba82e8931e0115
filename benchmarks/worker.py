"""A process that holds one peer and does its work when told to.

    python -m benchmarks.worker PEER FILE THREADS

It answers each line that it reads with a line of JSON: "work" with the seconds of one call
and the peak memory, "result" with the loss that the last call led to.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, TextIO


def main() -> None:
    """Get ready, then work until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    peer, file, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    from benchmarks.environment import keep_to_cores

    keep_to_cores(threads)
    from benchmarks.peers import NotThere, prepare
    from benchmarks.tasks import load

    task = load(file, threads)
    start = time.perf_counter()
    try:
        work = prepare(peer, task)
    except NotThere as reason:
        return _say(answers, {"absent": str(reason)})
    _say(answers, {"loading": time.perf_counter() - start})
    _serve(task, work, answers)


def _serve(task: Any, work: Any, answers: TextIO) -> None:
    from benchmarks.environment import peak_memory

    answer, first = None, True
    for line in sys.stdin:
        if line.strip() == "result":
            from benchmarks.judging import result

            _say(answers, {"result": None if answer is None else result(task, answer)})
            continue
        calls = 1 if first else task.case.calls
        start = time.perf_counter()
        for _ in range(calls):
            answer = work()
        seconds = (time.perf_counter() - start) / calls
        _say(answers, {"seconds": seconds, "memory": peak_memory()})
        first = False


def _say(answers: TextIO, what: dict[str, Any]) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
