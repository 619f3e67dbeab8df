"""What the programs in Python have in common: the protocol of lmtc-bench's StepService.

    PROGRAM WORKLOAD STATE THREADS DEVICE PRECISION TASK

STATE is the npz file that `lmtc-bench state` writes, DEVICE cpu or cuda, PRECISION float32, tf32 or bfloat16, TASK step or
inference. Each line on standard input is answered by a line of JSON: `describe`, `steps N` (from the initial state),
`product N`.
"""

import json
import sys
import time

import numpy


def arguments():
    """The workload's name, the initial values by name, the number of threads, the device, the precision, the task."""
    state = numpy.load(sys.argv[2])
    return sys.argv[1], {name: state[name] for name in state.files}, int(sys.argv[3]), *sys.argv[4:]


def trained(state):
    """The names of the parameters that a step changes by gradients."""
    suffix = "/first_moment"
    return [name.removesuffix(suffix) for name in state if name.endswith(suffix)]


def serve(versions, reset, step, product):
    """Answers until standard input ends.

    reset() returns to the initial state, step() makes a training step and returns its loss and bound, or computes
    logits and returns the mean of their squares and the largest magnitude,
    product(N) returns a function that multiplies two N × N matrices and waits for the result.
    """
    for line in sys.stdin:
        request, *count = line.split()
        if request == "describe":
            answer = {"versions": versions}
        elif request == "steps":
            answer = steps(int(count[0]), reset, step)
        else:
            multiply = product(int(count[0]))
            multiply()
            start = time.perf_counter()
            multiply()
            answer = {"seconds": time.perf_counter() - start}
        print(json.dumps(answer), flush=True)


def steps(count, reset, step):
    reset()
    start = time.perf_counter()
    results = [step() for _ in range(count)]
    # Waits for the last step where steps are asynchronous.
    float(results[-1][0])
    seconds = time.perf_counter() - start
    losses, bounds = ([float(value) for value in values] for values in zip(*results))
    return {"seconds": seconds, "losses": losses, "bounds": bounds}
