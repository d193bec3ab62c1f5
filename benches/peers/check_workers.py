"""Checks of the timed workers: both have the same loss, gradient and training, and one thread is one core.

Each check prints the largest difference it found and stops the run if that is too large.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import reference_step as reference
from checks import report
from synthetic_case import write_case

HERE = Path(__file__).parent
ALL = 10**6
FORMS = ("plain", "tuned")


def start(worker: str, *arguments) -> list[str]:
    return [sys.executable, str(HERE / f"{worker}_worker.py"), *map(str, arguments)]


def checked(worker: str, case: Path, *arguments) -> dict[str, np.ndarray]:
    """What `--check` of a worker writes: the loss `[E]` and every gradient `[E, n]`, whole."""
    out = case.with_suffix(f".{worker}.json")
    subprocess.run(start(worker, "--case", case, "--check", out, "--values", ALL, *arguments), check=True)
    found = json.loads(out.read_text())
    gradient = {name: np.array(of["values"]) for name, of in found["gradient"].items()}
    norms = max(
        np.abs(np.linalg.norm(values, axis=1) - found["gradient"][name]["norm"]).max() / (1 + values.max())
        for name, values in gradient.items()
    )
    report(f"norms of {out.name}", norms, 1e-6)
    return {"loss": np.array(found["loss"])[:, None]} | gradient


def difference(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    """The largest relative L2 difference over tensors and scientists; zero where both are zero."""
    if one.keys() != other.keys():
        sys.exit(f"check failed: tensors {sorted(one)} and {sorted(other)}")
    worst = 0.0
    for name in one:
        apart = np.linalg.norm(one[name] - other[name], axis=1)
        size = np.linalg.norm(other[name], axis=1)
        worst = max(worst, np.divide(apart, size, out=apart.copy(), where=size > 0).max())
    return worst


def check_reference(case: Path) -> None:
    """The PyTorch worker against the reference, which makes the terms in another way."""
    mine = checked("torch", case)
    theirs = []
    for of in reference.read_cases(case):
        model = reference.Scientist(of.nets, of.b, of.w)
        rows = [batches[0] for batches in of.batches]
        loss, _ = reference.loss_of(
            model, [s[at] for s, at in zip(of.states, rows)], [t[at] for t, at in zip(of.targets, rows)]
        )
        loss.backward()
        theirs.append((loss.item(), model.w.grad, torch.stack([b.grad for b in model.b])))
    expected = {
        "loss": np.array([loss for loss, _, _ in theirs])[:, None],
        "w": torch.stack([w for _, w, _ in theirs]).numpy(),
        "b": torch.stack([b for _, _, b in theirs]).numpy(),
    }
    report("torch against the reference, f64", difference({name: mine[name] for name in expected}, expected), 1e-10)


def check_forms(case: Path, what: str, allowed: float) -> None:
    """Both forms of JAX against PyTorch, and against each other."""
    plain, tuned = [checked("jax", case, "--form", form) for form in FORMS]
    of_torch = checked("torch", case)
    report(f"JAX (plain) against torch, {what}", difference(plain, of_torch), allowed)
    report(f"JAX (tuned) against torch, {what}", difference(tuned, of_torch), allowed)
    report(f"JAX, plain against tuned, {what}", difference(plain, tuned), allowed)


def check_agreement(folder: Path) -> None:
    systems = ["classical", "pendulum"]
    four = folder / "four.safetensors"
    for names in (systems[:1], systems):
        write_case(four, names, steps=1, members=4, shift=0.6)
        check_forms(four, f"f64, {','.join(names)}", 1e-10)
    check_reference(four)
    write_case(four, systems[:1], dtype="f32", steps=1, members=4, shift=0.6)
    check_forms(four, "f32", 1e-5)


def check_members(folder: Path) -> None:
    four, one = folder / "four.safetensors", folder / "one.safetensors"
    write_case(four, ["classical"], steps=1, members=4)
    alone = {form: [] for form in FORMS}
    for seed in range(4):
        write_case(one, ["classical"], seed=seed, steps=1)
        for form in FORMS:
            alone[form].append(checked("jax", one, "--form", form))
    for form, how in (("plain", []), ("tuned", []), ("tuned", ["--over", "vmap"])):
        each = {name: np.concatenate([of[name] for of in alone[form]]) for name in alone[form][0]}
        found = difference(checked("jax", four, "--form", form, *how), each)
        report(f"four scientists together ({' '.join([form, *how])}) against each alone, JAX, f64", found, 1e-12)


def check_averages(folder: Path) -> None:
    """The moving average after both phases, where a batch is the only row there is, so that all draw the same."""
    case = folder / "row.safetensors"
    write_case(case, ["classical"], steps=30, warmup=10, decay=20, rows=1, batch=1, shift=0.6)
    of_torch = checked("torch", case, "--after", 30)
    for form in FORMS:
        found = difference(checked("jax", case, "--after", 30, "--form", form), of_torch)
        report(f"JAX ({form}) against torch after 30 steps, f64", found, 1e-10)
    of = reference.read_case(case)
    _, average, _ = reference.train(of)
    model = reference.Scientist(of.nets, of.b, of.w)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(average[name])
    loss, _ = reference.loss_of(model, of.states, of.targets)
    report("torch against the reference after 30 steps", abs(of_torch["loss"].item() / loss.item() - 1), 1e-10)


def check_training(folder: Path) -> None:
    """A worker answers as agreed, and one thread takes no more processor time than wall time."""
    case = folder / "run.safetensors"
    plain, tuned = [("jax", "--form", form) for form in FORMS]
    for (worker, *how), members in ((("torch",), None), (plain, None), (tuned, None), (plain, 4), (tuned, 4)):
        write_case(case, ["classical"], dtype="f32", steps=1, members=members)
        command = start(worker, "--case", case, "--threads", 1, *how)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            word, about = process.stdout.readline().split(maxsplit=1)
            stat = Path(f"/proc/{process.pid}/stat")

            def processor_seconds() -> float:
                fields = stat.read_text().rsplit(")", 1)[1].split()
                return (int(fields[11]) + int(fields[12])) / 100

            before, wall = processor_seconds(), 0.0
            for steps in (120, 300) if worker == "torch" or how[1] == "tuned" else (30, 60):
                process.stdin.write(f"steps {steps}\n")
                process.stdin.flush()
                wall += float(process.stdout.readline())
            spent = processor_seconds() - before
            process.stdin.write("quit\n")
        fails = word != "ready" or json.loads(about)["threads"] != 1 or process.returncode != 0
        name = f"{' '.join([worker, *how[1:]])}, {members or 1} scientists"
        report(f"{name}: the protocol", int(fails), 0)
        report(f"{name}: cores at one thread, less one", spent / wall - 1, 0.05)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        check_agreement(Path(folder))
        check_members(Path(folder))
        check_averages(Path(folder))
        check_training(Path(folder))
    print("all checks passed")


if __name__ == "__main__":
    main()
