"""What `mass learn` and other programs do on the same files: makes the files, runs them, writes docs/compare.md.

    .peers-data/bin/python benches/peers/own-data/compare.py run
    .peers-data/bin/python benches/peers/own-data/compare.py table

Each (program, file, seed) is a process of its own and leaves one file in runs/compare/results; what is there is not run
again. `table` gathers them in docs/compare.json and writes the tables of docs/compare.md from it, between its markers.
"""

import argparse
import importlib
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time
import traceback
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
RUNS = ROOT / "runs" / "compare"
RECORD = ROOT / "docs" / "compare.json"
PAGE = ROOT / "docs" / "compare.md"

# The module of each program, and its name in the tables.
PROGRAMS = {
    "mass_peer": "mass learn",
    "pysindy_peer": "PySINDy, by hand",
    "pysindy_plain_peer": "PySINDy, as it comes",
    "operon_peer": "Operon",
    "lnn_peer": "LNN",
}
TITLES = {
    "pendulum": "pendulum",
    "pendulum_deg": "the same in degrees",
    "pendulum_noise": "the same, noise of 0.01 rad",
    "damped": "damped pendulum",
    "cubic": "cubic oscillator",
    "duffing": "the same in µm and ms (written in m and s)",
    "springs": "two coupled springs",
    "double": "double pendulum",
    "double_noise": "the same, noise of 0.01 rad",
    "cart": "pendulum on a cart",
    "cart_noise": "the same, noise of 0.01",
    "spherical": "spherical pendulum",
    "spherical_noise": "the same, noise of 0.01 rad",
    "kepler": "Kepler orbits, GM = 1",
    "orbit": "satellite orbits in m and s",
    "measured": "a measured double pendulum",
}


def judged(module: str, case, seed: int, limit: float) -> dict:
    """Runs one program on one file and judges what it found."""
    import judge

    found = importlib.import_module(module).learn(case, seed, limit)
    time_followed, whole = judge.followed(found.law, case.held_out)
    terms = None
    if found.lagrangian and case.lagrangian:
        terms = judge.compare_lagrangians(found.lagrangian, case.lagrangian, case.dof) | {"of": "L"}
        for on in set(found.friction) | set(case.friction):
            mine, true = found.friction.get(on), case.friction.get(on)
            if mine is None or true is None:
                terms["missing" if mine is None else "false"] += 1
                continue
            off = abs(mine / true - 1)
            terms["worst"] = max(terms["worst"], off)
            terms["right" if off <= judge.CLOSE else "off"] += 1
    elif found.sums and case.sums:
        terms = judge.compare_sums(found.sums, case.sums, case.held_out[0]) | {"of": "ẏ"}
    return {
        "error": judge.error(found.law, case.held_out),
        "followed": time_followed,
        "whole": whole,
        "seconds": found.seconds,
        "formula": found.formula,
        "terms": terms,
        "says": found.says,
        "how": found.how,
        "versions": found.versions,
    }


