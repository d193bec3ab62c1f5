"""Writes theories.json: what numpy, SciPy and scikit-learn make of small scientists.

Every scientist is a polynomial S, a shift b and a few weights; the terms are computed here anew.
Run with numpy, scipy and scikit-learn installed (made with numpy 2.4, SciPy 1.17, scikit-learn 1.9):

    python crates/mass-interp/tests/golden/make_theories.py
"""

import itertools
import json
import pathlib

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.linalg import null_space
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import squareform
from sklearn.decomposition import PCA
from sklearn.metrics import r2_score
from sklearn.utils.extmath import svd_flip

rng = np.random.default_rng(0)
STATES = 120
x, y = np.round(rng.uniform(-1, 1, STATES), 12), np.round(rng.uniform(-0.9, 0.9, STATES), 12)
MATRICES = ["Sxx", "Syy", "Sxy", "Sxx^-1", "Syy^-1", "Sxy^-1"]
VECTORS = ["x", "y", "Sx", "Sy"]
NAMES = VECTORS + [f"{a} {v}" for a in MATRICES for v in VECTORS]
NAMES += [f"{a} {b} {v}" for a in MATRICES for b in MATRICES for v in VECTORS]


def derivatives(coefficients):
    """S and its derivatives at the states, from {(i, j): c} for c x^i y^j."""

    def term(i, j, c, di, dj):
        for k in range(di):
            c, i = c * i, i - 1
        for k in range(dj):
            c, j = c * j, j - 1
        return np.zeros(STATES) if c == 0 else c * x**i * y**j

    orders = {"S": (0, 0), "Sx": (1, 0), "Sy": (0, 1), "Sxx": (2, 0), "Syy": (0, 2), "Sxy": (1, 1)}
    return {
        name: sum(term(i, j, c, *order) for (i, j), c in coefficients.items())
        for name, order in orders.items()
    }


def terms(coefficients, b):
    d = derivatives(coefficients)
    vectors = {"x": x, "y": y, "Sx": d["Sx"], "Sy": d["Sy"]}
    matrices = {name: d[name] for name in ["Sxx", "Syy", "Sxy"]}
    matrices |= {name + "^-1": 1 / (d[name] + b) for name in ["Sxx", "Syy", "Sxy"]}

    def value(name):
        out = np.ones(STATES)
        *factors, vector = name.split()
        for factor in factors:
            out = out * matrices[factor]
        return out * vectors[vector]

    return np.array([value(name) for name in NAMES]).T


class Scientist:
    def __init__(self, coefficients, b, weights):
        self.coefficients, self.b, self.weights = coefficients, b, weights
        self.w = np.zeros(len(NAMES))
        for name, weight in weights.items():
            self.w[NAMES.index(name)] = weight
        self.terms = terms(coefficients, b)
        self.activations = self.terms * self.w
        self.law = self.activations.sum(axis=1)

    def term(self, name):
        return self.terms[:, NAMES.index(name)]

    def json(self):
        return {
            "scalar": [[i, j, c] for (i, j), c in self.coefficients.items()],
            "shift": self.b,
            "weights": self.weights,
        }


def pca(scientist):
    a = scientist.activations
    fitted = PCA(svd_solver="full").fit(a)
    u, s, v = np.linalg.svd(a - a.mean(axis=0), full_matrices=False)
    u, v = svd_flip(u, v, u_based_decision=True)
    return {
        "ratios": fitted.explained_variance_ratio_.tolist(),
        "variances": fitted.explained_variance_.tolist(),
        "loadings": fitted.components_[0].tolist(),
        "scores": fitted.transform(a)[:, 0].tolist(),
        "scores_by_score": (u[:, 0] * s[0]).tolist(),
    }


