"""The peer of the Prefect bench: tasks that add one, in a chain and all at once, in a process that has warmed up.

Made and started by the bench, with a Prefect server of its own. Told on standard input what to run ("chain 10", "at-once 100"), it
answers with the milliseconds that the tasks took, without those of the flow run around them.
"""

import sys
import time

import prefect
from prefect import flow, task


@task
def add_one(count: int) -> int:
    return count + 1


@flow
def chain(tasks: int) -> float:
    start = time.perf_counter()
    count = 0
    for _ in range(tasks):
        count = add_one(count)
    assert count == tasks
    return time.perf_counter() - start


@flow
def at_once(tasks: int) -> float:
    start = time.perf_counter()
    futures = [add_one.submit(count) for count in range(tasks)]
    assert sum(future.result() for future in futures) == tasks * (tasks + 1) // 2
    return time.perf_counter() - start


flows = {"chain": chain, "at-once": at_once}

print(prefect.__version__, flush=True)
for line in sys.stdin:
    name, tasks = line.split()
    print(flows[name](int(tasks)) * 1000, flush=True)
