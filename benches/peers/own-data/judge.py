"""How good a law is: its accelerations, how long its motion follows the true one, and which of its terms are right.

Every program is judged by these functions, ours too, on the same states of the same trajectories.
"""

import time
from dataclasses import dataclass
from typing import Callable

import numpy as np
import sympy
from scipy.integrate import solve_ivp
from sympy.simplify.fu import TR8

Law = Callable[[np.ndarray, np.ndarray], np.ndarray]  # accelerations [.., d] at x, y [.., d]

APART = 0.1  # followed until a position is off by this share of its deviation
CLOSE = 0.01  # a coefficient is right within this share
SMALL = 1e-3  # a term that is smaller than this share of the acceleration is not there
PATIENCE = 60.0  # seconds that one motion may take to be followed


@dataclass
class Truth:
    """What a law is held against: one trajectory that it was not shown, `[N]` and `[N, d]`."""

    t: np.ndarray
    x: np.ndarray
    y: np.ndarray
    acceleration: np.ndarray


def error(law: Law, truth: list[Truth]) -> float:
    """RMSE of each acceleration by its deviation, and of these the root of the mean square."""
    x, y, wanted = (np.concatenate([getattr(one, name) for one in truth]) for name in ("x", "y", "acceleration"))
    with np.errstate(all="ignore"):
        found = np.asarray(law(x, y), float)
        shares = np.sqrt(np.mean((found - wanted) ** 2, 0)) / wanted.std(0)
        return float(np.sqrt(np.mean(shares**2)))


def followed(law: Law, truth: list[Truth]) -> tuple[float, float]:
    """The median time until a position is off by a tenth of its deviation, and the median of the whole times."""
    deviation = np.concatenate([one.x for one in truth]).std(0)
    times = [follow(law, one, deviation) for one in truth]
    return float(np.median(times)), float(np.median([one.t[-1] - one.t[0] for one in truth]))


def follow(law: Law, truth: Truth, deviation: np.ndarray) -> float:
    d = truth.x.shape[1]
    # In the units of the motion, so that one tolerance serves all.
    length, speed = deviation, np.maximum(truth.y.std(0), 1e-300)
    until = time.monotonic() + PATIENCE

    def rate(_, state):
        if time.monotonic() > until:
            raise TimeoutError
        x, y = state[:d] * length, state[d:] * speed
        a = np.asarray(law(x[None], y[None]), float)[0]
        if not np.all(np.isfinite(a)):
            raise FloatingPointError
        return np.concatenate([y / length, a / speed])

    state = np.concatenate([truth.x[0] / length, truth.y[0] / speed])
    reached, block = 0, 20
    while reached < len(truth.t) - 1:
        last = min(reached + block, len(truth.t) - 1)
        t = truth.t[reached : last + 1]
        try:
            with np.errstate(all="ignore"):
                part = solve_ivp(rate, (t[0], t[-1]), state, t_eval=t, rtol=1e-8, atol=1e-10, method="DOP853")
        except (TimeoutError, FloatingPointError, np.linalg.LinAlgError):
            return float(truth.t[reached] - truth.t[0])
        x = part.y[:d].T * length
        near = np.all(np.abs(x - truth.x[reached : reached + len(x)]) <= APART * deviation, 1)
        if not part.success or len(x) < len(t) or not near.all():
            good = reached + (len(near) if near.all() else int(np.argmin(near))) - 1
            return float(truth.t[max(good, 0)] - truth.t[0])
        state, reached = part.y[:, -1], last
    return float(truth.t[-1] - truth.t[0])


def variables(d: int) -> dict[str, sympy.Symbol]:
    return {f"{of}{i}": sympy.Symbol(f"{of}{i}", real=True) for of in "xy" for i in range(d)}


def parsed(text: str, d: int) -> sympy.Expr:
    """The expression, with powers as fractions: x**2.0 is x**2."""
    return sympy.sympify(text, locals=variables(d)).replace(
        lambda part: part.is_Pow and part.exp.is_Float,
        lambda part: sympy.Pow(part.base, sympy.nsimplify(part.exp, rational=True)),
    )


def one_in_front(power: sympy.Expr) -> sympy.Expr:
    """(4 x² + 4 y²)^p as 4^p (x² + y²)^p: of a power of a sum, the first number comes out."""
    terms = power.base.as_coefficients_dict()
    first = next(terms[term] for term in sorted(terms, key=sympy.default_sort_key))
    if not first > 0:
        return power

    def tidy(number: float) -> sympy.Expr:
        return sympy.Integer(round(number)) if abs(number - round(number)) < 1e-9 else sympy.Float(number)

    base = sympy.Add(*(tidy(float(number / first)) * term for term, number in terms.items()))
    return sympy.Float(first) ** power.exp * sympy.Pow(base, power.exp)


