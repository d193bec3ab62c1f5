"""The files, what is learned from and what is held out of each, and the derivatives that the other programs are given."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import savgol_filter

from judge import Law, Truth, law_of

ROOT = Path(__file__).resolve().parents[3]


def own_data():
    """scripts/own-data.py as a module."""
    import sys

    spec = importlib.util.spec_from_file_location("own_data_files", ROOT / "scripts" / "own-data.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


FILES = own_data().FILES
MEASURED = "measured"
# Windows of Savitzky and Golay's filter (rows, degree 4): the shortest where there is no noise, else the one of two to
# four (9 to 25 rows for the pendulum, 25 to 101 for the others) whose law by PySINDy (by hand) is nearest to the true one on what was held out. Nobody knows that of
# their own data: the other programs are given the best choice.
WINDOWS = {"pendulum_noise": 15, "double_noise": 61, "cart_noise": 101, "spherical_noise": 61}
SHORTEST = 7
NAMES = [name.removesuffix(".csv") for name in FILES if name != "pendulum_si.csv"] + [MEASURED]
HELD_OUT = "1"  # the second motion, whose size lies amid the others'; of the measured one, its first trial


@dataclass
class Recording:
    """Motions to learn from, `[N]` and `[N, d]` each: angles in radians, derivatives as a user would have them."""

    t: list[np.ndarray]
    x: list[np.ndarray]
    y: list[np.ndarray]
    acceleration: list[np.ndarray]


@dataclass
class Case:
    name: str
    dof: int
    angles: tuple[int, ...]
    degrees: bool
    learn: Recording
    held_out: list[Truth]
    sums: list[str] | None
    lagrangian: str | None
    friction: dict[int, float]
    command: list[str]  # arguments of `mass learn`

    def scales(self) -> tuple[float, float]:
        """A length and a time that make the motion of order one: 1 and 1 where it is that already.

        Angles stay as they are, and lengths beside angles too.
        """
        x, y = np.concatenate(self.learn.x), np.concatenate(self.learn.y)
        length = 1.0 if self.angles else float(np.sqrt(np.mean(x**2)))
        time = length / float(np.sqrt(np.mean(y**2)))
        ordinary = 0.3 < length < 3 and 0.3 < time < 3
        return (1.0, 1.0) if ordinary else (length, time)


def derivatives(t: np.ndarray, x: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smoothed positions, velocities and accelerations of evenly spaced rows."""
    step = float(np.mean(np.diff(t)))
    return tuple(savgol_filter(x, window, 4, deriv=k, delta=step, axis=0, mode="interp") for k in range(3))


def read(folder: Path, name: str, measured: Path | None) -> Case:
    if name == MEASURED:
        return read_measured(measured)
    made = FILES[f"{name}.csv"]
    table = np.loadtxt(folder / f"{name}.csv", delimiter=",", skiprows=1)
    d = made.dof
    window = WINDOWS.get(name, SHORTEST)
    learn = Recording([], [], [], [])
    for trial in np.unique(table[:, 0]):
        if str(int(trial)) == HELD_OUT:
            continue
        rows = table[table[:, 0] == trial]
        t, x = rows[:, 1], rows[:, 2 : 2 + d]
        x = np.deg2rad(x) if made.degrees else x
        if made.velocities:
            y = rows[:, 2 + d : 2 + 2 * d]
            _, acceleration, _ = derivatives(t, y, window)
        else:
            x, y, acceleration = derivatives(t, x, window)
        # A filter's ends are its worst part, and nobody learns from them.
        cut = slice(window // 2, len(t) - window // 2)
        for part, values in zip((learn.t, learn.x, learn.y, learn.acceleration), (t, x, y, acceleration)):
            part.append(values[cut])
    t, x, y = made.motions()[int(HELD_OUT)]
    held_out = [Truth(t, x, y, made.law(x, y))]
    command = [str(folder / f"{name}.csv"), "--judge-on", HELD_OUT]
    return Case(name, d, made.angles, made.degrees, learn, held_out, made.sums, made.lagrangian, made.friction, command)


def read_measured(file: Path | None) -> Case:
    """Schmidt & Lipson's double pendulum: trial, t, angles, velocities, (velocities again,) accelerations."""
    if file is None or not file.exists():
        raise FileNotFoundError("the measured double pendulum is not in this repository: --measured FILE")
    table = np.loadtxt(file)
    one, other = (table[table[:, 0] == trial] for trial in (1, 0))
    # A motion is followed within a piece without gaps.
    ends = np.flatnonzero(np.diff(other[:, 1]) > 0.1) + 1
    pieces = [piece for piece in np.split(other, ends) if len(piece) > 1]
    learn = Recording([one[:, 1]], [one[:, 2:4]], [one[:, 4:6]], [one[:, 8:10]])
    held_out = [Truth(piece[:, 1], piece[:, 2:4], piece[:, 4:6], piece[:, 8:10]) for piece in pieces]
    columns = "trajectory=1,t=2,x=3-4,y=5-6,ydot=9-10"
    command = [str(file), "--columns", columns, "--angles", "1,2", "--judge-on", "0"]
    return Case(MEASURED, 2, (0, 1), False, learn, held_out, None, None, {}, command)


def exact_law(name: str) -> Law:
    """The law that made a file, by its expressions where it has them: two routes to one thing."""
    made = FILES[f"{name}.csv"]
    return law_of(made.sums) if made.sums else made.law
