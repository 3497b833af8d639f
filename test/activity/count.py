"""The counting trainer of this folder as a Python script: plain python3 and the helper."""

import hashlib
import time

import trainyard

run = trainyard.start()
mood, steps = run.input["mood"], run.input["steps"]
start = run.latest.state["step"] if run.latest else 0
total = "0"
if run.latest:
    with open(run.latest.path("sum.txt"), encoding="utf-8") as file:
        total = file.read()
run.params({"steps": steps})
print("counting from", start)
for step in range(start + 1, steps + 1):
    if run.should_stop:
        run.stop()
    total = str((int(total) * 31 + step * (run.seed % 97)) % 1_000_003)
    time.sleep(run.input["stepMs"] / 1000)
    if step == steps:
        if mood == "busy":
            while True:
                pass
        if mood == "crash":
            raise ValueError("the disk is on fire")
        if mood == "nan":
            run.metrics({"loss": float("nan")}, step)
        if mood == "wrong state":
            run.save({"step": 0.5})
        if mood == "heap":
            raise MemoryError("no more")
        if mood == "allocator":
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:114] . DefaultCPUAllocator: can't allocate memory: you tried")
    run.metrics({"sum": int(total)}, step)
    run.save({"step": step}, {"sum.txt": total.encode()}, {"python": "3"})
    run.progress(step, steps)
path = f"{run.scratch}/sum.txt"
with open(path, "w", encoding="utf-8") as file:
    file.write(total)
ref = run.put(path, name="sum")
with open(run.get(ref), "rb") as file:
    digest = hashlib.sha256(file.read()).hexdigest()
run.finish({"sum": int(total), "from": start, "sha256": digest})
