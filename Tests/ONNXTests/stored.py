"""Stores inputs of ONNX models, and the outputs that ONNX Runtime gives for them, beside the models."""

import json
import pathlib
import struct

import numpy as np
import onnx
import onnxruntime

FOLDER = pathlib.Path(__file__).parent / "models"


def save(name, arrays):
    header, data = {}, b""
    for key in sorted(arrays):
        array = np.ascontiguousarray(arrays[key], dtype="<f4")
        header[key] = {"dtype": "F32", "shape": list(array.shape),
                       "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (FOLDER / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def finish(name, shape, output=None, axes=None):
    """Runs the model on samples of a shape, with and without room for a batch.

    With `axes` the inputs are stored with the axes of a batch in this order.
    """
    path = FOLDER / f"{name}.onnx"
    onnx.checker.check_model(str(path))
    session = onnxruntime.InferenceSession(str(path))
    fed = session.get_inputs()[0]
    inputs = np.random.default_rng(7).normal(size=(8, *shape)).astype(np.float32)
    single = fed.shape[0] == 1
    batches = [inputs[i:i + 1] for i in range(8)] if single else [inputs]
    if len(fed.shape) == 1:
        batches = [batch[0] for batch in batches]
    results = [session.run([output] if output else None, {fed.name: batch})[0] for batch in batches]
    outputs = np.concatenate([np.asarray(r).reshape(1 if single else 8, -1) for r in results])
    save(name, {"inputs": inputs.transpose(axes) if axes else inputs, "outputs": outputs})
    print(f"{name}: {path.stat().st_size} bytes, outputs {outputs.shape}")
