"""PySINDy (de Silva et al. 2020), in two ways: as it comes, and by an expert's hand.

As it comes: the file's own numbers; velocities, then accelerations by its `SmoothedFiniteDifference`; products up to
the third degree and sines and cosines of the positions that are angles (`PolynomialLibrary`, `FourierLibrary`); `STLSQ`
as it is, threshold 0.1.

By hand: radians, units in which the motion is of order one, a filter's window chosen for the file (data.py), functions
chosen by someone who knows what kind of system it is (below; where the law is a sum, its terms are among them), and the
threshold of ten that does best on the last fifth of each motion, the sparsest of those within three hundredths of the best.
"""

import time
import warnings

import numpy as np
import pysindy

from data import Case
from found import Found, of_sums

SEEDS = 1
THRESHOLDS = [0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5]


def products(one: list[str], other: list[str]) -> list[str]:
    return [f"{a}*{b}".removeprefix("1*").removesuffix("*1") for a in one for b in other]


def waves(arguments: list[str]) -> list[str]:
    return [f"{wave}({of})" for of in arguments for wave in ("sin", "cos")]


def functions(case: Case) -> list[str]:
    """The functions that someone would choose who knows the kind of system, not its law."""
    x = [f"x{i}" for i in range(case.dof)]
    y = [f"y{i}" for i in range(case.dof)]
    squares = ["1"] + [f"{a}*{b}" for i, a in enumerate(y) for b in y[i:]]
    kind = case.name.split("_")[0]
    if kind in ("pendulum", "damped"):
        return ["1", "y0", "y0**2", "y0**3", "y0*Abs(y0)"] + products(waves(["x0", "2*x0"]), ["1", "y0"])
    if kind in ("cubic", "duffing"):
        return ["*".join(["x0"] * i + ["y0"] * j) or "1" for i in range(4) for j in range(4 - i)]
    if kind == "springs":
        names = x + y
        second = [f"{a}*{b}" for i, a in enumerate(names) for b in names[i:]]
        return ["1"] + names + second + [f"{one}**3" for one in names]
    if kind in ("double", "measured"):
        return y + products(["1"] + waves(["x0", "x1", "2*x0", "2*x1", "(x0-x1)", "2*(x0-x1)"]), squares)
    if kind == "cart":
        return x + y + products(["1"] + waves(["x1", "2*x1", "3*x1"]), squares)
    if kind == "spherical":
        return y + products(["1"] + waves(["x0", "2*x0"]) + ["cos(x0)/sin(x0)"], squares)
    if kind in ("kepler", "orbit"):
        r = "sqrt(x0**2+x1**2)"
        return ["1"] + x + y + [f"{one}/{r}**{power}" for one in x for power in (1, 2, 3, 4)]
    raise ValueError(f"no functions were chosen for {case.name}")


def custom(names: list[str], d: int) -> pysindy.CustomLibrary:
    variables = ", ".join(f"{of}{i}" for of in "xy" for i in range(d))
    space = {"sin": np.sin, "cos": np.cos, "sqrt": np.sqrt, "Abs": np.abs}
    return pysindy.CustomLibrary(
        library_functions=[eval(f"lambda {variables}: {name} + 0.0*x0", space) for name in names],
        function_names=[eval(f"lambda {variables}: {name!r}") for name in names],
    )


def generic(case: Case):
    d = case.dof
    polynomials = pysindy.PolynomialLibrary(degree=3)
    if not case.angles:
        return polynomials
    every = list(range(2 * d))
    angles = [case.angles[min(i, len(case.angles) - 1)] for i in every]
    return pysindy.GeneralizedLibrary(
        [polynomials, pysindy.FourierLibrary(n_frequencies=1)], inputs_per_library=[every, sorted(set(angles))]
    )


def text(name: str) -> str:
    """A function's name in PySINDy's spelling as an expression: `x0^2 y0`, `sin(1 x0)`."""
    return "*".join(name.replace("^", "**").replace("(1 ", "(1*").split(" "))


def fitted(library, threshold: float, states, times, rates, names) -> pysindy.SINDy:
    model = pysindy.SINDy(optimizer=pysindy.STLSQ(threshold=threshold), feature_library=library)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(states, t=times, x_dot=rates, feature_names=names)
    return model


def sums_of(model: pysindy.SINDy, d: int) -> list[str]:
    """The accelerations of a model of states (x, y)."""
    names = [text(name) for name in model.get_feature_names()]
    rows = model.coefficients()[d:]
    return [" + ".join(f"({float(c)!r})*{n}" for c, n in zip(row, names) if c != 0.0) or "0" for row in rows]


def learn(case: Case, seed: int, limit: float) -> Found:
    return by_hand(case)


def by_hand(case: Case) -> Found:
    begun = time.process_time()
    d, recording = case.dof, case.learn
    length, unit = case.scales()
    names = [f"{of}{i}" for of in "xy" for i in range(d)]
    states = [np.hstack([x / length, y * unit / length]) for x, y in zip(recording.x, recording.y)]
    rates = [
        np.hstack([y * unit / length, a * unit**2 / length]) for y, a in zip(recording.y, recording.acceleration)
    ]
    times = [t / unit for t in recording.t]
    chosen = functions(case)

    def part(values, first: bool):
        ends = [len(one) - len(one) // 5 for one in values]
        return [one[:end] if first else one[end:] for one, end in zip(values, ends)]

    tried = []
    wanted = np.concatenate(part(rates, False))[:, d:]
    for threshold in THRESHOLDS:
        model = fitted(custom(chosen, d), threshold, part(states, True), part(times, True), part(rates, True), names)
        found = np.concatenate([model.predict(one) for one in part(states, False)])[:, d:]
        error = float(np.sqrt(np.mean(np.mean((found - wanted) ** 2, 0) / wanted.var(0))))
        tried.append((error, int(np.count_nonzero(model.coefficients()[d:])), threshold))
    least = min(error for error, _, _ in tried)
    _, _, threshold = min((one for one in tried if one[0] <= 1.03 * least), key=lambda one: (one[1], -one[2]))
    model = fitted(custom(chosen, d), threshold, states, times, rates, names)
    return of_sums(
        case,
        sums_of(model, d),
        length,
        unit,
        seconds=time.process_time() - begun,
        how=f"{len(chosen)} functions, threshold {threshold:g}",
        versions={"pysindy": pysindy.__version__, "numpy": np.__version__},
    )
