"""The peer of the Prefect bench: tasks that add one, in a chain and all at once, from a process that has warmed up.

Made and started by the bench, with a Prefect server of its own. Told on standard input what to run ("chain 10", "at-once 100"), it
answers with the milliseconds that the flow run took. "chain-on-worker" leaves the tasks to a worker in a process of its own
(`prefect_tasks.py worker`), as our stages are; the others run them in the flow's own process.
"""

import sys
import time

import prefect
from prefect import flow, task
from prefect.task_worker import serve


@task
def add_one(count: int) -> int:
    return count + 1


# The flow and the worker meet in the store of results.
kept_add_one = add_one.with_options(persist_result=True)


@flow
def chain(tasks: int) -> int:
    count = 0
    for _ in range(tasks):
        count = add_one(count)
    return count


@flow
def at_once(tasks: int) -> int:
    futures = [add_one.submit(0) for _ in range(tasks)]
    return sum(future.result() for future in futures)


@flow
def chain_on_worker(tasks: int) -> int:
    count = 0
    for _ in range(tasks):
        count = kept_add_one.delay(count).result()
    return count


flows = {"chain": chain, "at-once": at_once, "chain-on-worker": chain_on_worker}

if sys.argv[1:] == ["worker"]:
    serve(kept_add_one)
else:
    print(prefect.__version__, flush=True)
    for line in sys.stdin:
        name, tasks = line.split()
        start = time.perf_counter()
        assert flows[name](int(tasks)) == int(tasks)
        print((time.perf_counter() - start) * 1000, flush=True)
