"""Compile StableHLO modules with XLA through JAX and compare their results with the reference evaluator's.

The cases are what `lmtc-bench stablehlo` writes: N.mlir, N.npz and a line of cases.txt.
"""

import pathlib
import sys

import jax
import numpy as np
from jax._src import xla_bridge
from jax._src.interpreters import mlir
from jax._src.lib.mlir import ir
from jax._src.lib import xla_client

# float32 against Double: the longest sums of the cases have a few thousand terms.
TOLERANCE = 2e-5


def compiled(text, backend):
    with mlir.make_ir_context():
        module = ir.Module.parse(text)
        devices = xla_client.DeviceList(tuple(backend.local_devices()[:1]))
        return backend.compile_and_load(module, devices, xla_client.CompileOptions())


def difference(found, expected):
    """The largest difference, relative to the largest element; infinite where one is not a number."""
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    if same.all():
        return 0.0
    finite = np.isfinite(expected)
    if (~finite & ~same).any() or not np.isfinite(found[finite]).all():
        return np.inf
    scale = max(1.0, np.abs(expected[finite]).max(initial=0))
    return np.abs(found.astype(np.float64) - expected)[finite].max(initial=0) / scale


def check(folder, number, title, backend):
    data = np.load(folder / f"{number}.npz")
    text = (folder / f"{number}.mlir").read_text()
    try:
        program = compiled(text, backend)
    except Exception as fault:
        print(f"{number}: {title}: {str(fault)[:2000]}")
        return False
    inputs = [data[f"in{k}"].astype(np.float32) for k in range(len(data.files)) if f"in{k}" in data]
    arguments = [jax.device_put(x) for x in inputs]
    results = [np.asarray(part[0]) for part in program.execute_sharded(arguments).disassemble_into_single_device_arrays()]
    worst = max(
        (difference(found, data[f"out{k}"]) for k, found in enumerate(results)), default=0.0)
    if worst > TOLERANCE:
        print(f"{number}: {title}: differs by {worst:.3g}")
    return worst <= TOLERANCE


def main():
    folder = pathlib.Path(sys.argv[1])
    titles = (folder / "cases.txt").read_text().splitlines()
    backend = xla_bridge.get_backend("cpu")
    right = sum(check(folder, number, title, backend) for number, title in enumerate(titles))
    print(f"{right} of {len(titles)} modules agree")
    sys.exit(0 if right == len(titles) else 1)


main()
