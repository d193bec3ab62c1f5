"""PyPARC and plain least squares on the worlds that mass-physicist finds out, judged alike.

    cargo run --release -p mass-physicist --example peers -- runs/physicist-peers
    benches/peers/physicist/setup.sh
    .peers-physicist/bin/python benches/peers/physicist/compare.py runs/physicist-peers

Prints a table in Markdown and leaves `peers.json` in the folder. `--worlds 4-1 10-3` chooses, `--seeds` says how often
PyPARC begins anew (5); of these beginnings the one whose predictions have the least squared error on what it learned
from is taken, for which no label is used.

PyPARC (Bemporad 2023, a mixture of affine laws over a polyhedral partition) is told how many laws there are, which
mass-physicist finds out, and is spared the windows that obey none. It is given the others in the coordinates that
mass-physicist fits in: second
differences r[t] - 2 r[t-1] + r[t-2] on r[t-1] and r[t-1] - r[t-2], each divided by its deviation. In raw positions
all laws are r[t] = 2 r[t-1] - r[t-2] to within a hundredth, and it tells none apart.
"""

import argparse
import itertools
import json
import statistics
import sys
import time
import types
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np


def parc():
    """PARC without what it imports for pictures and integer programs."""

    class Anything(types.ModuleType):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return lambda *_, **__: None

    for name in ("faiss", "mip", "pypoman", "matplotlib", "matplotlib.pyplot", "matplotlib.patches", "matplotlib.collections"):
        module = Anything(name)
        module.__all__, module.__path__ = [], []
        sys.modules.setdefault(name, module)
    from pyparc.parc import PARC

    return PARC


def windows(path: Path):
    """Features `[N, 4]`, targets `[N, 2]`, the deviation that a target's unit stands for `[2]`, and labels `[N]`."""
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    x, y, labels = [], [], []
    for ball in np.unique(table[:, 0]):
        rows = table[table[:, 0] == ball]
        r = rows[:, 2:4]
        x.append(np.hstack([r[1:-1], r[1:-1] - r[:-2]]))
        y.append(r[2:] - 2 * r[1:-1] + r[:-2])
        labels.append(rows[2:, 4].astype(int))
    x, y, labels = np.vstack(x), np.vstack(y), np.concatenate(labels)
    # Bounces and passages, which mass-physicist has to find out, are left away: they would outweigh all laws.
    of_law = labels > 0
    x, y, labels = x[of_law], y[of_law], labels[of_law]
    unit = y.std(0)
    return (x - x.mean(0)) / x.std(0), y / unit, unit, labels


def accuracy(labels, found) -> float:
    """Windows of a law whose region is right, as a share, regions given the laws' names in the best way."""
    of_law = labels > 0
    labels, found = labels[of_law] - 1, found[of_law]
    laws = int(labels.max()) + 1
    regions = max(int(found.max()) + 1, laws)
    counts = np.array([[np.sum((labels == i) & (found == j)) for j in range(regions)] for i in range(laws)])
    best = max(sum(counts[i, j] for i, j in enumerate(p)) for p in itertools.permutations(range(regions), laws))
    return float(best / len(labels))


def squared_error(labels, predicted, y, unit) -> float:
    """Mean over windows of a law of the squared error, summed over coordinates, in the unit of the positions."""
    misses = (predicted - y)[labels > 0] * unit
    return float(np.mean(np.sum(misses**2, axis=1)))


def least_squares(x, y):
    features = np.hstack([x, np.ones((len(x), 1))])
    return features @ np.linalg.lstsq(features, y, rcond=None)[0]


def by_parc(PARC, x, y, laws: int, seeds: int, separation: str):
    """The best of some beginnings by its own error: predictions, regions, seconds of all of them."""
    begun, best = time.process_time(), None
    for seed in range(seeds):
        np.random.seed(seed)
        model = PARC(K=laws, alpha=1e-8, sigma=1.0, separation=separation, maxiter=50, cost_tol=1e-8, verbose=0)
        model.fit(x, y, np.zeros(y.shape[1], dtype=int))
        predicted, regions = model.predict(x)
        error = float(np.mean((predicted - y) ** 2))
        if best is None or error < best[0]:
            best = (error, predicted, np.asarray(regions).astype(int))
    return best[1], best[2], time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--worlds", nargs="*")
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    PARC = parc()
    warnings.simplefilter("ignore")
    ours = json.loads((arguments.folder / "ours.json").read_text())
    record = {"noise": ours["noise"], "seeds": arguments.seeds, "worlds": []}
    record["versions"] = {name: version(name) for name in ("pyparc", "scikit-learn", "numpy", "scipy")}
    for own in ours["worlds"]:
        if arguments.worlds and own["world"] not in arguments.worlds:
            continue
        x, y, unit, labels = windows(arguments.folder / f"{own['world']}.csv")
        one = {"world": own["world"], "laws": own["laws"], "mass-physicist": own}
        begun = time.process_time()
        predicted = least_squares(x, y)
        one["least squares"] = {
            "accuracy": accuracy(labels, np.zeros(len(labels), dtype=int)),
            "squared_error": squared_error(labels, predicted, y, unit),
            "seconds": time.process_time() - begun,
        }
        for separation in ("Softmax", "Voronoi"):
            predicted, regions, seconds = by_parc(PARC, x, y, own["laws"], arguments.seeds, separation)
            one[f"PyPARC, {separation}"] = {
                "accuracy": accuracy(labels, regions),
                "squared_error": squared_error(labels, predicted, y, unit),
                "seconds": seconds,
            }
        record["worlds"].append(one)
        print(json.dumps(one), file=sys.stderr)
    (arguments.folder / "peers.json").write_text(json.dumps(record, indent=1) + "\n")
    print(f"{len(record['worlds'])} worlds, noise {record['noise']}, {record['versions']}")
    print("| program | accuracy: median (least, most) | worlds at 99.9 % | log10 of the squared error: median (least, most) | seconds a world: median (most) |")
    print("|---|---|---|---|---|")
    for program in ("mass-physicist", "PyPARC, Softmax", "PyPARC, Voronoi", "least squares"):
        of = [one[program] for one in record["worlds"]]
        right = [one["accuracy"] for one in of]
        errors = [float(np.log10(max(one["squared_error"], 1e-300))) for one in of]
        seconds = [one["seconds"] for one in of]
        print(
            f"| {program} | {100 * statistics.median(right):.2f} % ({100 * min(right):.2f}, {100 * max(right):.2f}) "
            f"| {sum(one >= 0.999 for one in right)} of {len(right)} "
            f"| {statistics.median(errors):.1f} ({min(errors):.1f}, {max(errors):.1f}) "
            f"| {statistics.median(seconds):.2f} ({max(seconds):.2f}) |"
        )


if __name__ == "__main__":
    main()
