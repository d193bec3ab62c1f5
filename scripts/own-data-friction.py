"""Which friction `mass learn` tells, on films of laws that are known (docs/own-data.md).

python scripts/own-data-friction.py MASS FOLDER [DRAWS], with numpy and scipy installed; MASS is the program. A line for each
file: by how many standard errors each number is off, other terms than those put in, and warnings. A spring that hangs far
from zero may be counted from where it rests, and then has no linear term.
"""

import json
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

# Force, terms of L beside ½ y², column, first positions, whether in degrees, frequency about.
SYSTEMS = {
    "pendulum": (lambda x: -28.0 * np.sin(x), {"cos x": 28.0}, "theta (deg)", [0.9, 0.5, 1.4, 0.3], True, 5.3),
    "spring": (lambda x: -26.3 * (x - 43.7), {"x²": -13.15, "x": 1149.31}, "height (cm)", [31.7, 35.7, 27.7, 38.2], False, 5.1),
    "duffing": (lambda x: -9 * x - 2.5 * x**3, {"x²": -4.5, "x⁴": -0.625}, "q (m)", [1.5, 0.8, 2.0, 0.5], False, 3.5),
    "small": (lambda x: -40 * (x - 22), {"x²": -20.0}, "z (mm)", [25.0, 24.0, 26.0, 23.5], False, 6.3),
}
RESTS = {"spring": 43.7, "small": 22.0}
NOISE = 0.005  # of the largest swing


def frictions(omega: float, size: float) -> dict[str, tuple[float, float, float]]:
    """Linear, quadratic and dry coefficients by name."""
    return {
        "none": (0, 0, 0),
        "linear": (0.03 * omega, 0, 0),
        "quadratic": (0, 0.08 / size, 0),
        "dry": (0, 0, 0.01 * omega**2 * size),
        "both": (0.012 * omega, 0.04 / size, 0),
    }


def film(name: str, start: float, end: float, step: float, friction, size: float) -> tuple[np.ndarray, np.ndarray]:
    force, _, _, _, _, omega = SYSTEMS[name]
    b, c, dry = friction

    def law(_, state):
        x, v = state
        return [v, force(x) - b * v - c * v * abs(v) - dry * np.tanh(v / (1e-4 * omega * size))]

    t = np.arange(0, end, step)
    # Dry friction is stiff where it stops a motion.
    method = "Radau" if dry else "DOP853"
    return t, solve_ivp(law, [0, end], [start, 0], t_eval=t, method=method, rtol=1e-9, atol=1e-9).y[0]


def main(program: str, folder: Path, draws: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (_, terms, column, starts, degrees, omega) in SYSTEMS.items():
        size = max(abs(start - RESTS.get(name, 0.0)) for start in starts)
        end, step = 2 * np.pi / omega * 12, 2 * np.pi / omega / 36
        for kind, friction in frictions(omega, size).items():
            for films in (4, 1):
                for draw in range(draws):
                    file = folder / f"{name}-{kind}-{films}-{draw}.csv"
                    random = np.random.default_rng(zlib.crc32(file.name.encode()))
                    lines = [f"trial;time (s);{column}"]
                    for trial, start in enumerate(starts[:films]):
                        whole = end if films > 1 else 2 * end
                        t, x = film(name, start, whole, step, friction, size)
                        x = x + NOISE * size * random.standard_normal(len(t))
                        x = np.degrees(x) if degrees else x
                        lines += [f"{trial};{t:.5f};{x:.6f}" for t, x in zip(t, x)]
                    file.write_text("\n".join(lines) + "\n")
                    run = subprocess.run([program, "learn", str(file), "--json"], capture_output=True, text=True)
                    found = json.loads(run.stdout)
                    own = {c["of"]: (c["value"], c["standard_error"]) for c in found["coefficients"]}
                    kinds = ("friction", "quadratic friction", "dry friction")
                    truth = terms | {of: value for of, value in zip(kinds, friction) if value}
                    off = {of: (own[of][0] - truth[of]) / own[of][1] for of in truth if of in own}
                    others = sorted(set(own) ^ set(truth) ^ {"y²"})
                    print(file.stem, *(f"{of} {z:+.1f}" for of, z in off.items()), others or "", found["warnings"] or "", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 3)
