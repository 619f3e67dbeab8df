"""The training step in PyTorch, for torch_eager.py, torch_compile.py and float64.py."""

import math

import torch
import torch.nn.functional as F

import network
import service


class Engine:
    """The operations of a forward pass; collects the next power-iteration vectors in `vectors`."""

    def __init__(self, tensors, is_narrow):
        self.tensors = tensors
        self.vectors = {}
        self.is_narrow = is_narrow

    def factor(self, value):
        """An operand of a product of the network."""
        return value.bfloat16() if self.is_narrow and value is not None else value

    def convolution(self, name, x, stride, padding):
        weight, bias = self.tensors[f"{name}.weight"], self.tensors.get(f"{name}.bias")
        kept = self.tensors[f"power/{name}"]
        kernel = weight.shape[2:]
        rest = [(n + 2 * padding - k) % stride for n, k in zip(kept.shape[2:], kernel)]

        def forward(v):
            return F.conv2d(v, weight, None, stride, padding)

        def adjoint(u):
            return F.conv_transpose2d(u, weight, None, stride, padding, rest)

        norm = self.norm(name, kept, forward, adjoint)
        y = F.conv2d(self.factor(x), self.factor(weight), self.factor(bias), stride, padding)
        return y.to(weight.dtype), norm

    def dense(self, name, x):
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        kept = self.tensors[f"power/{name}"]
        norm = self.norm(name, kept, lambda v: F.linear(v, weight), lambda u: u @ weight)
        y = F.linear(self.factor(x.flatten(1)), self.factor(weight), self.factor(bias))
        return y.to(weight.dtype), norm

    def norm(self, name, kept, forward, adjoint):
        """‖A v‖ for the kept direction v, differentiable in A; keeps Aᵀ A v."""
        image = forward(kept / kept.norm())
        with torch.no_grad():
            self.vectors[f"power/{name}"] = adjoint(image)
        return image.norm()

    def batch_norm(self, name, x):
        mean, variance, weight, bias = (
            self.tensors[f"{name}.{key}"] for key in ("running_mean", "running_var", "weight", "bias")
        )
        y = F.batch_norm(x, mean, variance, weight, bias, training=True, momentum=0.1, eps=1e-5)
        batch_variance = torch.var(x, (0, 2, 3), correction=0)
        return y, (weight.abs() * torch.rsqrt(batch_variance + 1e-5)).max()

    def relu(self, x):
        return F.relu(x)

    def channel_means(self, x):
        return x.mean((2, 3)), x.shape[2] * x.shape[3]


class Inference(Engine):
    """The same without bounds, with the kept statistics."""

    def norm(self, name, kept, forward, adjoint):
        return 1

    def batch_norm(self, name, x):
        mean, variance, weight, bias = (
            self.tensors[f"{name}.{key}"] for key in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, variance, weight, bias, eps=1e-5), 1


def logits(layers, tensors, is_narrow):
    return network.run(layers, Inference(tensors, is_narrow), tensors["images"], 1)[0]


def loss_and_bound(layers, tensors, is_narrow):
    """The mean cross-entropy after √2·c·L is added to all logits but the label's, L and the next vectors."""
    engine = Engine(tensors, is_narrow)
    logits, bound = network.run(layers, engine, tensors["images"], 1.0)
    labels = tensors["labels"]
    margin = math.sqrt(2) * tensors["margin_weight"] * bound
    loss = F.cross_entropy(logits + margin * (1 - labels), labels)
    return loss, bound, engine.vectors


def serve(transform=lambda function: function, dtype=torch.float32):
    """Serves the task, with `transform` applied to the function of loss and bound, or of the logits."""
    workload, state, threads, device, precision, task = service.arguments()
    torch.set_num_threads(threads)
    torch.set_default_device(device)
    # Products of float32 numbers, not of rounded ones, unless that is asked for.
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    # The fastest of cuDNN's convolutions, as XLA chooses them too.
    torch.backends.cudnn.benchmark = True
    is_narrow = precision == "bfloat16" and dtype == torch.float32
    layers = network.WORKLOADS[workload].layers
    initial = {name: torch.tensor(value, dtype=dtype, device=device) for name, value in state.items()}
    tensors = {name: arranged(value) for name, value in initial.items()}
    parameters = [tensors[name].requires_grad_() for name in service.trained(state)]
    optimizer = torch.optim.Adam(parameters, lr=initial["learning_rate"].item(), fused=True)
    computed = {"step": loss_and_bound, "inference": logits}[task]
    function = transform(lambda values: computed(layers, values, is_narrow))

    def reset():
        with torch.no_grad():
            for name, value in initial.items():
                tensors[name].copy_(value)
        for slots in optimizer.state.values():
            for slot in slots.values():
                slot.zero_()

    def step():
        optimizer.zero_grad()
        loss, bound, vectors = function(tensors)
        loss.backward()
        optimizer.step()
        tensors.update(vectors)
        return loss.detach(), bound.detach()

    @torch.no_grad()
    def infer():
        values = function(tensors)
        return values.square().mean(), values.abs().max()

    def product(order):
        a, b = torch.full((order, order), 0.5), torch.full((order, order), 0.5)

        def multiply():
            result = a @ b
            if device == "cuda":
                torch.cuda.synchronize()
            return result

        return multiply

    service.serve(f"PyTorch {torch.__version__} on {device}", reset, step if task == "step" else infer, product)


def arranged(value):
    """A copy, images and filters with their channels last, which oneDNN prefers."""
    if value.dim() == 4:
        return value.clone(memory_format=torch.channels_last)
    return value.clone()
