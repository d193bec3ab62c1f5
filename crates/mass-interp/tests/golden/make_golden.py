"""Writes clustering.json: correlations and linkages as numpy and SciPy compute them.

Run with numpy and scipy installed (made with numpy 2.4, SciPy 1.17):

    python crates/mass-interp/tests/golden/make_golden.py
"""

import json
import pathlib

import numpy as np
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
from scipy.spatial.distance import pdist

ROWS, HEIGHT = 64, 0.6

rng = np.random.default_rng(0)
waves = rng.normal(size=(ROWS, 3))
kinds = [0, 1, 2, 0, 1, 2, 0, 1, 0, 2, 1]
signs = [1, -1, 1, -1, 1, -1, 1, 1, -1, 1, -1]
columns = [
    sign * (waves[:, kind] * rng.uniform(0.1, 10) + rng.normal(size=ROWS) * 0.1 * (i + 1)) + i
    for i, (kind, sign) in enumerate(zip(kinds, signs))
]
# As many digits as f64 has, rounded here so that both sides read the same numbers.
columns = np.round(np.array(columns), 12)
r = np.corrcoef(columns)


def condensed(name):
    if name == "rows":
        return pdist(r)
    distance = 1 - (np.abs(r) if name == "absolute" else r)
    return distance[np.triu_indices(len(r), 1)]


def tree(name):
    rows = linkage(condensed(name), method="average")
    leaves = leaves_list(rows).tolist()
    flat = fcluster(rows, HEIGHT, criterion="distance")
    # Numbered along the leaves, which SciPy does not promise.
    order = list(dict.fromkeys(flat[leaf] for leaf in leaves))
    return {
        "linkage": rows.tolist(),
        "leaves": leaves,
        "clusters": [order.index(label) for label in flat],
    }


out = {
    "columns": columns.tolist(),
    "correlation": r.tolist(),
    "height": HEIGHT,
    "trees": {name: tree(name) for name in ["absolute", "signed", "rows"]},
}
path = pathlib.Path(__file__).with_name("clustering.json")
path.write_text(json.dumps(out) + "\n")
