"""The judges of this folder on laws whose answer is known. No program and no network is needed:

python -m unittest discover --start-directory benches/peers/own-data, with numpy, scipy and sympy installed.
"""

import json
import sys
import unittest
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import compare  # noqa: E402
import data  # noqa: E402
import found  # noqa: E402
import judge  # noqa: E402
import mass_peer  # noqa: E402


def truth(name: str) -> list[judge.Truth]:
    made = data.FILES[f"{name}.csv"]
    t, x, y = made.motions()[1]
    return [judge.Truth(t, x, y, made.law(x, y))]


class TheExactLaw(unittest.TestCase):
    def test_has_no_error_and_is_followed_to_the_end_whatever_the_units(self):
        for name in data.NAMES:
            if name == data.MEASURED:
                continue
            with self.subTest(name):
                law, held_out = data.exact_law(name), truth(name)
                self.assertLess(judge.error(law, held_out), 1e-9)
                followed, whole = judge.followed(law, held_out)
                self.assertEqual(followed, whole)

    def test_sum_and_lagrangian_of_each_file_are_one_law(self):
        """Euler–Lagrange's equation of what own-data.py names, by sympy, against the law that made the motion."""
        import sympy

        for name in data.NAMES:
            if name == data.MEASURED:
                continue
            made = data.FILES[f"{name}.csv"]
            d, names = made.dof, judge.variables(made.dof)
            scalar = judge.parsed(made.lagrangian, d)
            x, y = ([names[f"{of}{i}"] for i in range(d)] for of in "xy")
            mass = sympy.Matrix(d, d, lambda i, j: sympy.diff(scalar, y[i], y[j]))
            force = sympy.Matrix([sympy.diff(scalar, x[i]) for i in range(d)])
            force -= sympy.Matrix(d, d, lambda i, j: sympy.diff(scalar, y[i], x[j])) * sympy.Matrix(y)
            values = sympy.lambdify(x + y, [mass, force], "numpy")
            (held_out,) = truth(name)
            for row in (3, 57, 200):
                m, f = values(*held_out.x[row], *held_out.y[row])
                friction = np.array([made.friction.get(i, 0.0) for i in range(d)]) * held_out.y[row]
                found_here = np.linalg.solve(np.array(m, float), np.array(f, float).ravel() - friction)
                scale = held_out.acceleration.std(0)
                np.testing.assert_allclose(found_here / scale, held_out.acceleration[row] / scale, atol=1e-9)


class AWrongLaw(unittest.TestCase):
    def test_has_the_error_that_it_was_given(self):
        held_out = truth("springs")
        wrong = judge.law_of(["1.1*(-1.5*x0 + 0.5*x1)", "0.5*x0 - 1.5*x1"])
        a = held_out[0].acceleration[:, 0]
        expected = np.sqrt(0.5 * np.mean((0.1 * a) ** 2)) / a.std()
        self.assertAlmostEqual(judge.error(wrong, held_out), expected, places=9)

    def test_is_followed_until_its_phase_is_off(self):
        """x = cos t against cos 1.02 t: near π/2 and its odd multiples the difference is 0.02 t."""
        t = np.arange(0, 30, 0.01)
        x, y = np.cos(t)[:, None], -np.sin(t)[:, None]
        held_out = [judge.Truth(t, x, y, -x)]
        followed, whole = judge.followed(judge.law_of([f"-{1.02**2}*x0"]), held_out)
        apart = np.abs(np.cos(1.02 * t) - np.cos(t)) > 0.1 * x.std()
        self.assertAlmostEqual(followed, t[np.argmax(apart)], delta=0.02)
        self.assertLess(followed, 0.3 * whole)

    def test_that_explodes_or_is_no_number_ends_the_motion(self):
        held_out = truth("cubic")
        self.assertLess(judge.followed(judge.law_of(["x0**3 + 100*y0"]), held_out)[0], 1.0)
        self.assertEqual(judge.followed(judge.law_of(["sqrt(-1 - x0**2)"]), held_out)[0], 0.0)


