"""Writes a synthetic case file for `reference_step.py`: random weights, states of known physics (d = 1).

It stands in for an exported case where only this folder is at hand: to try the script, to time it, and in its checks.
"""

import argparse
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

TERMS = 172
# The acceleration and the half-widths of the box that (x, y) is drawn from.
SYSTEMS = {
    "classical": (lambda x, y: -x, (1.0, 1.0)),
    "pendulum": (lambda x, y: -np.sin(x), (np.pi, np.pi)),
    "relativistic": (lambda x, y: -x * (1 - y * y) ** 1.5, (1.0, 0.9)),
    "alpha": (lambda x, y: -x * (1 - y * y) / (1 + x * x / 2), (1.0, 0.9)),
}


def write_case(
    path: Path,
    systems: list[str],
    dtype: str = "f64",
    seed: int = 0,
    steps: int = 200,
    warmup: int = 100,
    decay: int = 100,
    rows: int = 10_000,
    batch: int = 512,
    hidden: int = 5,
    width: int = 20,
    members: int | None = None,
    shift: float = 0.0,
) -> None:
    """Draws a case in f64 and writes it in `dtype` (f32 or f64), so that both hold the same case.

    With `members`, every tensor has a leading axis of that length; scientist e is the case of seed + e.
    `shift` is added to every b: 0.5 and more keeps the inverses away from their poles.
    """
    sizes = {"steps": steps, "rows": rows, "batch": batch, "hidden": hidden, "width": width}
    drawn = [draw_tensors(systems, seed + e, **sizes) for e in range(members or 1)]
    for of in drawn:
        of["b"] += shift
    tensors = drawn[0] if members is None else {name: np.stack([of[name] for of in drawn]) for name in drawn[0]}
    number = {"f32": np.float32, "f64": np.float64}[dtype]
    tensors = {k: np.ascontiguousarray(v if v.dtype == np.int64 else v.astype(number)) for k, v in tensors.items()}
    metadata = {"steps": steps, "warmup": warmup, "decay": decay, "d": 1, "systems": ",".join(systems)}
    if members is not None:
        metadata["members"] = members
    save_file(tensors, str(path), metadata={key: str(value) for key, value in metadata.items()})


def draw_tensors(
    systems: list[str], seed: int, steps: int, rows: int, batch: int, hidden: int, width: int
) -> dict[str, np.ndarray]:
    """The tensors of one scientist."""
    draw = np.random.default_rng(seed)
    tensors = {
        "b": draw.normal(0.0, 0.1, len(systems)),
        "w": draw.uniform(-1, 1, TERMS) / np.sqrt(TERMS),
    }
    for i, system in enumerate(systems):
        acceleration, box = SYSTEMS[system]
        sizes = [5] + [width] * hidden + [1]
        for layer, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
            bound = 1 / np.sqrt(fan_in)
            tensors[f"net.{i}.layer.{layer}.weight"] = draw.uniform(-bound, bound, (fan_out, fan_in))
            tensors[f"net.{i}.layer.{layer}.bias"] = draw.uniform(-bound, bound, fan_out)
        states = draw.uniform(-1, 1, (rows, 2)) * np.array(box)
        tensors[f"states.{i}"] = states
        tensors[f"targets.{i}"] = acceleration(states[:, :1], states[:, 1:])
        tensors[f"batches.{i}"] = np.stack([draw.permutation(rows)[:batch] for _ in range(steps)])
    return tensors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--systems", default="classical", help=f"comma-separated, of {', '.join(SYSTEMS)}")
    parser.add_argument("--dtype", choices=["f32", "f64"], default="f64")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--members", type=int, help="scientists in the file (without it, one and no leading axis)")
    arguments = parser.parse_args()
    systems = arguments.systems.split(",")
    unknown = [system for system in systems if system not in SYSTEMS]
    if unknown:
        parser.error(f"unknown system {unknown[0]}; known: {', '.join(SYSTEMS)}")
    write_case(
        arguments.path, systems, arguments.dtype, arguments.seed, arguments.steps, members=arguments.members
    )


if __name__ == "__main__":
    main()
