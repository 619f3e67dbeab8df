"""The training step of lmtc-bench in PyTorch, eager: an independent peer for timing.

Usage: torch_step.py mlp|cnn THREADS. Reads a number of steps a line, answers with seconds.
"""

import math
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(1)

if sys.argv[1] == "mlp":
    LAYERS, BATCH, SHAPE = [("dense", 128), ("dense", 128), ("dense", 10)], 64, (64,)
else:
    LAYERS = [
        ("conv", 32, 3, 1, 1),
        ("conv", 32, 4, 2, 1),
        ("conv", 64, 3, 1, 1),
        ("conv", 64, 4, 2, 1),
        ("dense", 512),
        ("dense", 10),
    ]
    BATCH, SHAPE = 128, (1, 28, 28)

x = torch.rand(BATCH, *SHAPE) * 2 - 1
labels = torch.arange(BATCH) % 10
weights, biases, vectors = [], [], []
sample = x[:1]
for kind, *spec in LAYERS:
    if kind == "conv":
        out, kernel, stride, padding = spec
        shape = (out, sample.shape[1], kernel, kernel)
    else:
        sample = sample.flatten(1)
        shape = (spec[0], sample.shape[1])
    weight = (torch.rand(shape) * 2 - 1) * math.sqrt(6 / math.prod(shape[1:])) * 0.5
    if kind == "conv":
        sample = F.conv2d(sample, weight, stride=stride, padding=padding)
    else:
        sample = sample @ weight.T
    weights.append(weight.requires_grad_())
    biases.append(torch.zeros(shape[0], requires_grad=True))
    vectors.append((torch.rand(sample.shape) * 2 - 1) / math.sqrt(sample.numel()))
optimizer = torch.optim.Adam(weights + biases, lr=1e-3)


def step():
    activation, bound = x, 1.0
    for i, (kind, *spec) in enumerate(LAYERS):
        weight = weights[i]
        if kind == "conv":
            _, _, stride, padding = spec
            activation = F.conv2d(activation, weight, biases[i], stride, padding)
            u = F.conv_transpose2d(vectors[i], weight, stride=stride, padding=padding)
        else:
            activation = F.linear(activation.flatten(1), weight, biases[i])
            u = vectors[i] @ weight
        sigma = u.norm()
        bound = bound * sigma
        with torch.no_grad():
            direction = u / sigma
            if kind == "conv":
                v = F.conv2d(direction, weight, stride=stride, padding=padding)
            else:
                v = direction @ weight.T
            vectors[i] = v / v.norm()
        if i + 1 < len(LAYERS):
            activation = F.relu(activation)
    shifted = activation + math.sqrt(2) * bound * (1 - F.one_hot(labels, 10))
    loss = F.cross_entropy(shifted, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        step()
    print(time.perf_counter() - start, flush=True)