class Terms(unittest.TestCase):
    def test_are_counted(self):
        counts = judge.compare("-1.001*x0 - 0.9*x0**3 + 0.002*y0", "-x0 - x0**3 - y0**3", 1)
        self.assertEqual([counts[name] for name in ("right", "off", "false", "missing")], [1, 1, 1, 1])
        self.assertAlmostEqual(counts["worst"], 0.1)
        (held_out,) = truth("cubic")
        for number, false in [(1e-5, 0), (0.1, 1)]:
            counts = judge.compare_sums([f"-x0 - x0**3 + {number}*y0"], ["-x0 - x0**3"], held_out)
            self.assertEqual((counts["right"], counts["false"]), (2, false))

    def test_do_not_depend_on_spelling(self):
        same = [
            ("sin(x0)*cos(x0)", "sin(2*x0)/2"),
            ("y0**2.0*0.5 + cos(1.0003*x0)", "cos(x0) + y0**2/2"),
            ("y1**2*sin(x0)**2/2", "y1**2/4 - y1**2*cos(2*x0)/4"),
            ("3*(x0**2.0 + x1**2.0) ** -0.5", "3/sqrt(x0**2 + x1**2)"),
            ("-2*y0*y1*cos(x0)/sin(x0)", "-2*cos(x0)*y0*y1*sin(x0)**(-1)"),
        ]
        for one, other in same:
            with self.subTest(one):
                counts = judge.compare(one, other, 2)
                self.assertEqual((counts["off"], counts["false"], counts["missing"]), (0, 0, 0), counts)
                self.assertGreater(counts["right"], 0)

    def test_of_a_lagrangian_do_not_depend_on_its_factor_and_constant(self):
        counts = judge.compare_lagrangians("3*y0**2 + 6*cos(x0) + 17", "y0**2/2 + cos(x0)", 1)
        self.assertEqual((counts["right"], counts["off"], counts["false"], counts["missing"]), (2, 0, 0, 0))
        self.assertEqual(judge.compare_lagrangians("y0**2/2 - x0**2/2", "y0**2/2 + cos(x0)", 1)["missing"], 1)

    def test_of_a_sum_in_other_units_are_those_of_the_file(self):
        (one,) = found.in_the_units_of_the_file(["-x0 - x0**3"], 1e-6, 1e-3)
        made = data.FILES["duffing.csv"]
        counts = judge.compare_sums([one], made.sums)
        self.assertEqual((counts["right"], counts["false"], counts["missing"]), (2, 0, 0))
        made, length = data.FILES["orbit.csv"], 7.3e6
        unit = (length**3 / 3.986e14) ** 0.5
        there = found.in_the_units_of_the_file([f"-x{i}/sqrt(x0**2+x1**2)**3" for i in (0, 1)], length, unit)
        counts = judge.compare_sums(there, made.sums)
        self.assertEqual((counts["right"], counts["false"], counts["missing"]), (2, 0, 0))


EXPORTED = '''"""L = 0.5000 y² + 1.000 cos x"""

import numpy as np


def lagrangian(x, y):
    """L of x, y [.., 1]."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    x0 = x[..., 0]
    y0 = y[..., 0]
    return 0.5 * y0 ** 2.0 + 1.0000001 * np.cos(x0) + 0.0 * x0


def acceleration(x, y, tau=None):
    x, y = np.asarray(x, float), np.asarray(y, float)
    x0 = x[..., 0]
    y0 = y[..., 0]
    one = np.ones_like(x0)
    m = np.stack([
        np.stack([(1.0) * one], -1),
    ], -2)
    f = np.stack([
        (-1.0000001 * np.sin(x0)) * one,
    ], -1)
    return np.linalg.solve(m, f[..., None])[..., 0]
'''


