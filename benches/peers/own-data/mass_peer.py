"""`mass learn`, as anyone runs it: no options but what is held out (and the columns of a file without names)."""

import json
import os
import re
import resource
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from data import ROOT, Case
from found import Found

SEEDS = 1


def program() -> str:
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return os.environ.get("MASS", str(target / "debug" / "mass"))


def spent() -> float:
    """Processor seconds of the programs that were run."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def law_of_code(code: str):
    space = {}
    exec(code, space)  # the module that `mass export --as numpy` writes
    return lambda x, y: space["acceleration"](x, y)


def lagrangian_of_code(code: str) -> str | None:
    line = re.search(r"def lagrangian.*?\n    return (.*?) \+ 0\.0 \* x0\n", code, re.DOTALL)
    return line and line.group(1).replace("np.", "")


def sums_of_code(code: str) -> list[str]:
    force = code[code.index("f = np.stack") :]
    return [one.replace("np.", "") for one in re.findall(r"^        \((.*)\) \* one,$", force, re.MULTILINE)]


def said(verdict: str) -> str:
    """The head of a verdict: "roughly; conservative: no friction is needed (added, ...)" is "roughly, conservative"."""
    heads = [part.split(":")[0].split(" (")[0] for part in verdict.split("; ")]
    return ", ".join(heads[:2]) if heads[0] == "roughly" else heads[0]


def learn(case: Case, seed: int, limit: float) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        begun = spent()
        subprocess.run(
            [program(), "learn", *case.command, "--out", folder], check=True, capture_output=True, timeout=limit
        )
        seconds = spent() - begun
        learned = json.loads((Path(folder) / "learned.json").read_text())
        if learned["best"] is None:
            raise RuntimeError(f"no law: {learned['verdict']}")
        code = subprocess.run(
            [program(), "export", folder, "--as", "numpy"], check=True, capture_output=True, text=True
        ).stdout
    best = learned["theories"][learned["best"]]
    lagrangian = lagrangian_of_code(code)
    friction = {}
    if lagrangian and learned["lagrangian"]:
        friction = {one["on"]: one["coefficient"]["value"] for one in learned["lagrangian"]["parts"]["friction"]}
    return Found(
        law=law_of_code(code),
        seconds=seconds,
        formula=best["formula"][:1] if lagrangian else best["formula"],
        sums=None if lagrangian else sums_of_code(code),
        lagrangian=lagrangian,
        friction=friction,
        says=said(learned["verdict"]),
        how=f"best: {best['name']}",
        versions={"mass": learned["version"], "numpy": np.__version__},
    )
