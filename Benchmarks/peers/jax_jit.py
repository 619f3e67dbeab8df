"""The training step in JAX: one jitted function, its state donated, channels last."""

import math
import os
import re
import sys

# Before JAX is loaded: as many threads as the others.
THREADS = int(sys.argv[3])
if THREADS < len(os.sched_getaffinity(0)):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

os.environ["JAX_PLATFORMS"] = sys.argv[4]
# The programs share a GPU.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
import jax
import jax.numpy as jnp
from jax import lax

import network
import service

LAYOUT = ("NHWC", "HWIO", "NHWC")


class Engine:
    """The operations of a forward pass; collects what the next step starts from in `kept`."""

    def __init__(self, trained, kept, precision):
        self.trained = trained
        self.old = kept
        self.kept = dict(kept)
        self.precision = precision

    def factor(self, value):
        """An operand of a product of the network."""
        return value.astype(jnp.bfloat16) if self.precision == "bfloat16" else value

    def convolution(self, name, x, stride, padding):
        weight = self.trained[f"{name}.weight"]

        def forward(v, weight):
            edge = (padding, padding)
            return lax.conv_general_dilated(
                v, weight, (stride, stride), (edge, edge), dimension_numbers=LAYOUT
            )

        y = forward(self.factor(x), self.factor(weight)).astype(jnp.float32)
        bias = self.trained.get(f"{name}.bias")
        return y if bias is None else y + bias, self.norm(name, forward, weight)

    def dense(self, name, x):
        weight, bias = self.trained[f"{name}.weight"], self.trained[f"{name}.bias"]
        if x.ndim == 4:
            # The weight's columns are in the order of channels first.
            x = x.transpose(0, 3, 1, 2).reshape(x.shape[0], -1)

        def forward(v, weight):
            return v @ weight.T

        y = forward(self.factor(x), self.factor(weight)).astype(jnp.float32)
        return y + bias, self.norm(name, forward, weight)

    def norm(self, name, forward, weight):
        """‖A v‖ for the kept direction v, differentiable in A; keeps Aᵀ A v."""
        kept = self.old[f"power/{name}"]
        direction = kept / jnp.linalg.norm(kept)
        image = forward(direction, weight)
        frozen = lax.stop_gradient(weight)
        _, adjoint = jax.vjp(lambda v: forward(v, frozen), direction)
        self.kept[f"power/{name}"] = adjoint(lax.stop_gradient(image))[0]
        return jnp.sqrt(jnp.sum(image * image))

    def batch_norm(self, name, x):
        weight, bias = self.trained[f"{name}.weight"], self.trained[f"{name}.bias"]
        mean, variance = jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))
        count = x.size // x.shape[3]
        news = {"running_mean": mean, "running_var": variance * count / (count - 1)}
        for key, new in news.items():
            old = self.old[f"{name}.{key}"]
            self.kept[f"{name}.{key}"] = 0.9 * old + 0.1 * lax.stop_gradient(new)
        factors = weight * lax.rsqrt(variance + 1e-5)
        return (x - mean) * factors + bias, jnp.max(jnp.abs(factors))

    def relu(self, x):
        return jax.nn.relu(x)

    def channel_means(self, x):
        return jnp.mean(x, (1, 2)), x.shape[1] * x.shape[2]


def loss_and_bound(layers, trained, kept, images, labels, margin_weight, precision):
    """The mean cross-entropy after √2·c·L is added to all logits but the label's; L; the next state."""
    engine = Engine(trained, kept, precision)
    logits, bound = network.run(layers, engine, images, 1.0)
    shifted = logits + math.sqrt(2) * margin_weight * bound * (1 - labels)
    loss = -jnp.mean(jnp.sum(jax.nn.log_softmax(shifted) * labels, 1))
    return loss, (bound, engine.kept)


def adam(parameter, gradient, first, second, count, rate):
    first = 0.9 * first + 0.1 * gradient
    second = 0.999 * second + 0.001 * gradient * gradient
    root = jnp.sqrt(second / (1 - 0.999**count)) + 1e-8
    return parameter - rate * first / (1 - 0.9**count) / root, first, second


def make_step(layers, images, labels, rate, margin_weight, precision):
    def step(trained, kept, moments, count):
        count = count + 1
        function = lambda values: loss_and_bound(
            layers, values, kept, images, labels, margin_weight, precision
        )
        (loss, (bound, kept)), gradients = jax.value_and_grad(function, has_aux=True)(trained)
        updates = {
            name: adam(trained[name], gradients[name], *moments[name], count, rate) for name in trained
        }
        trained = {name: update[0] for name, update in updates.items()}
        moments = {name: update[1:] for name, update in updates.items()}
        return trained, kept, moments, count, loss, bound

    return jax.jit(step, donate_argnums=(0, 1, 2, 3))


def arranged(name, value):
    """Channels last: images and vectors [N, H, W, C], filters [H, W, C, N]."""
    if value.ndim != 4:
        return value
    return value.transpose((2, 3, 1, 0) if name.endswith(".weight") else (0, 2, 3, 1))


def main():
    workload, state, _, device, precision, _ = service.arguments()
    # Products of float32 numbers, not of rounded ones, unless that is asked for.
    jax.config.update("jax_default_matmul_precision", "default" if precision == "tf32" else "highest")
    values = {name: arranged(name, value) for name, value in state.items()}
    names = service.trained(state)
    kept_names = [name for name in state if re.search("^power/|running_", name)]
    step = make_step(
        network.WORKLOADS[workload].layers,
        jnp.asarray(values["images"]),
        jnp.asarray(values["labels"]),
        float(values["learning_rate"]),
        float(values["margin_weight"]),
        precision,
    )
    current = []

    def copies(chosen):
        return {name: jnp.array(values[name]) for name in chosen}

    def reset():
        moments = {name: (jnp.zeros(values[name].shape), jnp.zeros(values[name].shape)) for name in names}
        current[:] = jax.block_until_ready((copies(names), copies(kept_names), moments, jnp.float32(0)))

    def advance():
        *following, loss, bound = step(*current)
        current[:] = following
        return loss, bound

    def product(order):
        a = jnp.full((order, order), 0.5)
        return lambda: jax.block_until_ready(multiply(a, a))

    multiply = jax.jit(jnp.matmul)
    service.serve(f"JAX {jax.__version__} on {device}", reset, advance, product)


main()
