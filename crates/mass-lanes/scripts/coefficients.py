"""Prints the polynomials of `Real`: Chebyshev series in 60 digits, cut below rounding, written as powers.

- erfc: P(2t - 1) = 1/2 exp(z²) erfc(z) / t with t = 1 / (1 + 0.3 z), z >= 0. The sizes of the coefficients add up to
  half of 1.002, so Horner's rule loses nothing.
- exp: P(x) = (exp(x) - 1) / x on |x| <= 1/2 ln 2.

Needs mpmath.
"""

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
for name, function, width, degrees in [("erfc", erfc_part, mpf(1), (9, 22)), ("exp", exp_part, half_width, (5, 11))]:
    chebyshev = series(function)
    for number, degree in zip(("f32", "f64"), degrees):
        tail = sum(abs(c) for c in chebyshev[degree + 1 :])
        print(f"{name}, {number}: degree {degree}, tail {nstr(tail, 3)}")
        found = powers(chebyshev[: degree + 1])
        for power in reversed(range(degree + 1)):
            print(f"    {nstr(found[power] / width**power, 18)},")