def monomials(law: sympy.Expr) -> dict[sympy.Expr, float]:
    """A sum as its terms without their numbers; products of sines and cosines as sums, so that spelling does not count.

    A number inside of a function that is within a hundredth of a small whole number is taken for it, as a person would.
    """

    def whole(number: sympy.Expr) -> sympy.Expr:
        nearest = round(float(number))
        near = 1 <= abs(nearest) <= 4 and abs(float(number) - nearest) <= CLOSE * abs(nearest)
        return sympy.Integer(nearest) if near else number

    inner = law.replace(
        lambda part: isinstance(part, (sympy.sin, sympy.cos)),
        lambda part: part.func(
            sympy.expand(part.args[0]).replace(lambda number: number.is_Float, whole)
        ),
    )
    inner = inner.replace(
        lambda part: part.is_Pow and part.base.is_Add and not (part.exp.is_Integer and part.exp > 0), one_in_front
    )
    terms: dict[sympy.Expr, float] = {}
    for addend in sympy.Add.make_args(sympy.expand(TR8(sympy.expand(inner)))):
        number, rest = addend.as_coeff_Mul()
        terms[rest] = terms.get(rest, 0.0) + float(number)
    return {term: number for term, number in terms.items() if number != 0.0}


def compare(found: str, true: str, d: int, truth: Truth | None = None, deviation: float = 1.0) -> dict[str, float]:
    """How many terms are right, off by more than a hundredth, false and missing; and the worst error of a coefficient.

    With the motion held out, a term that is never there does not count as false: one whose root mean square along it is
    less than a thousandth of the acceleration's deviation.
    """
    have, want = monomials(parsed(found, d)), monomials(parsed(true, d))
    counts = {"right": 0, "off": 0, "false": 0, "missing": 0, "worst": 0.0}
    for term, number in want.items():
        if term not in have:
            counts["missing"] += 1
            continue
        off = abs(have[term] / number - 1)
        counts["worst"] = max(counts["worst"], off)
        counts["right" if off <= CLOSE else "off"] += 1
    for term, number in have.items():
        counts["false"] += term not in want and (truth is None or size(number * term, truth) > SMALL * deviation)
    return counts


def size(term: sympy.Expr, truth: Truth) -> float:
    """The root mean square of a term along a motion; infinite where it is no number."""
    names = variables(truth.x.shape[1])
    columns = [of[:, i] for of in (truth.x, truth.y) for i in range(of.shape[1])]
    with np.errstate(all="ignore"):
        values = np.asarray(sympy.lambdify(list(names.values()), term, "numpy")(*columns), float)
        return float(np.nan_to_num(np.sqrt(np.mean(values**2)), nan=np.inf))


def compare_sums(found: list[str], true: list[str], truth: Truth | None = None) -> dict[str, float]:
    """The counts of all accelerations together."""
    total = {"right": 0, "off": 0, "false": 0, "missing": 0, "worst": 0.0}
    for i, (mine, wanted) in enumerate(zip(found, true, strict=True)):
        deviation = 1.0 if truth is None else float(truth.acceleration[:, i].std())
        for name, value in compare(mine, wanted, len(true), truth, deviation).items():
            total[name] = max(total[name], value) if name == "worst" else total[name] + value
    return total


def compare_lagrangians(found: str, true: str, d: int) -> dict[str, float]:
    """As `compare`, for L is known up to a factor and a constant: the factor is that of the first velocity's square."""
    have, want = monomials(parsed(found, d)), monomials(parsed(true, d))
    square = sympy.Symbol("y0", real=True) ** 2
    factor = want[square] / have[square] if square in have else 1.0
    without = " + ".join(f"({number * factor!r})*({term})" for term, number in have.items() if term != 1)
    return compare(without or "0", true, d)


def law_of(sums: list[str]) -> Law:
    """The law that these expressions of x0, y0, x1, ... state."""
    d = len(sums)
    names = variables(d)
    functions = [sympy.lambdify(list(names.values()), parsed(text, d), "numpy") for text in sums]

    def law(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        x, y = np.asarray(x, float), np.asarray(y, float)
        columns = [of[..., i] for of in (x, y) for i in range(d)]
        return np.stack([one(*columns) + 0.0 * x[..., 0] for one in functions], -1)

    return law
