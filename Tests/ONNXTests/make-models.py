"""Writes the ONNX models of these tests, each with inputs and the outputs of ONNX Runtime.

    python3 -m venv env && env/bin/pip install numpy onnx onnxruntime onnxscript scikit-learn skl2onnx torch
    env/bin/python Tests/ONNXTests/make-models.py

For NAME.onnx there is NAME.safetensors with `inputs` [8, ...] and `outputs` [8, K]. Weights are drawn from seeds;
only the exporters' versions change the files.
"""

import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from stored import FOLDER, finish

warnings.filterwarnings("ignore")


class Classifier(nn.Module):
    """Convolution, batch normalization, ReLU, pooling, linear: what people train first."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(4, 6, 3, stride=2, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(6)
        self.fc = nn.Linear(6 * 2 * 2, 5)

    def forward(self, x):
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        x = torch.relu(self.bn2(self.conv2(x)))
        return self.fc(x.view(x.size(0), -1))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.branch = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 1))
        self.head = nn.Linear(4, 3)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        x = torch.relu(x + self.branch(x))
        return self.head(x.mean(dim=(2, 3)))


class Normalized(nn.Module):
    """Inputs are standardized inside the model."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.2, 0.25, 0.3]).view(1, 3, 1, 1))
        self.body = nn.Sequential(
            nn.Conv2d(3, 6, 4, stride=2), nn.LeakyReLU(0.2), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(6, 4))

    def forward(self, x):
        return self.body((x - self.mean) / self.std)


class MaxMin(nn.Module):
    """Channels sorted in pairs, as people write it: `form` says how the halves are taken."""

    def __init__(self, form):
        super().__init__()
        self.form = form

    def forward(self, x):
        half = x.shape[1] // 2
        if self.form == "chunk":
            a, b = x.chunk(2, dim=1)
        elif self.form == "split":
            a, b = x.split(half, dim=1)
        elif self.form == "slice":
            a, b = x[:, :half], x[:, half:]
        else:
            pairs = x.view(x.size(0), 2, half, *x.shape[2:])
            return torch.cat([pairs.max(dim=1).values, pairs.amin(dim=1)], dim=1)
        return torch.cat([torch.maximum(a, b), torch.minimum(b, a)], dim=1)


def max_min():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), MaxMin("chunk"), nn.Conv2d(4, 6, 3), MaxMin("view"), nn.Flatten(), nn.Linear(24, 8),
        MaxMin("slice"), nn.Linear(8, 6), MaxMin("split"), nn.Linear(6, 3))


class HandwrittenGELU(nn.Module):
    def forward(self, x):
        return x * 0.5 * (1.0 + torch.erf(x / 2 ** 0.5))


def gates():
    return nn.Sequential(
        nn.Linear(5, 7), nn.GELU(), nn.Linear(7, 8), nn.SiLU(), nn.Linear(8, 6), HandwrittenGELU(), nn.Linear(6, 7),
        nn.Mish(), nn.Linear(7, 3))


def mlp():
    return nn.Sequential(nn.Linear(7, 9), nn.Tanh(), nn.Linear(9, 8), nn.ELU(), nn.Dropout(), nn.Linear(8, 3))


def conv1d():
    return nn.Sequential(
        nn.Conv1d(2, 4, 5, padding=2), nn.Sigmoid(), nn.Conv1d(4, 4, 3, groups=2), nn.Hardtanh(), nn.Flatten(),
        nn.Linear(4 * 10, 3))


def various(activation):
    return nn.Sequential(
        nn.ZeroPad2d((1, 2, 0, 1)), nn.Conv2d(2, 8, 3, dilation=2), nn.PReLU(8), nn.PixelShuffle(2),
        nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1), nn.SELU(), activation,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4))


def export(name, model, shape, dynamo, dynamic=True, opset=None):
    torch.manual_seed(3)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    model.eval()
    sample = torch.zeros(2 if dynamic else 1, *shape)
    keys = {"dynamo": dynamo, "opset_version": opset}
    if dynamo:
        keys["dynamic_shapes"] = ({0: torch.export.Dim("batch")},) if dynamic else None
        keys["external_data"] = False
    else:
        keys["dynamic_axes"] = {"input": {0: "batch"}} if dynamic else None
    torch.onnx.export(
        model, (sample,), str(FOLDER / f"{name}.onnx"), input_names=["input"], output_names=["logits"], **keys)
    strip(FOLDER / f"{name}.onnx")
    finish(name, shape)


