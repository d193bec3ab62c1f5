"""The files of docs/own-data.md and docs/compare.md: motions by DOP853 (SciPy), and noise from fixed seeds.

python scripts/own-data.py FOLDER, with numpy and scipy installed. As a module it says what law made each file:
`FILES` by name, for whoever judges what was learned from them (benches/peers/own-data).
"""

import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import numpy as np
from scipy.integrate import solve_ivp

State = np.ndarray
GM = 3.986e14  # of the Earth, m³ s⁻²


@dataclass
class File:
    """One file: several motions of one law, with the names and the units of its columns.

    `law(x, y)` is the acceleration `[.., d]` at positions and velocities `[.., d]`, in the units of the file (angles in
    radians, whatever the file has). Motions are integrated in natural units, and multiplied by `length` and `time`.
    """

    name: str
    header: str
    natural: Callable[[State, State], State]
    starts: list[list[float]]  # positions, then velocities; natural units
    end: float
    step: float
    angles: tuple[int, ...] = ()
    noise: float = 0.0  # of each position, in its natural unit
    length: float = 1.0
    time: float = 1.0
    degrees: bool = False
    velocities: bool = False
    # The law as a sum for each acceleration, where it is one, and as a Lagrangian: expressions of x0, y0, x1, ...
    sums: list[str] | None = None
    lagrangian: str | None = None
    friction: dict[int, float] = field(default_factory=dict)

    @property
    def dof(self) -> int:
        return len(self.starts[0]) // 2

    def law(self, x: State, y: State) -> State:
        there = self.natural(np.asarray(x) / self.length, np.asarray(y) * (self.time / self.length))
        return there * (self.length / self.time**2)

    def motions(self) -> list[tuple[State, State, State]]:
        """Times `[N]`, positions and velocities `[N, d]` of each motion without noise; angles in radians."""
        found = []
        for start in self.starts:
            t, y = trajectory(lambda _, s: self.rate(s), start, self.end, self.step)
            d = self.dof
            found.append((t * self.time, y[:d].T * self.length, y[d:].T * (self.length / self.time)))
        return found

    def rate(self, state: State) -> State:
        d = self.dof
        return np.concatenate([state[d:], self.natural(np.asarray(state[:d]), np.asarray(state[d:]))])

    def rows(self, draws: np.random.Generator | None = None) -> list[tuple]:
        """The rows of the file: trial, t, positions, and velocities where they are given."""
        draws = draws or np.random.default_rng(zlib.crc32(self.name.encode()))
        rows = []
        for trial, (t, x, y) in enumerate(self.motions()):
            x = x + self.noise * self.length * draws.standard_normal(x.T.shape).T
            if self.degrees:
                x = np.rad2deg(x)
            shown = np.hstack([x, y]) if self.velocities else x
            rows += [(str(trial), when, *values) for when, values in zip(t, shown)]
        return rows


def trajectory(rate, start, end: float, step: float):
    t = np.arange(0, end + 1e-9, step)
    return t, solve_ivp(rate, (0, end), start, t_eval=t, rtol=1e-11, atol=1e-12, method="DOP853").y


def write(folder: Path, name: str, rows: list[tuple], header: str) -> None:
    lines = (",".join(v if isinstance(v, str) else repr(float(v)) for v in row) for row in rows)
    (folder / name).write_text(header + "\n" + "\n".join(lines) + "\n")


def pendulum(name: str, *, friction=0.0, noise=0.0, stiff=1.0, degrees=False, header="trial,t,theta") -> File:
    root = np.sqrt(stiff)
    starts = [(0.5, 0), (1.2, 0.3), (2.0, 0), (0.1, 1.5), (-1.5, 0.8)]
    return File(
        name,
        header,
        lambda x, y: -stiff * np.sin(x) - friction * y,
        [[a, b * root] for a, b in starts],
        30 / root,
        30 / root / 299,
        angles=(0,),
        noise=noise,
        degrees=degrees,
        sums=[f"-{stiff}*sin(x0) - {friction}*y0"],
        lagrangian=f"y0**2/2 + {stiff}*cos(x0)",
        friction={0: friction} if friction else {},
    )


def cubic(name: str, header: str, *, length=1.0, time=1.0, velocities=False) -> File:
    linear, third = time**-2, time**-2 * length**-2
    return File(
        name,
        header,
        lambda x, y: -x - x**3,
        [[0.5, 0.0], [1.0, 0.0], [1.5, 0.0]],
        20,
        0.05,
        length=length,
        time=time,
        velocities=velocities,
        sums=[f"-{linear}*x0 - {third}*x0**3"],
        lagrangian=f"y0**2/2 - {linear / 2}*x0**2 - {third / 4}*x0**4",
    )


