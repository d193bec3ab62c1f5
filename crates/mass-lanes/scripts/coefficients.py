"""Prints the polynomials of `Real`: Chebyshev series in 60 digits, cut below rounding, written as powers.

- erfc: P(2t - 1) = 1/2 exp(z²) erfc(z) / t with t = 1 / (1 + 0.3 z), z >= 0. The sizes of the coefficients add up to
  half of 1.002, so Horner's rule loses nothing.
- exp: P(x) = (exp(x) - 1) / x on |x| <= 1/2 ln 2.
- power: P(r) = 2^(-r) / sqrt(tau) on |r| <= 1/2, for f32.
- mills: P(z) = (1 - normal distribution(z)) / density(z) on 0 <= z <= 13, for f32: the polynomial whose error times
  the density is least in size, by Lawson's iteration (reweighted least squares in doubles).

Needs mpmath, NumPy and SciPy.
"""

import numpy
from scipy.special import erfcx

from mpmath import cos, erfc, exp, expm1, log, mp, mpf, nstr, pi, sqrt

NODES = 80
HALF_LN_2 = log(2) / 2


def scaled_erfc(z):
    """exp(z²) erfc(z), by its asymptotic series where erfc is tiny."""
    if z < 30:
        return exp(z * z) * erfc(z)
    total = term = mpf(1)
    for k in range(1, 60):
        term *= -(2 * k - 1) / (2 * z * z)
        total += term
    return total / (z * sqrt(pi))


def erfc_part(s):
    t = (1 + s) / 2
    return scaled_erfc((1 / t - 1) / mpf("0.3")) / t / 2


def exp_part(s):
    x = s * half_width
    return expm1(x) / x if x else mpf(1)


def power_part(s):
    return mpf(2) ** (-s * half) / sqrt(2 * pi)


def mills(degree):
    """Coefficients of the powers of z, the lowest first, and the largest error times the density."""
    z = numpy.concatenate([numpy.linspace(0, 6.5, 4000), numpy.linspace(6.5, 13, 1500)])
    ratio, density = numpy.sqrt(numpy.pi / 2) * erfcx(z / numpy.sqrt(2)), numpy.exp(-z * z / 2) / numpy.sqrt(2 * numpy.pi)
    basis = numpy.polynomial.chebyshev.chebvander(z / 3.25 - 1, degree)
    weights = numpy.ones_like(z)
    for _ in range(400):
        scale = numpy.sqrt(weights) * density
        found, *_ = numpy.linalg.lstsq(basis * scale[:, None], ratio * scale, rcond=None)
        error = density * abs(basis @ found - ratio)
        weights *= error / error.max() + 1e-9
        weights /= weights.sum()
    in_s = numpy.polynomial.chebyshev.cheb2poly(found)
    total = numpy.polynomial.Polynomial([0.0])
    for coefficient in reversed(in_s):
        total = total * numpy.polynomial.Polynomial([-1, 1 / 3.25]) + coefficient
    return total.coef, error.max()


def series(function):
    """Chebyshev coefficients on [-1, 1]."""
    angles = [pi * (k + mpf(1) / 2) / NODES for k in range(NODES)]
    values = [function(cos(angle)) for angle in angles]
    found = [2 / mpf(NODES) * sum(v * cos(j * a) for v, a in zip(values, angles)) for j in range(NODES)]
    found[0] /= 2
    return found


def powers(chebyshev):
    """Coefficients of the powers, the lowest first."""
    total = [mpf(0)] * len(chebyshev)
    previous, current = [mpf(1)], [mpf(0), mpf(1)]
    for coefficient in chebyshev:
        for power, value in enumerate(previous):
            total[power] += coefficient * value
        following = [mpf(0)] + [2 * value for value in current]
        for power, value in enumerate(previous):
            following[power] -= value
        previous, current = current, following
    return total


mp.dps = 60
half_width = log(mpf(2)) / 2 * mpf("1.0005")
half = mpf("0.50025")
for name, function, width, degrees in [
    ("erfc", erfc_part, mpf(1), {"f64": 22}),
    ("exp", exp_part, half_width, {"f32": 5, "f64": 11}),
    ("power", power_part, half, {"f32": 5}),
]:
    chebyshev = series(function)
    for number, degree in degrees.items():
        tail = sum(abs(c) for c in chebyshev[degree + 1 :])
        print(f"{name}, {number}: degree {degree}, tail {nstr(tail, 3)}")
        found = powers(chebyshev[: degree + 1])
        for power in reversed(range(degree + 1)):
            print(f"    {nstr(found[power] / width**power, 18)},")

found, error = mills(11)
print(f"mills, f32: degree 11, error times density {error:.3}")
for coefficient in reversed(found):
    print(f"    {coefficient:.9e},")
