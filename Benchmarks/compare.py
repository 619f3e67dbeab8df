"""Runs lmtc and its peers in turns, checks that they compute the same, prints times and ratios.

Called by Benchmarks/compare.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time

FOLDER = pathlib.Path(__file__).parent
sys.path.append(str(FOLDER / "peers"))

from network import WORKLOADS  # noqa: E402

# What is compared where no workload is named.
USUAL = ["mlp", "cnn", "wrn"]
PEERS = ["torch_eager", "torch_compile", "jax_jit"]
# Steps whose loss and bound are compared with float64; two of WRN's take long enough.
CHECKED_STEPS = {"mlp": 3, "cnn": 3, "wrn": 2, "wrn-512": 2, "wrn-28-10": 2}
# The relative difference allowed in the first step, and in the following ones: Adam divides a gradient by
# its size, so that rounding decides in which direction a weight with a tiny one moves.
TOLERANCES = {"float32": (1e-4, 5e-3), "tf32": (5e-3, 0.1), "bfloat16": (2e-2, 0.3)}
# The order of the matrices whose product gives the machine's rate.
ORDER = 2048
# GCC's OpenMP, which PyTorch uses, spins for milliseconds by default: on a machine with other work a step
# would take several times as long. lmtc arranges for short spins itself.
SPIN_COUNT = "1000"
# Seconds between turns, for threads that spin before they sleep.
PAUSE = 0.1


class Participant:
    """A process that makes training steps on request and sleeps in between."""

    def __init__(self, name, command, folder, options):
        self.name = name
        self.seconds = []
        self.product_seconds = []
        environment = dict(os.environ)
        if name == "lmtc":
            environment |= library_environment(options)
        else:
            environment.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)
            environment["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "inductor")
            if options.packages:
                environment["PYTHONPATH"] = str(options.packages / ("jax" if name == "jax_jit" else "torch"))
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def send(self, request):
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            sys.exit(f"{self.name} ended before '{request}'")

    def answer(self):
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.name} ended without an answer")
        return json.loads(answer)

    def ask(self, request):
        self.send(request)
        return self.answer()

    def peak_bytes(self):
        """The most memory that the process has had at once, libraries included."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def library_environment(options):
    """Where lmtc and its plugin find libraries in a folder of `Benchmarks/gpu`: its own and the CUDA of JAX."""
    if not options.libraries:
        return {}
    nvidia = options.packages / "jax" / "nvidia"
    folders = [options.libraries, *sorted(nvidia.glob("*/lib"))]
    environment = {"LD_LIBRARY_PATH": ":".join(map(str, folders))}
    if nvidia.is_dir():
        environment["XLA_FLAGS"] = f"--xla_gpu_cuda_data_dir={nvidia / 'cuda_nvcc'}"
    return environment