def finite(value):
    """JSON has no numbers that are not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: finite(one) for name, one in value.items()}
    return [finite(one) for one in value] if isinstance(value, list) else value


def write_whole(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text)
    part.replace(path)


def place(module: str, name: str, seed: int) -> Path:
    return RUNS / "results" / f"{module.removesuffix('_peer')}-{name}-{seed}.json"


def one(arguments) -> None:
    """A single run, in this process."""
    import data

    case = data.read(RUNS / "data", arguments.file, arguments.measured)
    record = {"program": arguments.program, "file": arguments.file, "seed": arguments.seed, "limit": arguments.limit}
    try:
        record |= judged(arguments.program, case, arguments.seed, arguments.limit)
    except Exception as failure:  # what a program dies of is its result
        traceback.print_exc()
        record["failed"] = f"{type(failure).__name__}: {failure}"
    write_whole(place(arguments.program, arguments.file, arguments.seed), json.dumps(finite(record), indent=1) + "\n")


def run(arguments) -> None:
    import data

    data.own_data().make(RUNS / "data")
    names = arguments.files or data.NAMES
    if arguments.measured is None:
        names = [name for name in names if name != data.MEASURED]
    for module in arguments.programs or PROGRAMS:
        seeds = min(importlib.import_module(module).SEEDS, arguments.seeds)
        for seed in range(seeds):
            for name in names:
                path = place(module, name, seed)
                if path.exists():
                    continue
                command = [sys.executable, __file__, "one", module, name, str(seed), "--limit", str(arguments.limit)]
                if arguments.measured:
                    command += ["--measured", str(arguments.measured)]
                # One thread each: processor seconds are to be those of the work, not of threads that wait.
                one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
                begun = time.monotonic()
                try:
                    subprocess.run(
                        command,
                        check=True,
                        capture_output=True,
                        text=True,
                        env=os.environ | one_thread,
                        timeout=20 * arguments.limit + 600,
                    )
                    said = json.loads(path.read_text())
                except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as failure:
                    said = {"program": module, "file": name, "seed": seed, "limit": arguments.limit}
                    said["failed"] = type(failure).__name__ + ": " + (failure.stderr or "")[-300:]
                    write_whole(path, json.dumps(said, indent=1) + "\n")
                words = said.get("failed") or f"error {share(said['error'])}, {span(said)}"
                print(f"{PROGRAMS[module]}, {name}, seed {seed}: {words} ({time.monotonic() - begun:.0f} s)", flush=True)


def share(value: float | None) -> str:
    """A share in percent, with two digits."""
    if value is None:
        return "not finite"
    percent = 100 * value
    if percent >= 1000:
        return "> 1000 %"
    if percent >= 9.95:
        return f"{percent:.0f} %"
    return f"{percent:.2g} %" if percent >= 0.01 else f"{percent:.0e} %".replace("e-0", "e-")


def span(said: dict) -> str:
    """How long a motion is followed: a share of its whole time."""
    part = said["followed"] / said["whole"]
    return "whole" if part > 0.999 else f"{100 * part:.0f} %"


def middle(records: list[dict]) -> dict | None:
    """The record whose error is the median of the seeds, the worse of two; those that failed are worst."""
    order = sorted(records, key=lambda one: one.get("error") if one.get("error") is not None else math.inf)
    return order[len(order) // 2] if order else None


def cell(records: list[dict]) -> str:
    said = middle(records)
    if said is None:
        return "–"
    if "failed" in said:
        return "none"
    seconds = statistics.median(one["seconds"] for one in records if "seconds" in one)
    time_taken = f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{share(said['error'])}, {span(said)}, {time_taken}"


def terms(records: list[dict]) -> str:
    said = middle(records)
    counts = said and said.get("terms")
    if not counts:
        return "–"
    words = [f"{counts[name]} {name}" for name in ("right", "off", "false", "missing") if counts[name]]
    return f"{counts['of']}: {', '.join(words)}"


def tables(record: dict) -> str:
    """The tables of docs/compare.md."""
    runs = record["runs"]

    def of(module: str, name: str) -> list[dict]:
        return [one for one in runs if one["program"] == module and one["file"] == name]

    names = [name for name in TITLES if any(one["file"] == name for one in runs)]
    programs = [module for module in PROGRAMS if any(one["program"] == module for one in runs)]
    heads = "| file | " + " | ".join(PROGRAMS[module] for module in programs) + " |"
    rule = "|---|" + "---|" * len(programs)
    lines = [f"{record.get('date', '')}, {record.get('processor', '')}, shared with other work.", ""]
    for module in ("operon_peer", "lnn_peer"):
        if module in programs:
            limits = sorted({one["limit"] for one in runs if one["program"] == module and "limit" in one})
            seeds = max(len(of(module, name)) for name in names)
            lines += [f"{PROGRAMS[module]}: at most {' or '.join(f'{one:g}' for one in limits)} s, seeds: {seeds}.", ""]
    lines += ["Error of the acceleration on the motion held out, share of that motion that is followed, processor seconds:", ""]
    lines += [heads, rule]
    lines += [f"| {TITLES[name]} | " + " | ".join(cell(of(m, name)) for m in programs) + " |" for name in names]
    readable = [module for module in programs if module != "lnn_peer"]
    lines += ["", "Terms of the law that was found, of L where it is a Lagrangian:", ""]
    lines += ["| file | " + " | ".join(PROGRAMS[module] for module in readable) + " |", "|---|" + "---|" * len(readable)]
    for name in names:
        cells = [terms(of(module, name)) for module in readable]
        if any(words != "–" for words in cells):
            lines.append(f"| {TITLES[name]} | " + " | ".join(cells) + " |")
    lines += ["", "The laws in words (of several seeds the one of median error):", ""]
    for name in names:
        lines += [f"**{TITLES[name]}**", ""]
        for module in readable:
            said = middle(of(module, name))
            if said is None:
                continue
            words = said.get("failed") or "; ".join(short(one) for one in said["formula"])
            words = f"`{words}`" if "failed" not in said else f"none ({short(words)})"
            verdict = f" ({said['says']})" if said.get("says") else ""
            lines.append(f"* {PROGRAMS[module]}: {words}{verdict}")
        lines.append("")
    spread = [one for one in (spread_of(of(m, n), m, n) for m in programs for n in names) if one]
    if spread:
        lines += ["Errors of the seeds where they differ by more than a half:", ""]
        lines += [f"* {one}" for one in spread] + [""]
    return "\n".join(lines)


def spread_of(records: list[dict], module: str, name: str) -> str | None:
    found = [one["error"] for one in records if one.get("error") is not None]
    if len(found) < 2 or max(found) < 1.5 * min(found):
        return None
    return f"{PROGRAMS[module]}, {TITLES[name]}: " + ", ".join(share(one) for one in sorted(found))


def short(text: str, most: int = 240) -> str:
    """Numbers to four digits, and the head of what is too long to read."""
    def rounded(match: re.Match) -> str:
        return f"{float(match.group()):.4g}"

    text = re.sub(r"\d+\.\d+(e[+-]?\d+)?", rounded, text.replace("\n", " "))
    # (-0.3)*y0 + (1)*sin(x0) as a person would write it.
    text = re.sub(r"\((-?[\d.]+(?:e[+-]?\d+)?)\)\*1(?= |$)", r"\1", text)
    text = re.sub(r"\((-?[\d.]+(?:e[+-]?\d+)?)\)\*", r"\1 ", text).replace("+ -", "− ").replace("**", "^")
    return text if len(text) <= most else f"{text[:most]} … ({len(text)} characters)"


def gathered() -> dict:
    runs = [json.loads(path.read_text()) for path in sorted((RUNS / "results").glob("*.json"))]
    order = {name: place for place, name in enumerate(TITLES)}
    runs.sort(key=lambda one: (list(PROGRAMS).index(one["program"]), order[one["file"]], one["seed"]))
    return {"date": date.today().isoformat(), "processor": processor(), "runs": runs}


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = "a processor of unknown name"
    return f"{os.cpu_count()} cores of {model}"


BEGIN, END = "<!-- by compare.py table -->", "<!-- end -->"


def between(page: str, text: str) -> str:
    """The page with this text between its markers."""
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"docs/compare.md needs one {BEGIN} and one {END}")
    head, rest = page.split(BEGIN)
    return f"{head}{BEGIN}\n\n{text.strip()}\n\n{END}{rest.split(END)[1]}"


def table(arguments) -> None:
    record = gathered()
    if not record["runs"]:
        sys.exit(f"no results in {RUNS / 'results'}: `compare.py run` makes them")
    write_whole(RECORD, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    write_whole(PAGE, between(PAGE.read_text(), tables(record)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    runner = commands.add_parser("run", help="run what has no result yet")
    runner.add_argument("--programs", nargs="*", choices=PROGRAMS)
    runner.add_argument("--files", nargs="*", choices=TITLES)
    runner.add_argument("--seeds", type=int, default=3, help="of programs that are random")
    runner.set_defaults(act=run)
    single = commands.add_parser("one", help="one program on one file")
    single.add_argument("program", choices=PROGRAMS)
    single.add_argument("file", choices=TITLES)
    single.add_argument("seed", type=int)
    single.set_defaults(act=one)
    for command in (runner, single):
        command.add_argument("--limit", type=float, default=600, help="processor seconds that a program may learn")
        command.add_argument("--measured", type=Path, help="real_double_pend_h_1.txt of Schmidt & Lipson 2009")
    commands.add_parser("table", help="write docs/compare.json and docs/compare.md").set_defaults(act=table)
    arguments = parser.parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
