"""Prints the coefficients of `Real::ERFC`: P(2t - 1) = exp(z²) erfc(z) / t with t = 1 / (1 + 0.3 z), z >= 0.

A Chebyshev series in 60 digits, cut where its tail is below rounding and written as powers (the sum of the sizes
of the coefficients is 1.002, so Horner's rule loses nothing). Needs mpmath.
"""

from mpmath import cos, erfc, exp, mp, mpf, nstr, pi, sqrt

SLOPE = mpf("0.3")
NODES = 80


def scaled_erfc(z):
    """exp(z²) erfc(z), by its asymptotic series where erfc is tiny."""
    if z < 30:
        return exp(z * z) * erfc(z)
    total = term = mpf(1)
    for k in range(1, 60):
        term *= -(2 * k - 1) / (2 * z * z)
        total += term
    return total / (z * sqrt(pi))


def fitted(s):
    t = (1 + s) / 2
    return scaled_erfc((1 / t - 1) / SLOPE) / t


def powers(series):
    """Coefficients of the powers, the lowest first, of a Chebyshev series."""
    total = [mpf(0)] * len(series)
    previous, current = [mpf(1)], [mpf(0), mpf(1)]
    for coefficient in series:
        for power, value in enumerate(previous):
            total[power] += coefficient * value
        following = [mpf(0)] + [2 * value for value in current]
        for power, value in enumerate(previous):
            following[power] -= value
        previous, current = current, following
    return total


mp.dps = 60
angles = [pi * (k + mpf(1) / 2) / NODES for k in range(NODES)]
values = [fitted(cos(angle)) for angle in angles]
series = [2 / mpf(NODES) * sum(v * cos(j * a) for v, a in zip(values, angles)) for j in range(NODES)]
series[0] /= 2
for name, degree in [("f32", 9), ("f64", 22)]:
    tail = sum(abs(c) for c in series[degree + 1 :])
    print(f"{name}: degree {degree}, tail {nstr(tail, 3)}")
    for coefficient in reversed(powers(series[: degree + 1])):
        print(f"    {nstr(coefficient, 18)},")