class WhatMassExports(unittest.TestCase):
    def test_is_read_as_law_and_as_terms(self):
        held_out = truth("pendulum")
        self.assertLess(judge.error(mass_peer.law_of_code(EXPORTED), held_out), 1e-6)
        counts = judge.compare_lagrangians(mass_peer.lagrangian_of_code(EXPORTED), "y0**2/2 + cos(x0)", 1)
        self.assertEqual((counts["right"], counts["false"], counts["missing"]), (2, 0, 0))
        self.assertEqual(mass_peer.sums_of_code(EXPORTED), ["-1.0000001 * sin(x0)"])


    def test_says_of_energy_and_friction_by_the_head_of_its_verdict(self):
        self.assertEqual(mass_peer.said("conservative: no friction is needed (added, 1); a Lagrangian"), "conservative")
        self.assertEqual(mass_peer.said("roughly; conservative: no friction (1); a"), "roughly, conservative")


class TheSplit(unittest.TestCase):
    def test_holds_the_same_motion_out_for_all(self):
        """What is learned from is the file without its second motion, and that motion is what is judged on."""
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            data.own_data().make(Path(folder))
            case = data.read(Path(folder), "damped", None)
        self.assertEqual(len(case.learn.t), 4)
        self.assertEqual(case.command[1:], ["--judge-on", "1"])
        self.assertAlmostEqual(case.held_out[0].x[0, 0], 1.2)
        # Back along each motion to its start, which the filter's ends are cut from.
        made = data.FILES["damped.csv"]
        for x, start in zip(case.learn.x, [0.5, 2.0, 0.1, -1.5], strict=True):
            there = next(of for _, of, _ in made.motions() if abs(of[0, 0] - start) < 1e-9)
            np.testing.assert_allclose(x[:, 0], there[3:-3, 0], atol=1e-3)
        # The derivatives that the others are given are good where there is no noise.
        for x, y, a in zip(case.learn.x, case.learn.y, case.learn.acceleration):
            self.assertLess(np.abs(a - made.law(x, y)).max(), 0.01)


class ThePage(unittest.TestCase):
    RUNS = [
        {"program": "mass_peer", "file": "pendulum", "seed": 0, "error": 1e-5, "followed": 29.0, "whole": 29.0,
         "seconds": 0.51, "formula": ["L = 0.5000 y²"], "says": "conservative",
         "terms": {"right": 2, "off": 0, "false": 1, "missing": 0, "worst": 0.0, "of": "L"}},
        *({"program": "lnn_peer", "file": "pendulum", "seed": seed, "error": error, "followed": 14.5, "whole": 29.0,
           "seconds": 600.2, "formula": ["(a network)"], "terms": None} for seed, error in enumerate([0.02, 0.08, 0.03])),
        {"program": "operon_peer", "file": "pendulum", "seed": 0, "failed": "TimeoutExpired: "},
    ]  # fmt: skip

    def test_says_what_the_record_says(self):
        page = compare.tables({"runs": self.RUNS})
        self.assertIn("| pendulum | 1e-3 %, whole, 0.5 s | none | 3 %, 50 %, 600 s |", page)
        self.assertIn("L: 2 right, 1 false", page)
        self.assertIn("LNN, pendulum: 2 %, 3 %, 8 %", page)
        self.assertIn("`L = 0.5 y²` (conservative)", page)

    def test_is_replaced_between_its_markers_alone(self):
        page = f"before\n{compare.BEGIN}\nold\n{compare.END}\nafter\n"
        self.assertEqual(compare.between(page, "new"), f"before\n{compare.BEGIN}\n\nnew\n\n{compare.END}\nafter\n")
        with self.assertRaises(ValueError):
            compare.between("no markers", "new")

    def test_that_is_committed_is_that_of_the_committed_record(self):
        page = compare.PAGE.read_text()
        tables = compare.tables(json.loads(compare.RECORD.read_text()))
        self.assertEqual(page, compare.between(page, tables))


if __name__ == "__main__":
    unittest.main()
