"""Seconds of a training step of the two networks in PyTorch on one thread: the reference of bench/train.ts.

Prints one JSON object: {"mnist": seconds, "car": seconds}, each the median over `sys.argv[1]` steps of batch 64.
"""

import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
BATCH = 64


def network(task):
    def conv(*args, **kwargs):
        return [nn.Conv2d(*args, bias=False, **kwargs), nn.MaxPool2d(2), nn.Hardtanh()]

    def dense(*args):
        return nn.Linear(*args, bias=False)

    if task == "mnist":
        return nn.Sequential(*conv(1, 16, 5, padding=2), *conv(16, 32, 5, padding=2), nn.Flatten(), dense(1568, 10))
    return nn.Sequential(
        *conv(3, 32, 7, stride=4), *conv(32, 64, 5), nn.Flatten(), dense(576, 100), nn.Hardtanh(), dense(100, 3)
    )


def seconds(task, steps):
    torch.manual_seed(1)
    model = network(task)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    x = torch.rand(BATCH, 1, 28, 28) if task == "mnist" else torch.rand(BATCH, 3, 83, 83) * 2 - 1
    y = torch.randint(0, 10, (BATCH,)) if task == "mnist" else torch.rand(BATCH, 3)
    loss = F.cross_entropy if task == "mnist" else F.mse_loss
    times = []
    for _ in range(steps + 5):
        start = time.perf_counter()
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    return statistics.median(times[5:])


print(json.dumps({task: seconds(task, int(sys.argv[1])) for task in ("mnist", "car")}))