def strip(path):
    """Removes stack traces, which name files of the machine."""
    model = onnx.load(str(path))
    for part in [model.graph, *model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info,
                 *model.graph.initializer]:
        del part.metadata_props[:]
        part.doc_string = ""
    del model.metadata_props[:]
    onnx.save(model, str(path))


def tensor(name, array, kind=TensorProto.FLOAT):
    return numpy_helper.from_array(np.asarray(array, dtype=helper.tensor_dtype_to_np_dtype(kind)), name)


def build(name, nodes, constants, fed, returned, shape, opset=13, lists_constants=False, ir=8, axes=None):
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, fed)]
    if lists_constants:
        inputs += [helper.make_tensor_value_info(c.name, c.data_type, c.dims) for c in constants]
    graph = helper.make_graph(
        nodes, name, inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, returned)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)
    onnx.save(model, str(FOLDER / f"{name}.onnx"))
    finish(name, shape, axes=axes)


def handmade():
    """Models as other exporters and the networks of verification competitions are written."""
    draw = np.random.default_rng(5).normal
    w = [draw(size=s).astype(np.float32) for s in [(5, 6), (6,), (6, 5), (5,), (5,)]]
    build(
        "sub-flatten-matmul-add",
        [helper.make_node("Sub", ["x", "mean"], ["a"]), helper.make_node("Flatten", ["a"], ["b"]),
         helper.make_node("MatMul", ["b", "w0"], ["c"]), helper.make_node("Add", ["c", "b0"], ["d"]),
         helper.make_node("Relu", ["d"], ["e"]), helper.make_node("MatMul", ["e", "w1"], ["f"]),
         helper.make_node("Add", ["f", "b1"], ["y"])],
        [tensor("mean", w[4].reshape(1, 1, 1, 5)), tensor("w0", w[0]), tensor("b0", w[1]), tensor("w1", w[2]),
         tensor("b1", w[3])],
        [1, 1, 1, 5], [1, 5], (1, 1, 5), opset=8, lists_constants=True, ir=3)
    build(
        "gemm-column",
        [helper.make_node("Flatten", ["x"], ["a"], axis=1),
         helper.make_node("Gemm", ["a", "w0", "b0"], ["b"], transB=1, alpha=0.5, beta=2.0),
         helper.make_node("Relu", ["b"], ["c"]), helper.make_node("Gemm", ["c", "w1"], ["y"])],
        [tensor("w0", draw(size=(6, 12))), tensor("b0", w[1]), tensor("w1", draw(size=(6, 4)))],
        [1, 12, 1], [1, 4], (12, 1), opset=11, ir=6)
    build(
        "channels-last",
        [helper.make_node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]),
         helper.make_node("Conv", ["a", "k", "kb"], ["b"], auto_pad="SAME_UPPER", strides=[2, 2]),
         helper.make_node("Relu", ["b"], ["c"]), helper.make_node("Transpose", ["c"], ["d"], perm=[0, 2, 3, 1]),
         helper.make_node("Add", ["d", "shift"], ["e"]),
         helper.make_node("Reshape", ["e", "extents"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["g"]),
         helper.make_node("Add", ["g", "wb"], ["y"])],
        [tensor("k", draw(size=(3, 2, 3, 3))), tensor("kb", draw(size=3)), tensor("shift", draw(size=(3, 4, 3))),
         tensor("extents", [-1, 36], TensorProto.INT64), tensor("w", draw(size=(36, 4))),
         tensor("wb", draw(size=4))],
        ["N", 6, 8, 2], ["N", 4], (6, 8, 2), axes=(0, 3, 1, 2))
    build(
        "branches",
        [helper.make_node("Constant", [], ["half"], value=tensor("", 0.5)),
         helper.make_node("Mul", ["x", "half"], ["a"]), helper.make_node("Gemm", ["a", "w"], ["b"], transB=1),
         helper.make_node("Abs", ["b"], ["c"]), helper.make_node("Clip", ["b", "low", "high"], ["d"]),
         helper.make_node("Sub", ["c", "d"], ["e"]), helper.make_node("Concat", ["e", "x"], ["f"], axis=1),
         helper.make_node("Div", ["f", "scales"], ["g"]), helper.make_node("Gemm", ["g", "v", "vb"], ["h"]),
         helper.make_node("Softmax", ["h"], ["y"], axis=-1)],
        [tensor("w", draw(size=(4, 3))), tensor("low", 0.0), tensor("high", 6.0),
         tensor("scales", draw(size=7) + 4), tensor("v", draw(size=(7, 3))), tensor("vb", draw(size=3))],
        ["batch", 3], ["batch", 3], (3,))
    build(
        "half-precision-weights",
        [helper.make_node("Cast", ["w"], ["w32"], to=TensorProto.FLOAT),
         helper.make_node("MatMul", ["x", "w32"], ["a"]), helper.make_node("Mish", ["a"], ["b"]),
         helper.make_node("MatMul", ["b", "v"], ["y"])],
        [tensor("w", draw(size=(3, 5)), TensorProto.FLOAT16), tensor("v", draw(size=(5, 2)))],
        ["N", 3], ["N", 2], (3,), opset=18)
    build(
        "gelu-products",
        [helper.make_node("MatMul", ["x", "w"], ["a"]), helper.make_node("Mul", ["a", "root"], ["b"]),
         helper.make_node("Erf", ["b"], ["c"]), helper.make_node("Add", ["one", "c"], ["d"]),
         helper.make_node("Mul", ["d", "a"], ["e"]), helper.make_node("Mul", ["half", "e"], ["f"]),
         helper.make_node("MatMul", ["f", "v"], ["y"])],
        [tensor("w", draw(size=(3, 5))), tensor("v", draw(size=(5, 2))), tensor("root", [0.5 ** 0.5]),
         tensor("one", 1.0), tensor("half", 0.5)],
        ["N", 3], ["N", 2], (3,))
    build(
        "channels-last-scaled",
        [helper.make_node("Mul", ["x", "scale"], ["a"]), helper.make_node("Sub", ["a", "mean"], ["b"]),
         helper.make_node("Transpose", ["b"], ["c"], perm=[0, 3, 1, 2]),
         helper.make_node("Conv", ["c", "k"], ["d"], strides=[2, 2]), helper.make_node("Relu", ["d"], ["e"]),
         helper.make_node("Flatten", ["e"], ["f"]), helper.make_node("MatMul", ["f", "w"], ["y"])],
        [tensor("scale", 0.5), tensor("mean", draw(size=3)), tensor("k", draw(size=(2, 3, 2, 2))),
         tensor("w", draw(size=(12, 3)))],
        ["N", 4, 6, 3], ["N", 3], (4, 6, 3), axes=(0, 3, 1, 2))
    build(
        "one-output",
        [helper.make_node("Gemm", ["x", "w", "b"], ["a"]), helper.make_node("Relu", ["a"], ["c"]),
         helper.make_node("Gemm", ["c", "v"], ["y"])],
        [tensor("w", draw(size=(3, 5))), tensor("b", draw(size=5)), tensor("v", draw(size=(5, 1)))],
        ["N", 3], ["N", 1], (3,))


