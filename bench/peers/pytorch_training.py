"""The peer of the training bench: PyTorch on the CPU, tuned as one would.

Made by hand: python3 -m venv VENV && VENV/bin/pip install torch numpy
Measured with torch 2.15.0.
Tuned: denormals flushed, gradients set to none, Adam fused, and both eager and torch.compile (which needs a C++ compiler
and Python's headers): the bench takes the faster one.
Run with: python pytorch_training.py <folder with task.json and data.safetensors> <threads>
It reads one JSON object a line, {"variant", "dropout", "steps"}, and answers each with {"seconds", "cpuSeconds",
"losses"}; each variant and dropout is a training of its own, which goes on where it was.
"""

import json
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

folder, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.set_flush_denormal(True)
with open(f"{folder}/task.json") as file:
    task = json.load(file)


def read_tensors(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        values = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    return {name: values[entry["data_offsets"][0] // 4 : entry["data_offsets"][1] // 4] for name, entry in header.items()}


data = read_tensors(f"{folder}/data.safetensors")


class Network(nn.Module):
    """Embeddings beside numbers, dense layers with ReLU and dropout, one dense layer more."""

    def __init__(self, dropout):
        super().__init__()
        self.tables = nn.ModuleList(nn.Embedding(table["rows"], table["width"]) for table in task["tables"])
        sizes = [task["numbers"] + sum(table["width"] for table in task["tables"]), *task["hidden"], task["outputs"]]
        self.layers = nn.ModuleList(nn.Linear(n, units) for n, units in zip(sizes, sizes[1:]))
        self.dropout = dropout

    def forward(self, numbers, *ids):
        x = torch.cat([numbers, *(table(of) for table, of in zip(self.tables, ids))], 1) if ids else numbers
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
            if self.dropout > 0:
                x = F.dropout(x, self.dropout)
        return self.layers[-1](x)

    def load(self):
        with torch.no_grad():
            for table, entry in zip(self.tables, task["tables"]):
                table.weight.copy_(data[f"embedding.{entry['name']}.table"].view_as(table.weight))
            for layer, name in zip(self.layers, [*(f"hidden.{at}" for at in range(len(task["hidden"]))), "output"]):
                layer.weight.copy_(data[f"{name}.weight"].view(layer.in_features, layer.out_features).T)
                layer.bias.copy_(data[f"{name}.bias"])


def batches():
    """The rows in their order, and from the first again."""
    size = task["batchSize"]
    numbers = data["numbers"].view(-1, size, task["numbers"])
    ids = [data[f"ids.{table['name']}"].long().view(-1, size) for table in task["tables"]]
    if task["loss"] == "crossEntropy":
        targets = data["target"].long().view(-1, size)
    else:
        targets = data["target"].view(-1, size, task["outputs"])
    weights = data["weight"].view(-1, size, 1) if "weight" in data else None
    return [
        (targets[at], None if weights is None else weights[at], numbers[at], *(column[at] for column in ids))
        for at in range(len(numbers))
    ]


def loss_of(network, target, weight, *inputs):
    output = network(*inputs)
    if task["loss"] == "crossEntropy":
        return F.cross_entropy(output, target)
    each = F.binary_cross_entropy_with_logits(output, target, reduction="none")
    return (each * weight).sum() / weight.sum()


class Trainer:
    def __init__(self, variant, dropout):
        self.network = Network(dropout)
        self.network.load()
        decayed = [layer.weight for layer in self.network.layers]
        others = [layer.bias for layer in self.network.layers] + [table.weight for table in self.network.tables]
        options = {"lr": task["rate"], "fused": True}
        if "weightDecay" in task:
            groups = [{"params": decayed, "weight_decay": task["weightDecay"]}, {"params": others, "weight_decay": 0.0}]
            self.optimiser = torch.optim.AdamW(groups, **options)
        else:
            self.optimiser = torch.optim.Adam(decayed + others, **options)
        self.parameters = decayed + others
        self.loss_of = torch.compile(loss_of) if variant == "compiled" else loss_of
        self.batches = batches()
        self.step = 0

    def run(self, steps):
        losses = []
        started, cpu = time.perf_counter(), time.process_time()
        for _ in range(steps):
            loss = self.loss_of(self.network, *self.batches[self.step % len(self.batches)])
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            if "clipNorm" in task:
                nn.utils.clip_grad_norm_(self.parameters, task["clipNorm"], foreach=True)
            self.optimiser.step()
            losses.append(loss.detach())
            self.step += 1
        spent = {"seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu}
        return {**spent, "losses": [loss.item() for loss in losses]}


trainers = {}
for line in sys.stdin:
    ask = json.loads(line)
    key = (ask["variant"], ask["dropout"])
    if key not in trainers:
        trainers[key] = Trainer(*key)
    print(json.dumps(trainers[key].run(ask["steps"])), flush=True)