def springs_law(x: State, y: State) -> State:
    """Two unit masses, each on a spring of 1 to its wall, and a spring of 0.5 between them."""
    a, b = x[..., 0], x[..., 1]
    return np.stack([-1.5 * a + 0.5 * b, 0.5 * a - 1.5 * b], -1)


def double_law(x: State, y: State) -> State:
    """Two points of mass 1 on rods of length 1 and gravity 1, angles from the downward vertical."""
    (a, b), (u, v) = np.moveaxis(x, -1, 0), np.moveaxis(y, -1, 0)
    c, s = np.cos(a - b), np.sin(a - b)
    f, g = -s * v * v - 2 * np.sin(a), s * u * u - np.sin(b)
    return np.stack([f - c * g, 2 * g - c * f], -1) / (2 - c * c)[..., None]


def cart_law(x: State, y: State) -> State:
    """A cart of mass 1 with a pendulum of mass and length 1, gravity 1; s and the angle from the downward vertical."""
    s, c, u = np.sin(x[..., 1]), np.cos(x[..., 1]), y[..., 1]
    inertia = 1 + s * s
    return np.stack([(u * u * s + s * c) / inertia, -(2 * s + u * u * s * c) / inertia], -1)


def spherical_law(x: State, y: State) -> State:
    """A point on a sphere of radius 1, gravity 1; the angle from the downward vertical, and the azimuth."""
    s, c = np.sin(x[..., 0]), np.cos(x[..., 0])
    return np.stack([s * c * y[..., 1] ** 2 - s, -2 * c / s * y[..., 0] * y[..., 1]], -1)


def kepler(name: str, header: str, strength: float, starts, end: float, step: float) -> File:
    return File(
        name,
        header,
        lambda x, y: -strength * x / np.sum(x * x, -1, keepdims=True) ** 1.5,
        starts,
        end,
        step,
        sums=[f"-{strength}*x0*(x0**2 + x1**2)**(-3/2)", f"-{strength}*x1*(x0**2 + x1**2)**(-3/2)"],
        lagrangian=f"y0**2/2 + y1**2/2 + {strength}*(x0**2 + x1**2)**(-1/2)",
    )


def orbits(radius_and_share, strength: float) -> list[list[float]]:
    return [[r, 0, 0, np.sqrt(strength / r) * share] for r, share in radius_and_share]


def double(name: str, noise: float) -> File:
    starts = [(1, 0.6, 0, 0), (0.5, -0.8, 0.3, 0), (1.5, 1.2, 0, 0.2), (-0.6, 0.9, 0.5, -0.4), (0.2, 1.4, -0.3, 0.1)]
    return File(
        name,
        "trial,t,theta1,theta2",
        double_law,
        [list(start) for start in starts],
        10,
        0.01,
        angles=(0, 1),
        noise=noise,
        lagrangian="y0**2 + y1**2/2 + y0*y1*cos(x0 - x1) + 2*cos(x0) + cos(x1)",
    )


def cart(name: str, noise: float) -> File:
    starts = [(0, 1.2, 0, 0), (0.3, -0.8, 0.4, 0.5), (-0.2, 2.0, 0, 0), (0, 0.4, -0.5, 1.2), (0.1, -1.6, 0.2, -0.6)]
    return File(
        name,
        "trial,t,x (m),theta (rad)",
        cart_law,
        [list(start) for start in starts],
        10,
        0.01,
        angles=(1,),
        noise=noise,
        lagrangian="y0**2 + y1**2/2 + y0*y1*cos(x1) + cos(x1)",
    )


def spherical(name: str, noise: float) -> File:
    starts = [(1.0, 0, 0, 0.8), (0.8, 0.5, 0.3, 1.1), (1.4, -1, 0, 0.5), (0.6, 1, -0.4, 1.5), (1.2, 2, 0.2, -0.9)]
    return File(
        name,
        "trial,t,theta (rad),phi (rad)",
        spherical_law,
        [list(start) for start in starts],
        10,
        0.01,
        angles=(0, 1),
        noise=noise,
        sums=["sin(x0)*cos(x0)*y1**2 - sin(x0)", "-2*cos(x0)/sin(x0)*y0*y1"],
        lagrangian="y0**2/2 + y1**2/4 - y1**2*cos(2*x0)/4 + cos(x0)",
    )