def scikit():
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    generator = np.random.default_rng(1)
    x = generator.normal(size=(120, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0.5)
    model = MLPClassifier(hidden_layer_sizes=(8, 6), random_state=1, max_iter=60).fit(x, y)
    written = to_onnx(model, x[:1], options={"zipmap": False})
    onnx.save(written, str(FOLDER / "scikit-mlp.onnx"))
    finish("scikit-mlp", (4,), output="probabilities")

    model = MLPClassifier(hidden_layer_sizes=(7,), activation="tanh", random_state=1, max_iter=60)
    model = Pipeline([("scale", StandardScaler()), ("net", model)]).fit(x, y)
    onnx.save(to_onnx(model, x[:1], options={"zipmap": False}), str(FOLDER / "scikit-pipeline.onnx"))
    finish("scikit-pipeline", (4,), output="probabilities")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(3)
    for dynamo in [False, True]:
        suffix = "dynamo" if dynamo else "script"
        export(f"torch-classifier-{suffix}", Classifier(), (1, 8, 8), dynamo)
        export(f"torch-residual-{suffix}", Residual(), (3, 6, 6), dynamo)
        export(f"torch-normalized-{suffix}", Normalized(), (3, 6, 6), dynamo)
        export(f"torch-mlp-{suffix}", mlp(), (7,), dynamo)
        export(f"torch-max-min-{suffix}", max_min(), (1, 6, 6), dynamo)
        export(f"torch-gates-{suffix}", gates(), (5,), dynamo, opset=None if dynamo else 17)
        export(f"torch-conv1d-{suffix}", conv1d(), (2, 12), dynamo)
        export(f"torch-various-{suffix}", various(nn.ReLU6() if dynamo else nn.Softplus()), (2, 7, 6), dynamo, False)
    handmade()
    scikit()
