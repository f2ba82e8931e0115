"""A fresh process that does a peer's work once and ends: the row "start".

python -m benchmarks.once PEER FILE THREADS
"""

import json
import sys
from pathlib import Path

from benchmarks.environment import keep_to_cores, peak_memory
from benchmarks.judging import result
from benchmarks.peers import NotThere, prepare
from benchmarks.tasks import load

if __name__ == "__main__":
    threads = int(sys.argv[3])
    keep_to_cores(threads)
    task = load(Path(sys.argv[2]), threads)
    try:
        answer = prepare(sys.argv[1], task)()
    except NotThere as reason:
        sys.exit(str(reason))
    came_to = None if answer is None else result(task, answer)
    print(json.dumps({"result": came_to, "memory": peak_memory()}))