def parse_arguments():
    parser = argparse.ArgumentParser(prog="Benchmarks/compare", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="workload", help=f"{', '.join(WORKLOADS)}; by default {', '.join(USUAL)}")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="all cores by default")
    parser.add_argument("--rounds", type=int, default=10, help="turns of each program, 10 by default")
    parser.add_argument("--seconds", type=float, default=1, help="of lmtc's steps in a turn, about; 1 by default")
    parser.add_argument("--device", default="cpu", help="of lmtc: cpu, xla or xla:PATH, as for 'lmtc run'")
    parser.add_argument("--peer-device", default="cpu", choices=["cpu", "cuda"], help="of PyTorch and JAX")
    parser.add_argument("--precision", default="float32", choices=TOLERANCES, help="of the products of a step")
    parser.add_argument("--inference", dest="task", action="store_const", const="inference", default="step", help="the logits of a batch in place of a step, without JAX")
    parser.add_argument("--plain", action="store_true", help="also lmtc's step with cross-entropy, without bounds")
    parser.add_argument("--together", action="store_true", help="let all programs compile at the same time, and count their start from there")
    parser.add_argument("--without", action="append", default=[], choices=PEERS, help="leave a peer out")
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    # For Benchmarks/gpu: the packages of each peer, and lmtc's libraries.
    parser.add_argument("--packages", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--libraries", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task == "inference":
        options.without.append("jax_jit")
    unknown = [name for name in options.workloads if name not in WORKLOADS]
    if unknown:
        parser.error(f"unknown workload '{unknown[0]}': expected one of {', '.join(WORKLOADS)}")
    return options


def start(options, workload, folder):
    """The participants by name, lmtc first, and the reference."""
    spec = str(FOLDER / "workloads" / f"{WORKLOADS[workload].spec}.yaml")
    state = str(folder / f"{workload}.npz")
    settings = [word for setting in WORKLOADS[workload].settings for word in ("--set", setting)]
    environment = os.environ | library_environment(options)
    subprocess.run([options.program, "state", spec, state, *settings], check=True, env=environment)
    threads = str(options.threads)

    def peer(name):
        program = str(FOLDER / "peers" / f"{name}.py")
        command = [sys.executable, program, workload, state, threads]
        command += [options.peer_device, options.precision, options.task]
        return Participant(name, command, folder, options)

    def ours(name, task):
        command = [options.program, task, spec, threads, options.device, *settings]
        return Participant(name, command + ["--set", f"train.precision={options.precision}"], folder, options)

    participants = [ours("lmtc", options.task)] + [peer(name) for name in PEERS if name not in options.without]
    if options.plain:
        participants.append(ours("plain", "plain"))
    return participants, peer("float64")


def compared(found):
    """The numbers that a participant has in common with the reference: none where it computes another loss."""
    return [key for key in ("losses", "bounds") if key in found]


def differences(expected, found, tolerances):
    """What does not agree: lines of text."""
    lines = []
    for key in compared(found):
        for step, (value, other) in enumerate(zip(expected[key], found[key])):
            tolerance = tolerances[min(step, 1)]
            # A comparison with NaN is false.
            if not abs(value - other) <= tolerance * abs(value):
                lines.append(f"step {step + 1}: {key} {other:.8g}, in float64 {value:.8g} (±{tolerance:g} of it)")
    return lines


def check(participant, expected, found, tolerances):
    lines = differences(expected, found, tolerances)
    if lines:
        sys.exit("\n  ".join([f"{participant.name} computes something else, so no times are reported:"] + lines))


def compare(options, workload, folder):
    participants, reference = start(options, workload, folder)
    checked = CHECKED_STEPS[workload]
    tolerances = TOLERANCES[options.precision]
    first = f"steps {checked}"
    begin = time.perf_counter()
    if options.together:
        for participant in participants:
            participant.send(first)
    expected = reference.ask(first)
    reference.stop()
    for participant in participants:
        if not options.together:
            begin = time.perf_counter()
            participant.send(first)
        found = participant.answer()
        participant.start_seconds = time.perf_counter() - begin
        participant.versions = participant.ask("describe")["versions"]
        check(participant, expected, found, tolerances)
        participant.deviation = max(
            (abs(a - b) / abs(a) for key in compared(found) for a, b in zip(expected[key], found[key])), default=0
        )
    single = participants[0].ask(f"steps {checked}")["seconds"] / checked
    steps = max(1, round(options.seconds / single))
    for _ in range(options.rounds):
        for participant in participants:
            time.sleep(PAUSE)
            found = participant.ask(f"steps {steps}")
            check(participant, expected, found, tolerances)
            participant.seconds.append(found["seconds"] / steps)
            participant.product_seconds.append(participant.ask(f"product {ORDER}")["seconds"])
    for participant in participants:
        participant.peak = participant.peak_bytes()
        participant.stop()
    report(options, workload, participants, expected, steps)


def report(options, workload, participants, expected, steps):
    network = WORKLOADS[workload]
    operations = network.step_operations() if options.task == "step" else network.forward_operations()
    rates = {p.name: 2 * ORDER**3 / statistics.median(p.product_seconds) for p in participants}
    fastest = max(rates, key=rates.get)
    print(
        f"\n{workload}: batch {network.batch}, {operations / 1e9:.3g} GFLOP, {options.task}, {options.precision}, {options.threads} threads,"
        f" lmtc on {options.device}, peers on {options.peer_device}; {options.rounds} rounds of {steps} steps"
    )
    names = ("loss", "L") if options.task == "step" else ("mean square of the logits", "the largest magnitude")
    values = [f"{name} {expected[key][0]:.6g}" for name, key in zip(names, ("losses", "bounds"))]
    print(f"{' and '.join(values)} in the first step, in float64")
    print(f"SGEMM of order {ORDER}: {rates[fastest] / 1e9:.0f} GFLOP/s by {fastest}, the fastest\n")
    heading = ("", "ms a step", "rounds", "times lmtc", "rounds", "of SGEMM", "start, s", "MiB", "off by")
    print(ROW.format(*heading))
    for participant in participants:
        print(ROW.format(*columns(participant, participants[0], operations / rates[fastest])))
    print("\n" + "\n".join(f"{p.name}: {p.versions}" for p in participants))


ROW = "{:14} {:>10} {:>17} {:>11} {:>13} {:>9} {:>9} {:>6} {:>8}"


def columns(participant, lmtc, least):
    """A row: `least` is the seconds of a step at the machine's rate."""
    median = statistics.median(participant.seconds)
    ratios = [a / b for a, b in zip(participant.seconds, lmtc.seconds)]

    def spread(values, scale, digits):
        return f"{scale * min(values):.{digits}f}–{scale * max(values):.{digits}f}"

    digits = 3 if median < 0.01 else 1
    return (
        participant.name,
        f"{1e3 * median:.{digits}f}",
        spread(participant.seconds, 1e3, digits),
        f"{statistics.median(ratios):.2f}",
        spread(ratios, 1, 2),
        f"{100 * least / median:.0f} %",
        f"{participant.start_seconds:.1f}",
        f"{participant.peak / 2**20:.0f}",
        f"{participant.deviation:.0e}",
    )


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor()


def load():
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def main():
    options = parse_arguments()
    print(f"{time.strftime('%Y-%m-%d')}, {processor()}, {len(os.sched_getaffinity(0))} cores, {platform.platform()}")
    print(f"load before: {load()}; near 0 where nothing else runs")
    print("GOMP_SPINCOUNT of the peers:", os.environ.get("GOMP_SPINCOUNT", SPIN_COUNT))
    with tempfile.TemporaryDirectory() as folder:
        for workload in options.workloads or USUAL:
            compare(options, workload, pathlib.Path(folder))
    print(f"\nload after: {load()}; the programs themselves add up to {options.threads}")


main()
