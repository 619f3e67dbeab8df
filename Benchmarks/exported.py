"""Compares exported programs with the bound on rounding that certificates state, on 10,000 points.

    scripts/build lmtc
    python3 -m venv env && env/bin/pip install numpy onnxruntime
    env/bin/python Benchmarks/exported.py --lmtc PATH

Trains three small networks, exports each as an ONNX model and as a C program, certifies random points with the classes
that the network gives them, and runs both programs. For each point the certificate states a bound `error` on the rounding of the difference of two logits, that of
the class and that of the rival. The difference is computed by ONNX Runtime, by the C program in float32, and by the C
program in float64 (of the same weights), whose own rounding is less than 1e-9 of the bound's. Prints the largest share
of the bound that rounding takes, and exits with 1 if a point is outside.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

SHAPE = (1, 12, 12)
CLASSES = 4
NETWORKS = {
    "dense": "[flatten, dense: 64, relu, dense: 64, relu, dense: 4]",
    "convolutional": "[conv2d: {filters: 8, kernel: 3}, batch_norm, relu, max_pool: 2, "
                     "conv2d: {filters: 12, kernel: 3}, leaky_relu, flatten, dense: 4]",
    "residual": "[conv2d: {filters: 8, kernel: 3, padding: 1}, max_min, avg_pool: 2, "
                "residual: {branch: [conv2d: {filters: 8, kernel: 3, padding: 1}, max_min, "
                "conv2d: {filters: 8, kernel: 3, padding: 1}]}, flatten, dense: 16, max_min, dense: 4]",
}
SPEC = """lmt: 1
name: net
data: {{format: npz, train: data.npz, test: data.npz}}
network: {{input: [1, 12, 12], layers: {layers}}}
train: {{loss: {{lmt: {{c: 0.2}}}}, epochs: 4, batch: 100}}
"""
MAIN = """#include <stdio.h>
#include "net.c"
int main(void) {{
  {real} input[144], logits[4];
  while (fread(input, sizeof input, 1, stdin) == 1) {{
    net_logits(input, logits);
    fwrite(logits, sizeof logits, 1, stdout);
  }}
  return 0;
}}
"""


def store(folder, images, labels, test_images, test_labels):
    np.savez(folder / "data.npz", x_train=images, y_train=labels, x_test=test_images, y_test=test_labels)


def draw(points):
    """Random images for training, with the classes of a random linear map, and for testing."""
    generator = np.random.default_rng(1)
    weights = generator.normal(size=(144, CLASSES))
    images, tested = (generator.uniform(size=(n, *SHAPE)).astype(np.float32) for n in (2000, points))
    return images, np.argmax((images.reshape(2000, -1) - 0.5) @ weights, axis=1), tested


def c_logits(lmtc, folder, run, images, real):
    """The logits of the C program of a run folder."""
    lmtc("export", run, "--to", "c", "-o", "net.c", "--overwrite")
    (folder / "main.c").write_text(MAIN.format(real=real))
    subprocess.run(["cc", "-std=c99", "-O2", "main.c", "-o", "main", "-lm"], cwd=folder, check=True)
    kind = "<f4" if real == "float" else "<f8"
    fed = images.astype(kind).tobytes()
    output = subprocess.run([folder / "main"], input=fed, stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(output, dtype=kind).reshape(len(images), CLASSES).astype(np.float64)


def onnx_logits(lmtc, folder, run, images):
    import onnxruntime

    lmtc("export", run, "--to", "onnx", "-o", "net.onnx", "--overwrite")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(folder / "net.onnx"), options)
    return session.run(["logits"], {"images": images})[0].astype(np.float64)


def compare(lmtc, folder, name, images, labels, tested):
    """The share of the bound for each program and certified point."""
    (folder / "net.yaml").write_text(SPEC.format(layers=NETWORKS[name]))
    store(folder, images, labels, images[:100], labels[:100])
    lmtc("run", "net.yaml", "--out", "trained", "--overwrite", "--quiet")
    classes = np.argmax(c_logits(lmtc, folder, "trained", tested, "float"), axis=1)
    store(folder, images, labels, tested, classes)
    certify = ["certify", "net.yaml", "--weights", "trained/model.safetensors", "--quiet", "--out"]
    lmtc(*certify, name)
    # Ten points are enough for a folder whose network is executed in float64.
    lmtc(*certify, f"{name}-float64", "--shard", f"1/{len(tested) // 10}", "--set", "certify.precision=float64")
    exact = c_logits(lmtc, folder, f"{name}-float64", tested, "double")
    found = {"C": c_logits(lmtc, folder, name, tested, "float"), "ONNX Runtime": onnx_logits(lmtc, folder, name, tested)}
    points = [p for p in json.loads((folder / name / "certificate.json").read_text())["points"] if p["radius"] > 0]
    rows = np.array([p["index"] for p in points])
    own, rival = np.array([p["label"] for p in points]), np.array([p["rival"] for p in points])
    bound = np.array([p["error"] for p in points])

    def difference(logits):
        return logits[rows, own] - logits[rows, rival]

    shares = {}
    for program, logits in found.items():
        shares[program] = np.abs(difference(logits) - difference(exact)) / bound
        if not np.array_equal(np.argmax(logits[rows], axis=1), own):
            sys.exit(f"{name}, {program}: a certified point has another class")
    return shares


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lmtc", required=True, help="the path of the program")
    parser.add_argument("--points", type=int, default=10_000)
    options = parser.parse_args()
    program = pathlib.Path(options.lmtc).resolve()
    outside = 0
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)

        def lmtc(*arguments):
            subprocess.run([program, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)

        images, labels, tested = draw(options.points)
        print("| network | program | points | largest share of the bound | median |\n| --- | --- | --- | --- | --- |")
        for name in NETWORKS:
            for program_name, share in compare(lmtc, folder, name, images, labels, tested).items():
                outside += int(np.sum(share > 1))
                print(f"| {name} | {program_name} | {len(share):,} | {share.max():.2g} | {np.median(share):.2g} |")
    sys.exit(1 if outside else 0)


if __name__ == "__main__":
    main()
