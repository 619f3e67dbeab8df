"""Has XLA compile StableHLO modules, through JAX, and compares their results with the reference evaluator's.

    check.py FOLDER

FOLDER is what `lmtc-bench stablehlo` writes: N.mlir, N.npz, and line N of cases.txt.
"""

import pathlib
import sys

import jax
import numpy as np
from jax._src import xla_bridge
from jax._src.interpreters import mlir
from jax._src.lib import xla_client
from jax._src.lib.mlir import ir

# Of the largest element of a result: float32 sums of some thousand terms, rounded in any order.
TOLERANCE = 2e-5


def compiled(text, backend):
    with mlir.make_ir_context():
        devices = xla_client.DeviceList(tuple(backend.local_devices()[:1]))
        return backend.compile_and_load(ir.Module.parse(text), devices, xla_client.CompileOptions())


def difference(found, expected):
    """The largest difference over the largest element, or over 1; infinite at a wrong ∞ or NaN."""
    agree = (found == expected) | (np.isnan(found) & np.isnan(expected))
    rest = ~agree
    if not np.isfinite(found[rest]).all() or not np.isfinite(expected[rest]).all():
        return np.inf
    scale = max(1, np.abs(expected[np.isfinite(expected)]).max(initial=0))
    return np.abs(found[rest] - expected[rest]).max(initial=0) / scale


def numbered(data, prefix):
    count = sum(name.startswith(prefix) for name in data.files)
    return [data[f"{prefix}{index}"].astype(np.float32) for index in range(count)]


def worst_difference(folder, number, backend):
    data = np.load(folder / f"{number}.npz")
    program = compiled((folder / f"{number}.mlir").read_text(), backend)
    arguments = [jax.device_put(value) for value in numbered(data, "in")]
    results = program.execute_sharded(arguments).disassemble_into_single_device_arrays()
    pairs = zip(results, numbered(data, "out"), strict=True)
    return max(difference(np.asarray(parts[0]), expected) for parts, expected in pairs)


def agrees(folder, number, title, backend):
    is_random = title.startswith(("random(", "random at"))
    try:
        worst = worst_difference(folder, number, backend)
    except jax.errors.JaxRuntimeError as fault:
        print(f"{number}: {title}: XLA refuses it: {fault}")
        return False
    if worst > (0 if is_random else TOLERANCE):
        print(f"{number}: {title}: differs by {worst:.3g}")
        return False
    return True


def main():
    folder = pathlib.Path(sys.argv[1])
    titles = (folder / "cases.txt").read_text().splitlines()
    backend = xla_bridge.get_backend("cpu")
    count = sum(agrees(folder, number, title, backend) for number, title in enumerate(titles))
    print(f"{count} of {len(titles)} modules agree")
    sys.exit(0 if count == len(titles) else 1)


main()