def constrained(scientist, u, v):
    """Eq. 7-10 with (c, d) as 2T unknowns and T explicit constraints, by the null-space method."""
    a, half = scientist.activations, STATES // 2
    count = a.shape[1]
    fit = a[:half]
    zero = np.zeros_like(fit)
    design = np.block([[fit, zero], [zero, fit]])
    target = np.concatenate([u[:half], v[:half]])
    constraint, one = np.hstack([np.eye(count)] * 2), np.ones(count)
    particular = np.linalg.lstsq(constraint, one)[0]
    free = null_space(constraint)
    # lstsq gives the free part of least norm, which is orthogonal to the particular one.
    z = np.linalg.lstsq(design @ free, target - design @ particular, rcond=1e-7)[0]
    c, d = np.split(particular + free @ z, 2)
    assert np.abs(c + d - 1).max() < 1e-12

    def r2(rows):
        found, expected = np.array([a[rows] @ c, a[rows] @ d]).T, np.array([u[rows], v[rows]]).T
        return r2_score(expected, found, multioutput="variance_weighted")

    held = slice(half, None)
    free = np.linalg.lstsq(fit, np.array([u[:half], v[:half]]).T, rcond=1e-7)[0]
    expected = np.array([u[held], v[held]]).T
    return {
        "r2_free": r2_score(expected, a[held] @ free, multioutput="variance_weighted"),
        "r2": r2(held),
        "r2_fitted": r2(slice(half)),
        "r2_u": r2_score(u[held], a[held] @ c),
        "r2_v": r2_score(v[held], a[held] @ d),
        "c": c.tolist(),
    }


def distillation(scientist):
    u, v = scientist.term("Syy^-1 Sx"), -scientist.term("Syy^-1 Sxy y")
    a, half, target = scientist.activations, STATES // 2, -scientist.term("Sx")
    c = np.linalg.lstsq(a[:half], target[:half], rcond=1e-7)[0]
    factor = np.linalg.lstsq(scientist.law[:half, None], target[:half])[0][0]
    order = np.argsort(-np.abs(a).mean(axis=0))[:2]
    return {
        "lagrangian": constrained(scientist, u, v),
        "printed": constrained(scientist, u, -v),
        "largest": {"terms": [NAMES[i] for i in order]}
        | constrained(scientist, a[:, order[0]], a[:, order[1]]),
        "free": r2_score(target[half:], a[half:] @ c),
        "scaled": r2_score(target[half:], scientist.law[half:] * factor),
        "fixed": r2_score(target[half:], scientist.law[half:]),
    }


# Alpha: L = -(1 + x^2/2) sqrt(1 - y^2), T = 1/sqrt(1 - y^2), V = x^2/2 sqrt(1 - y^2).
root = np.sqrt(1 - y**2)
t, v = 1 / root, x**2 / 2 * root
alpha_law = -x * (1 - y**2) / (1 + x**2 / 2)


def energies(scientist):
    s = derivatives(scientist.coefficients)["S"]
    design = np.array([t, v, np.ones(STATES)]).T
    c = np.linalg.lstsq(design, s)[0]
    return {"coefficients": c.tolist(), "r2": r2_score(s, design @ c)}


def theory(scientist):
    l_x, l_yy, l_xy = -x * root, (1 + x**2 / 2) / root**3, x * y / root
    columns = {"lagrangian": [l_x / l_yy, -l_xy * y / l_yy], "hamiltonian": [-x * root]}
    a = scientist.activations - scientist.activations.mean(axis=0)
    out = {}
    for name, exact in columns.items():
        design = np.array(exact + [np.ones(STATES)]).T
        residual = a - design @ np.linalg.lstsq(design, a)[0]
        out[name] = 1 - (residual**2).sum() / (a**2).sum()
    return out


def degree(name):
    *factors, vector = name.split()
    return sum(-1 if f.endswith("-1") else 1 for f in factors) + vector.startswith("S")


def exchange(of_a, of_b):
    """The score of A reading B on several systems, one factor for all; here all are of one law."""
    variance = alpha_law.var()
    bounded = lambda e: np.minimum(1, e**2 / variance).mean()
    powers = np.array([degree(name) for name in NAMES])
    of_constant = bounded(alpha_law - alpha_law.mean())

    def loss(log, sign):
        factor = np.exp(log * powers) * (np.where(powers % 2, -1, 1) if sign < 0 else 1)
        laws = [(b.terms * a.w * factor).sum(axis=1) - a.law for a, b in zip(of_a, of_b)]
        return np.mean([min(1, bounded(law) / of_constant) for law in laws])

    best = 1.0
    for sign in [1, -1]:
        grid = np.linspace(-11, 11, 4001)
        values = np.array([loss(g, sign) for g in grid])
        at = values.argmin()
        around = (grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)])
        refined = minimize_scalar(lambda g: loss(g, sign), bounds=around, options={"xatol": 1e-12})
        best = min(best, values.min(), refined.fun)
    return 1 - best


