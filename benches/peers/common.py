"""What every program of this folder shares, in numpy alone: the constants of the objective, the names of the terms,
the case file, and the protocol of the timed workers.

Letters: E scientists, B batch, N dataset, d degrees of freedom, T terms, K systems.
"""

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy import ndarray
from safetensors import safe_open

LEARNING_RATE = 5e-4
BETAS = (0.7, 0.8)
EPSILON = 1e-8
WEIGHT_DECAY = 0.01
WARMUP_START = 0.1
EMA_DECAY = 0.99
LAMBDA_B = 0.5
LAMBDA_1 = 0.1
LAMBDA_2 = 0.01

VECTORS = ["x", "y", "S_x", "S_y"]
MATRICES = ["S_xx", "S_yy", "S_xy", "S_xx^-1", "S_yy^-1", "S_xy^-1"]


def term_names() -> list[str]:
    """The 172 terms in the compatibility order: v, then A v, then A1 A2 v; the last index runs fastest."""
    products = [f"{a} {v}" for a in MATRICES for v in VECTORS]
    triples = [f"{a} {b} {v}" for a in MATRICES for b in MATRICES for v in VECTORS]
    return VECTORS + products + triples


def is_degenerate(name: str) -> bool:
    """A raw coordinate vector, or a product that holds a matrix and its own inverse."""
    *matrices, _ = name.split(" ")
    if not matrices:
        return name in ("x", "y")
    return len(matrices) == 2 and (matrices[0] == matrices[1] + "^-1" or matrices[1] == matrices[0] + "^-1")


TERMS = term_names()
T = len(TERMS)
ACTIVE = [0.0 if is_degenerate(name) else 1.0 for name in TERMS]


@dataclass
class CaseFile:
    """One case file, read and checked; every array has the leading axis E, also where the file has none."""

    nets: list[list[tuple[ndarray, ndarray]]]
    b: ndarray
    w: ndarray
    states: list[ndarray]
    targets: list[ndarray]
    batches: list[ndarray]
    members: int
    steps: int
    warmup: int
    decay: int
    d: int
    systems: list[str]


def read_case_file(path: Path) -> CaseFile:
    """Reads a case file; any shape, dtype or count that does not fit ends the run with a sentence saying so."""

    def need(holds: bool, message: str) -> None:
        if not holds:
            sys.exit(f"{path}: {message}")

    need(path.is_file(), "no such file")
    with safe_open(str(path), framework="numpy") as file:
        meta = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    for key in ("steps", "warmup", "decay", "d", "systems"):
        need(key in meta, f"the metadata has no `{key}`")
    steps, warmup, decay, d = (int(meta[key]) for key in ("steps", "warmup", "decay", "d"))
    systems = [name.strip() for name in meta["systems"].split(",")]
    need(steps >= 1 and warmup >= 0 and d >= 1, "`steps` and `d` must be at least 1, `warmup` at least 0")
    need(steps <= warmup + decay, f"{steps} steps are more than {warmup} of warm-up and {decay} of decay")
    members = int(meta.get("members", 1))
    need(members >= 1, "`members` must be at least 1")
    leading = (members,) if "members" in meta else ()

    def take(name: str, shape: tuple, dtype=None) -> ndarray:
        need(name in tensors, f"there is no tensor `{name}`")
        tensor = tensors.pop(name)
        shape = leading + shape
        fits = len(shape) == tensor.ndim and all(s in (None, n) for s, n in zip(shape, tensor.shape))
        need(fits, f"`{name}` has the shape {list(tensor.shape)}, {list(shape)} is needed (None: any)")
        wanted = dtype or precision
        need(tensor.dtype == wanted, f"`{name}` is {tensor.dtype}, {wanted} is needed")
        return tensor if leading else tensor[None]

    need("w" in tensors, "there is no tensor `w`")
    precision = tensors["w"].dtype
    need(precision in (np.float32, np.float64), f"`w` is {precision}, f32 or f64 is needed")
    w = take("w", (T,))
    b = take("b", (len(systems),))
    nets, states, targets, batches = [], [], [], []
    for i in range(len(systems)):
        count = sum(name.startswith(f"net.{i}.layer.") and name.endswith(".weight") for name in tensors)
        need(count >= 2, f"net {i} needs at least one hidden layer and an output layer")
        fan_in, layers = 5 * d, []
        for layer in range(count):
            fan_out = 1 if layer == count - 1 else None
            weight = take(f"net.{i}.layer.{layer}.weight", (fan_out, fan_in))
            fan_in = weight.shape[1]
            layers.append((weight, take(f"net.{i}.layer.{layer}.bias", (fan_in,))))
        nets.append(layers)
        states.append(take(f"states.{i}", (None, 2 * d)))
        rows = states[i].shape[1]
        targets.append(take(f"targets.{i}", (rows, d)))
        batches.append(take(f"batches.{i}", (steps, None), np.dtype(np.int64)))
        inside = batches[i].size > 0 and 0 <= batches[i].min() and batches[i].max() < rows
        need(bool(inside), f"`batches.{i}` must hold rows of `states.{i}`, from 0 to {rows - 1}")
    need(not tensors, f"these tensors belong to no system: {', '.join(sorted(tensors))}")
    return CaseFile(nets, b, w, states, targets, batches, members, steps, warmup, decay, d, systems)


def number(value: float) -> str:
    """17 significant digits: every f64 (and f32) comes back exactly."""
    if not math.isfinite(value):
        sys.exit(f"the run met the value {value}: a result holds finite numbers only, and none was written")
    return f"{value:.17g}"


def numbers(values) -> str:
    return "[" + ", ".join(number(float(value)) for value in values) + "]"


def worker_arguments(description: str) -> argparse.ArgumentParser:
    """The command line of a worker; see the README for the protocol."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--case", type=Path, required=True, help="the exported case, a .safetensors file")
    parser.add_argument("--check", type=Path, metavar="OUT.json", help="write loss and gradient at the first batch")
    parser.add_argument("--values", type=int, default=8, help="how many values of each gradient --check writes")
    parser.add_argument("--after", type=int, default=0, help="train so many steps, then --check the moving average")
    parser.add_argument("--threads", type=int, default=1, help="cores to use (default 1)")
    return parser


def write_check(path: Path, loss: list[float], gradient: dict[str, ndarray], first: int) -> None:
    """Writes the loss of every scientist, and the norm and the first values of every gradient `[E, ...]`."""
    lines = []
    for name, values in gradient.items():
        flat = values.reshape(len(loss), -1).astype(np.float64)
        head = ", ".join(numbers(row[:first]) for row in flat)
        lines.append(f'  "{name}": {{"norm": {numbers(np.linalg.norm(flat, axis=1))}, "values": [{head}]}}')
    text = f'{{\n "loss": {numbers(loss)},\n "gradient": {{\n' + ",\n".join(lines) + "\n }\n}\n"
    json.loads(text)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    os.replace(partial, path)


def serve(prepare: Callable[[], tuple[dict, Callable[[int], None]]]) -> None:
    """Calls `prepare` for what to say and a trainer, says `ready`, then answers `steps N` with the wall seconds.

    The trainer returns when its work is done. Whatever else is printed meanwhile goes to the standard error.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    about, train = prepare()
    print("ready", json.dumps(about), file=answers)
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            return
        if len(words) != 2 or words[0] != "steps" or not words[1].isdigit():
            sys.exit(f"`steps N` or `quit` was expected, not {line!r}")
        begun = time.perf_counter()
        train(int(words[1]))
        print(f"{time.perf_counter() - begun:.9f}", file=answers)
