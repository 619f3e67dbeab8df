"""The networks of the workloads, independent of a framework, and their Lipschitz bounds.

A layer maps (engine, x, bound) to the next x and bound. An engine supplies the operations on its tensors and
looks up parameters by the names of lmtc's spec: `conv2d_1.weight`, `batch_norm_1.bias`.
"""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Convolution:
    name: str
    filters: int
    kernel: int
    stride: int
    padding: int

    def run(self, engine, x, bound):
        y, norm = engine.convolution(self.name, x, self.stride, self.padding)
        return y, bound * norm

    def output(self, shape):
        _, height, width = shape
        size = [(n + 2 * self.padding - self.kernel) // self.stride + 1 for n in (height, width)]
        return (self.filters, *size)

    def operations(self, shape):
        filters, height, width = self.output(shape)
        return 2 * filters * height * width * shape[0] * self.kernel**2


@dataclass(frozen=True)
class Dense:
    name: str
    units: int

    def run(self, engine, x, bound):
        y, norm = engine.dense(self.name, x)
        return y, bound * norm

    def output(self, shape):
        return (self.units,)

    def operations(self, shape):
        count = 1
        for n in shape:
            count *= n
        return 2 * self.units * count


class Free:
    """A layer whose arithmetic is not counted."""

    def operations(self, shape):
        return 0

    def output(self, shape):
        return shape


@dataclass(frozen=True)
class BatchNorm(Free):
    name: str

    def run(self, engine, x, bound):
        y, norm = engine.batch_norm(self.name, x)
        return y, bound * norm


class ReLU(Free):
    def run(self, engine, x, bound):
        return engine.relu(x), bound


class GlobalAveragePool(Free):
    """The mean of each channel: its norm is 1/√(height · width)."""

    def run(self, engine, x, bound):
        y, count = engine.channel_means(x)
        return y, bound * count**-0.5

    def output(self, shape):
        return shape[:1]


@dataclass(frozen=True)
class Residual:
    """branch(x) + shortcut(x): its bound is the sum of both."""

    branch: tuple
    shortcut: tuple

    def run(self, engine, x, bound):
        y, branch_bound = run(self.branch, engine, x, bound)
        z, shortcut_bound = run(self.shortcut, engine, x, bound)
        return y + z, branch_bound + shortcut_bound

    def output(self, shape):
        for layer in self.branch:
            shape = layer.output(shape)
        return shape

    def operations(self, shape):
        return operations(self.branch, shape) + operations(self.shortcut, shape)


def run(layers, engine, x, bound):
    """The output of layers and the bound on the map from the network's input to it."""
    for layer in layers:
        x, bound = layer.run(engine, x, bound)
    return x, bound


def operations(layers, shape):
    """Additions and multiplications of a forward pass of one sample."""
    total = 0
    for layer in layers:
        total += layer.operations(shape)
        shape = layer.output(shape)
    return total


class Numbered:
    """Layers with lmtc's names: the kind and a number that counts it through the network."""

    def __init__(self):
        self.counts = Counter()

    def name(self, kind):
        self.counts[kind] += 1
        return f"{kind}_{self.counts[kind]}"

    def convolution(self, filters, kernel, stride=1, padding=0):
        return Convolution(self.name("conv2d"), filters, kernel, stride, padding)

    def dense(self, units):
        return Dense(self.name("dense"), units)

    def normalized(self):
        return [BatchNorm(self.name("batch_norm")), ReLU()]


def mlp():
    make = Numbered()
    return [make.dense(128), ReLU(), make.dense(128), ReLU(), make.dense(10)]


def cnn():
    make = Numbered()
    layers = []
    for filters, kernel, stride in [(32, 3, 1), (32, 4, 2), (64, 3, 1), (64, 4, 2)]:
        layers += [make.convolution(filters, kernel, stride, 1), ReLU()]
    return layers + [make.dense(512), ReLU(), make.dense(10)]


def wrn(width=4, blocks=2):
    """WRN-(6·blocks + 4)-width."""
    make = Numbered()

    def branch(filters, stride):
        first = [make.convolution(filters, 3, stride, 1)]
        return first + make.normalized() + [make.convolution(filters, 3, 1, 1)]

    def stage(filters, stride):
        before = make.normalized()
        wider = tuple(branch(filters, stride))
        first = Residual(wider, (make.convolution(filters, 1, stride),))
        rest = [Residual(tuple(make.normalized() + branch(filters, 1)), ()) for _ in range(blocks - 1)]
        return before + [first, *rest]

    layers = [make.convolution(16, 3, 1, 1)]
    for factor, stride in [(16, 1), (32, 2), (64, 2)]:
        layers += stage(factor * width, stride)
    return layers + make.normalized() + [GlobalAveragePool(), make.dense(10)]


@dataclass(frozen=True)
class Workload:
    spec: str
    layers: list
    shape: tuple
    batch: int
    # What `lmtc --set` changes in the spec.
    settings: tuple = ()

    def step_operations(self):
        """Additions and multiplications of a step: forward and both backward products of each linear layer,
        except for the gradient of the images. Power iteration and elementwise operations are not counted."""
        first = self.layers[0].operations(self.shape)
        return self.batch * (3 * operations(self.layers, self.shape) - first)

    def forward_operations(self):
        """The same of a forward pass."""
        return self.batch * operations(self.layers, self.shape)


WORKLOADS = {
    "mlp": Workload("mlp", mlp(), (64,), 64),
    "cnn": Workload("cnn", cnn(), (1, 28, 28), 128),
    "wrn": Workload("wrn", wrn(), (3, 32, 32), 128),
    "wrn-512": Workload("wrn", wrn(), (3, 32, 32), 512, ("let.batch=512",)),
    "wrn-28-10": Workload("wrn", wrn(10, 4), (3, 32, 32), 128, ("let.width=10", "let.blocks=4")),
}