def helmholtz(law, slope, degree):
    """On the states' bounding box, with exact dF/dy."""
    f, f_y, half = law(x, y), slope(x, y), STATES // 2
    legendre = np.polynomial.legendre

    def axis(values):
        low, high = values.min(), values.max()
        t = (2 * values - low - high) / (high - low)
        unit = np.eye(degree + 1)
        p = legendre.legvander(t, degree)
        dp = np.array([legendre.legval(t, legendre.legder(e)) for e in unit]).T * 2 / (high - low)
        return p, dp

    (p, p_x), (q, q_y) = axis(x), axis(y)
    pairs = [(i, j) for i, j in itertools.product(range(degree + 1), repeat=2) if 0 < i + j <= degree]
    design = np.array([y * p_x[:, i] * q[:, j] + f * p[:, i] * q_y[:, j] for i, j in pairs]).T
    c = np.linalg.lstsq(design[:half], -f_y[:half])[0]
    left = design[half:] @ c + f_y[half:]
    return {"friction": np.sqrt((left**2).mean()), "divergence": np.sqrt((f_y[half:] ** 2).mean())}


polynomials = [
    {(2, 0): -0.5, (0, 2): 0.8, (2, 2): 0.25, (0, 4): 0.3, (1, 1): 0.4, (3, 1): 0.1},
    {(2, 0): 0.7, (0, 2): 1.1, (2, 1): 0.3, (4, 0): 0.1, (1, 2): 0.2, (0, 0): 3.0},
    {(2, 0): -1.5, (0, 2): 2.4, (2, 2): 0.7, (0, 4): 0.9, (1, 1): 1.2, (3, 1): 0.35},
]
lagrangian = {"Syy^-1 Sx": 0.8, "Syy^-1 Sxy y": -0.7}
scientists = [
    Scientist(polynomials[0], 0.05, lagrangian | {"Sx": 0.3, "Syy^-1 x": -0.2, "Sxx Sy": 0.1}),
    # A pair of equal functions, so that the coefficients of least norm are not the only ones.
    Scientist(
        polynomials[1], 0.2, {"Sx": -0.9, "Syy Sxx x": 0.2, "Sxx Syy x": 0.1, "Syy Sx": 0.15, "Sxy y": -0.1}
    ),
    Scientist(polynomials[2], 0.1, lagrangian | {"Sxx x": 0.1, "Syy^-1 x": -0.5}),
]
# The same three with a scalar for a second system, read by the same layer.
seconds = [
    Scientist(polynomials[(i + 1) % 3], 0.07 * (i + 1), scientist.weights)
    for i, scientist in enumerate(scientists)
]

agreement = np.round(rng.uniform(0, 1, (9, 9)), 6)
blocks = np.array([0, 1, 0, 2, 1, 0, 2, 1, 0])
agreement = np.where(blocks[:, None] == blocks, 0.85 + 0.15 * agreement, 0.6 * agreement)
agreement = np.round(np.minimum(agreement, agreement.T), 9)
np.fill_diagonal(agreement, 1)
tree = linkage(squareform(1 - agreement, checks=False), method="average")

out = {
    "x": x.tolist(),
    "y": y.tolist(),
    "alpha": alpha_law.tolist(),
    "scientists": [
        scientist.json()
        | {
            "law": scientist.law.tolist(),
            "pca": pca(scientist),
            "distillation": distillation(scientist),
            "energies": energies(scientist),
            "theory": theory(scientist),
        }
        for scientist in scientists
    ],
    "exchange": [[exchange([a], [b]) for b in scientists] for a in scientists],
    "seconds": [scientist.json() for scientist in seconds],
    "together": [
        [exchange(a, b) for b in zip(scientists, seconds)] for a in zip(scientists, seconds)
    ],
    "helmholtz": {
        "damped": helmholtz(lambda x, y: -x - 0.5 * y, lambda x, y: -0.5 + 0 * x, 4),
        "relativistic": helmholtz(
            lambda x, y: -x * (1 - y**2) ** 1.5, lambda x, y: 3 * x * y * np.sqrt(1 - y**2), 4
        ),
    },
    "families": {
        "agreement": agreement.tolist(),
        "least": 0.8,
        "linkage": tree.tolist(),
        "labels": fcluster(tree, 1 - 0.8, criterion="distance").tolist(),
    },
}
path = pathlib.Path(__file__).with_name("theories.json")
path.write_text(json.dumps(out) + "\n")
