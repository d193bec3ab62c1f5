"""Symbolic regression by Operon (Burlacu et al. 2020), each acceleration by itself.

In PySR's place, whose engine is in Julia: README.md says why. Rows of (x, y) in units of order one, angles in radians;
sums, products, quotients, squares, and sines and cosines where there are angles, else square roots; formulas chosen by
description length, as Operon does by itself; at most 1,000 rows; a budget of formulas, not of seconds, so that a busy
machine does not make it worse.
"""

import time
from importlib.metadata import version

import numpy as np
import sympy
from pyoperon.sklearn import SymbolicRegressor

from data import Case
from found import Found, of_sums

SEEDS = 3
ROWS = 1000
EVALUATIONS = 200_000  # of formulas for each acceleration: a budget that does not depend on the machine


def learn(case: Case, seed: int, limit: float) -> Found:
    begun = time.process_time()
    d, recording = case.dof, case.learn
    length, unit = case.scales()
    x, y, a = (np.concatenate(of) for of in (recording.x, recording.y, recording.acceleration))
    rows = np.linspace(0, len(x) - 1, min(len(x), ROWS)).round().astype(int)
    inputs = np.hstack([x[rows] / length, y[rows] * unit / length])
    names = [f"{of}{i}" for of in "xy" for i in range(d)]
    symbols = "add,sub,mul,div,constant,variable,square," + ("sin,cos" if case.angles else "sqrt")
    sums = []
    for i in range(d):
        search = SymbolicRegressor(
            allowed_symbols=symbols,
            objectives=["mse", "length"],
            population_size=1000,
            pool_size=1000,
            generations=100_000,
            max_evaluations=EVALUATIONS,
            max_length=40,
            max_depth=10,
            optimizer_iterations=3,
            model_selection_criterion="minimum_description_length",
            n_threads=1,
            random_state=seed,
            max_time=max(1, int(20 * limit / d)),  # of the clock, which others' work may stretch
        )
        search.fit(inputs, a[rows, i] * unit**2 / length)
        sums.append(expression(search.get_model_string(search.model_, 12), names))
    return of_sums(
        case,
        sums,
        length,
        unit,
        seconds=time.process_time() - begun,
        how="the shortest description",
        versions={"pyoperon": version("pyoperon")},
    )


def expression(printed: str, names: list[str]) -> str:
    """Operon's spelling, X1, X2, ..., as an expression of x0, y0, ...: without terms that are rounding."""
    symbols = {f"X{i + 1}": sympy.Symbol(name, real=True) for i, name in enumerate(names)}
    functions = {"square": lambda one: one**2}
    return str(sympy.sympify(printed.replace("^", "**"), locals=symbols | functions))
