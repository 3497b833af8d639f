"""The counting stage on two processes: every rank adds its number to the sum at each step."""

import hashlib
import time

import torch
import torch.distributed as dist

import trainyard

run = trainyard.start()
dist.init_process_group("gloo")
start = run.latest.state["step"] if run.latest else 0
total = torch.zeros(1)
if run.latest:
    with open(run.latest.path("sum.txt"), encoding="utf-8") as file:
        total += float(file.read())
print(f"rank {run.rank} starts at {start}")
for step in range(start + 1, run.input["steps"] + 1):
    part = torch.tensor([float(step * (run.rank + 1))])
    dist.all_reduce(part)
    total += part
    run.save({"step": step}, {"sum.txt": str(int(total)).encode()})
    run.progress(step, run.input["steps"])
    if step == run.input["steps"] and run.input["mood"] == "busy":
        while True:
            time.sleep(0.01)
    if step == run.input["steps"] and run.input["mood"] == "crash":
        raise ValueError("the disk is on fire")
    if step == run.input["steps"] and run.input["mood"] == "heap" and run.rank == 1:
        raise MemoryError("no more")
dist.destroy_process_group()
run.finish({"sum": int(total), "from": start, "sha256": hashlib.sha256(b"").hexdigest()})
