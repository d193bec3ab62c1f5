"""PySINDy as it comes; pysindy_peer.py says how."""

import time

import numpy as np
import pysindy

from data import FILES, HELD_OUT, MEASURED, Case
from found import Found, of_sums
from judge import law_of
from pysindy_peer import fitted, generic, sums_of

SEEDS = 1


def columns(case: Case):
    """Times, positions and velocities (or None) of the file's own numbers, and accelerations where they are there."""
    if case.name == MEASURED:
        one = case.learn
        return one.t, one.x, one.y, one.acceleration
    made = FILES[f"{case.name}.csv"]
    d = case.dof
    table = np.loadtxt(case.command[0], delimiter=",", skiprows=1)
    parts = [table[table[:, 0] == trial] for trial in np.unique(table[:, 0]) if str(int(trial)) != HELD_OUT]
    velocities = [rows[:, 2 + d :] for rows in parts] if made.velocities else None
    return [rows[:, 1] for rows in parts], [rows[:, 2 : 2 + d] for rows in parts], velocities, None


def learn(case: Case, seed: int, limit: float) -> Found:
    d = case.dof
    t, x, y, acceleration = columns(case)
    begun = time.process_time()
    rate = pysindy.SmoothedFiniteDifference()
    y = y or [rate._differentiate(one, when) for one, when in zip(x, t)]
    acceleration = acceleration or [rate._differentiate(one, when) for one, when in zip(y, t)]
    states = [np.hstack(both) for both in zip(x, y)]
    rates = [np.hstack(both) for both in zip(y, acceleration)]
    names = [f"{of}{i}" for of in "xy" for i in range(d)]
    model = fitted(generic(case), 0.1, states, t, rates, names)
    found = of_sums(
        case,
        sums_of(model, d),
        1.0,
        1.0,
        seconds=time.process_time() - begun,
        how="threshold 0.1",
        versions={"pysindy": pysindy.__version__, "numpy": np.__version__},
    )
    if case.degrees:
        law = law_of(found.sums)
        found.law = lambda x, y: np.deg2rad(law(np.rad2deg(x), np.rad2deg(y)))
        found.sums = None  # degrees inside of a sine are no term of the law
    return found
