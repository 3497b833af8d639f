"""Temperature scaling (Guo et al., 2017): divides logits by the T that makes their log loss smallest. Plain python3."""

import json
import math

import trainyard

run = trainyard.start()
with open(run.get(run.input["scores"]), encoding="utf-8") as file:
    scores = json.load(file)
pairs = list(zip(scores["logits"], scores["labels"]))


def softmax(logits, temperature):
    highest = max(logits)
    powers = [math.exp((logit - highest) / temperature) for logit in logits]
    return [power / sum(powers) for power in powers]


def log_loss(temperature):
    return -sum(math.log(max(softmax(logits, temperature)[label], 1e-300)) for logits, label in pairs) / len(pairs)


step = run.latest.state["step"] if run.latest else 0
log_temperature = run.latest.state["logTemperature"] if run.latest else 0.0
while step < run.input["steps"]:
    if run.should_stop:
        run.stop()
    step += 1
    # Steps that halve: log T reaches any value in -2 … 2 to 12 decimals after 40 of them.
    reach = 2.0 ** (1 - step)
    log_temperature = min(
        (log_temperature + move for move in (-reach, 0.0, reach)), key=lambda value: log_loss(math.exp(value))
    )
    run.metrics({"log_loss": log_loss(math.exp(log_temperature))}, step)
    run.progress(step, run.input["steps"])
    if step % 10 == 0:
        run.save({"step": step, "logTemperature": log_temperature})
temperature = math.exp(log_temperature)
right = sum(logits.index(max(logits)) == label for logits, label in pairs)
run.finish({"temperature": temperature, "logLoss": log_loss(temperature), "accuracy": right / len(pairs)})
