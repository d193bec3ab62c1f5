"""Golden values for tests/all/derivatives.rs, by routes that share nothing with the crate.

    python3 -m venv venv && venv/bin/pip install scipy==1.17.1 numpy==2.4.6 pynumdiff==0.3 derivative==0.6.3 mpmath==1.4.1
    venv/bin/python crates/mass-data/tests/golden/derivatives.py > crates/mass-data/tests/golden/derivatives.json

- scipy: the cubic smoothing spline in a basis of B-splines, lambda given and by GCV; Savitzky-Golay filters.
- mpmath, 60 digits: the quintic smoothing spline and its posterior variance by the reproducing kernel of
  Wahba (1978), a dense system of all rows.
- derivative: finite differences and its Kalman smoother (which is the cubic spline).
- pynumdiff: noisy test signals of its own, and the errors of its methods with the parameters that its optimiser finds best
  by the true rate: what those methods can reach, not what a person would get.
"""

import importlib.metadata as metadata
import json

import derivative
import mpmath
import numpy as np
from scipy.interpolate import make_smoothing_spline
from scipy.signal import savgol_filter

mpmath.mp.dps = 60
rng = np.random.default_rng(20261126)


def short(values, digits=15):
    return [float(f"{v:.{digits}g}") for v in values]


def spline():
    t = np.cumsum(rng.uniform(0.05, 0.2, 60))
    y = np.sin(1.3 * t) + 0.3 * t + 0.05 * rng.standard_normal(60)
    out = {"t": short(t), "y": short(y)}
    for name, lam in [("given", 2e-3), ("gcv", None)]:
        f = make_smoothing_spline(t, y, lam=lam)
        out[name] = {"lambda": lam, "value": [short(f.derivative(k)(t) if k else f(t), 12) for k in range(3)]}
    return out


def quintic():
    n, lam = 30, mpmath.mpf("0.0004")
    t = [mpmath.mpf(repr(float(v))) for v in short(np.cumsum(rng.uniform(0.05, 0.2, n)), 12)]
    y = [mpmath.mpf(repr(float(v))) for v in short([float(mpmath.sin(2 * s)) for s in t] + 0.05 * rng.standard_normal(n), 12)]

    def kernel(s, u, a, b):
        # d^a/ds^a d^b/du^b of the integral of (s-w)^2 (u-w)^2 / 4 from 0 to min(s, u).
        low = min(s, u)
        coefficient = {0: mpmath.mpf(1) / 2, 1: mpmath.mpf(1), 2: mpmath.mpf(1)}

        def power(x, k):  # (x-w)^(2-k) as a polynomial in w, lowest first
            return {0: [x * x, -2 * x, 1], 1: [x, -1], 2: [1]}[k]

        total = mpmath.mpf(0)
        for i, p in enumerate(power(s, a)):
            for j, q in enumerate(power(u, b)):
                total += mpmath.mpf(p) * q * low ** (i + j + 1) / (i + j + 1)
        return coefficient[a] * coefficient[b] * total

    k = mpmath.matrix(n, n)
    for i in range(n):
        for j in range(n):
            k[i, j] = kernel(t[i], t[j], 0, 0)
    design = mpmath.matrix([[s**p for p in range(3)] for s in t])
    inverse = (k + lam * mpmath.eye(n)) ** -1
    gram = (design.T * inverse * design) ** -1
    yv = mpmath.matrix(y)
    d = gram * (design.T * (inverse * yv))
    c = inverse * (yv - design * d)

    def basis(s, a):
        return mpmath.matrix([[1, s, s * s], [0, 1, 2 * s], [0, 0, 2]][a])

    values, variances = [], []
    for a in range(3):
        value, variance = [], []
        for s in t:
            cross = mpmath.matrix([kernel(s, u, a, 0) for u in t])
            value.append(float((basis(s, a).T * d)[0] + (cross.T * c)[0]))
            # With sigma = 1 the signal's covariance is kernel/lambda.
            rest = basis(s, a) - design.T * (inverse * cross)
            v = kernel(s, s, a, a) - (cross.T * (inverse * cross))[0] + (rest.T * gram * rest)[0]
            variance.append(float(v / lam))
        values.append(short(value, 13))
        variances.append(short(variance, 13))
    return {"t": short([float(s) for s in t]), "y": short([float(s) for s in y]), "lambda": float(lam),
            "value": values, "variance": variances}


def local():
    t = np.arange(40) * 0.1
    y = np.cos(t) + 0.02 * rng.standard_normal(40)
    golay = [short(savgol_filter(y, 9, 4, deriv=k, delta=0.1, mode="interp")) for k in range(3)]
    # derivative: five points, centred; its ends differ, so that only the middle is compared.
    difference = derivative.dxdt(y, t, kind="finite_difference", k=2)
    kalman = derivative.dxdt(y, t, kind="kalman", alpha=0.01)
    return {"t": short(t), "y": short(y), "golay": golay, "difference": short(difference), "kalman": short(kalman),
            "alpha": 0.01}


def signals():
    import pynumdiff
    from pynumdiff.optimize import optimize
    from pynumdiff.utils import simulate

    out = []
    for name in ["sine", "pop_dyn", "lorenz_x"]:
        noisy, truth, rate = getattr(simulate, name)(duration=4, dt=0.02, noise_type="normal", noise_parameters=(0, 0.05 if name != "lorenz_x" else 0.1))
        noisy, truth, rate = (np.asarray(v).ravel() for v in (noisy, truth, rate))
        noisy = np.array(short(noisy, 9))
        errors = {}
        for method in [pynumdiff.savgoldiff, pynumdiff.rtsdiff, pynumdiff.splinediff]:
            try:
                kwargs = {"dxdt_truth": rate}
                fixed = {"order": 3, "forwardbackward": False} if method is pynumdiff.rtsdiff else {}
                params, _ = optimize(method, noisy, 0.02, search_space_updates=fixed, **kwargs)
                _, found = method(noisy, 0.02, **params)
                errors[method.__name__] = float(f"{np.sqrt(np.mean((np.asarray(found).ravel() - rate) ** 2)):.6g}")
            except Exception as problem:  # said in the file, so that the test fails if nothing is left
                errors[method.__name__ + " failed"] = str(problem)[:200]
        out.append({"name": name, "dt": 0.02, "noisy": short(noisy, 9), "truth": short(truth, 9), "rate": short(rate, 9),
                    "rmse_with_truth": errors})
    return out


versions = {p: metadata.version(p) for p in ["numpy", "scipy", "mpmath", "derivative", "pynumdiff"]}
print(json.dumps({"versions": versions, "spline": spline(), "quintic": quintic(), "local": local(), "signals": signals()}, separators=(",", ":")))
