"""What a program found in a file, as every peer hands it over."""

from dataclasses import dataclass, field

from data import Case
from judge import Law, law_of, monomials, parsed, variables


@dataclass
class Found:
    """A law in radians and else in the units of the file, and how it came about."""

    law: Law
    seconds: float  # of processor, for learning
    formula: list[str]  # as the program prints it
    sums: list[str] | None = None  # the same as expressions of x0, y0, x1, ..., where it is one
    lagrangian: str | None = None
    friction: dict[int, float] = field(default_factory=dict)
    says: str = ""  # of energy and friction, in the program's words
    how: str = ""
    versions: dict[str, str] = field(default_factory=dict)


def in_the_units_of_the_file(sums: list[str], length: float, time: float) -> list[str]:
    """Accelerations in other units: a length and a time are what the sums take for 1."""
    d = len(sums)
    names = variables(d)
    there = {names[f"x{i}"]: names[f"x{i}"] / length for i in range(d)}
    there |= {names[f"y{i}"]: names[f"y{i}"] * (time / length) for i in range(d)}
    moved = [parsed(one, d).subs(there, simultaneous=True) * (length / time**2) for one in sums]
    return [" + ".join(f"({n!r})*{term}" for term, n in monomials(one).items()) or "0" for one in moved]


def of_sums(case: Case, sums: list[str], length: float, time: float, **rest) -> Found:
    if (length, time) != (1.0, 1.0):
        sums = in_the_units_of_the_file(sums, length, time)
    return Found(law=law_of(sums), formula=sums, sums=sums, **rest)