FILES = {
    one.name: one
    for one in [
        pendulum("pendulum.csv"),
        pendulum("pendulum_deg.csv", degrees=True, header="trial,t (s),theta (deg)"),
        pendulum("pendulum_si.csv", stiff=9.81 / 0.35, header="trial,t (s),theta (rad)"),
        pendulum("pendulum_noise.csv", noise=0.01),
        pendulum("damped.csv", friction=0.3),
        cubic("cubic.csv", "trial,t,x"),
        cubic("duffing.csv", "trial,t,x,v", length=1e-6, time=1e-3, velocities=True),
        File(
            "springs.csv",
            "trial,t,x1,x2",
            springs_law,
            [[1.0, 0.0, 0.0, 0.0], [0.5, -0.8, 0.0, 0.3], [-0.3, 0.6, 0.7, 0.0]],
            20,
            0.05,
            sums=["-1.5*x0 + 0.5*x1", "0.5*x0 - 1.5*x1"],
            lagrangian="y0**2/2 + y1**2/2 - 0.75*x0**2 - 0.75*x1**2 + 0.5*x0*x1",
        ),
        double("double.csv", 0.0),
        double("double_noise.csv", 0.01),
        cart("cart.csv", 0.0),
        cart("cart_noise.csv", 0.01),
        spherical("spherical.csv", 0.0),
        spherical("spherical_noise.csv", 0.01),
        kepler(
            "kepler.csv",
            "trial,t,x1,x2",
            1.0,
            orbits([(1, 1.0), (1, 1.15), (1.3, 1.05), (1.15, 0.95)], 1.0),
            15,
            0.025,
        ),
        kepler(
            "orbit.csv",
            "trial,t (s),x (m),y (m)",
            GM,
            orbits([(7e6, 1.0), (7e6, 1.15), (9e6, 1.05), (8e6, 0.95)], GM),
            12000,
            20,
        ),
    ]
}


def make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # The first files share one stream of noise, drawn for those without noise too.
    shared = np.random.default_rng(1)
    first = ["pendulum.csv", "pendulum_deg.csv", "pendulum_si.csv", "pendulum_noise.csv", "damped.csv"]
    first += ["double.csv", "double_noise.csv"]
    for name in first + [name for name in FILES if name not in first]:
        write(folder, name, FILES[name].rows(shared if name in first else None), FILES[name].header)
    t = np.arange(0, 2, 0.01)
    write(folder, "fall.csv", [(a, 100 - 4.905 * a * a) for a in t], "t,height")
    rows = []
    for trial, (start, rate) in enumerate([(0.3, 1.3), (1.0, 0.7), (0.7, 2.1)]):

        def torque(t):
            return 0.8 * np.sin(rate * t) + 0.3 * np.cos(2.7 * rate * t)

        t, y = trajectory(lambda t, s: [s[1], -np.sin(s[0]) - 0.2 * s[1] + 0.5 * torque(t)], [start, 0], 30, 0.05)
        rows += [(str(trial), when, x, torque(when)) for when, x in zip(t, y[0])]
    write(folder, "driven.csv", rows, "trial,t,theta,torque")
    # Two pendulums joined by a spring, without noise and with it.
    draws = np.random.default_rng(3)
    for name, noise in [("joined.csv", 0.0), ("joined_noise.csv", 0.003)]:
        rows = []
        for trial, start in enumerate([(1, 0, 0, 0), (0.4, -0.9, 0, 0), (-0.2, 0.8, 0.5, 0), (0.9, 0.7, 0, -0.3)]):

            def joined(_, z):
                spring = 4 * (z[0] - z[1])
                return [z[2], z[3], -9 * np.sin(z[0]) - spring, -9 * np.sin(z[1]) + spring]

            t, y = trajectory(joined, 0.8 * np.array(start), 12, 0.03)
            y = y[:2] + noise * draws.standard_normal((2, len(t)))
            rows += [(str(trial), when, *x) for when, x in zip(t, y.T)]
        write(folder, name, rows, "trial,t,theta1,theta2")
    # Several systems of one law, a file each: `mass learn short.csv middle.csv long.csv --each-file-a-system`.
    for name, length in [("short.csv", 0.25), ("middle.csv", 0.5), ("long.csv", 1.0)]:
        one = pendulum(name, friction=0.1, noise=0.005, stiff=9.81 / length, header="trial,t (s),theta (rad)")
        write(folder, name, one.rows(), one.header)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python scripts/own-data.py FOLDER: the folder for the files is needed")
    make(Path(sys.argv[1]))
