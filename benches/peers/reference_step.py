"""Trains one exported case with PyTorch and writes the trajectory as a golden file.

An independent statement of the objective of X. Fu, Z. Liu, M. Tegmark, "Do Two AI Scientists Agree?",
arXiv 2504.02822 (2025), as its released code has it: network, term library, loss, AdamW with a linear warm-up
and a cosine decay, moving average of the weights. Written from the formulas, sharing no code with the Rust crates.

Letters: B batch, N dataset, d degrees of freedom, H width, L hidden layers, T terms, K systems.
"""

import argparse
import hashlib
import json
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from common import (
    ACTIVE,
    BETAS,
    EMA_DECAY,
    EPSILON,
    LAMBDA_1,
    LAMBDA_2,
    LAMBDA_B,
    LEARNING_RATE,
    T,
    TERMS,
    WARMUP_START,
    WEIGHT_DECAY,
    number,
    numbers,
    read_case_file,
)

class Scalar(torch.nn.Module):
    """S(x, y): an MLP on (x, y, x², y², x⊙y), exact GELU between its layers; `[B, d], [B, d] -> [B]`."""

    def __init__(self, layers: list[tuple[Tensor, Tensor]]):
        super().__init__()
        self.weights = torch.nn.ParameterList([w.clone() for w, _ in layers])
        self.biases = torch.nn.ParameterList([b.clone() for _, b in layers])

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        hidden = torch.cat([x, y, x * x, y * y, x * y], dim=1)
        last = len(self.weights) - 1
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            hidden = torch.nn.functional.linear(hidden, weight, bias)
            if layer < last:
                hidden = torch.nn.functional.gelu(hidden, approximate="none")
        return hidden.squeeze(1)


@dataclass
class Derivatives:
    """The gradient `[B, d]` and the Hessian blocks `[B, d, d]` of S; the rows of `s_xy` run over y."""

    s_x: Tensor
    s_y: Tensor
    s_xx: Tensor
    s_yy: Tensor
    s_xy: Tensor


def derivatives(scalar, x: Tensor, y: Tensor) -> Derivatives:
    """Gradient and Hessian of `scalar` at (x, y), which must require gradients; kept differentiable."""

    def gradient(of: Tensor, by: Tensor) -> Tensor:
        if not of.requires_grad:  # a constant: its derivative is zero
            return torch.zeros_like(by)
        (found,) = torch.autograd.grad(of.sum(), by, create_graph=True, allow_unused=True)
        return torch.zeros_like(by) if found is None else found

    # States of a batch do not mix, so the gradient of the sum over the batch is the gradient of each state.
    value = scalar(x, y)
    s_x, s_y = gradient(value, x), gradient(value, y)
    rows = range(x.shape[1])
    s_xx = torch.stack([gradient(s_x[:, row], x) for row in rows], dim=1)
    s_yy = torch.stack([gradient(s_y[:, row], y) for row in rows], dim=1)
    s_xy = torch.stack([gradient(s_y[:, row], x) for row in rows], dim=1)
    return Derivatives(s_x, s_y, s_xx, s_yy, s_xy)


def all_terms(scalar, b: Tensor, states: Tensor) -> Tensor:
    """The 172 terms of every state, none masked, in the order of `TERMS`: `[B, 2d] -> [B, T, d]`."""
    d = states.shape[1] // 2
    x = states[:, :d].detach().clone().requires_grad_(True)
    y = states[:, d:].detach().clone().requires_grad_(True)
    of = derivatives(scalar, x, y)
    shift = b * torch.eye(d, dtype=states.dtype)
    hessian = [of.s_xx, of.s_yy, of.s_xy]
    matrices = hessian + [torch.linalg.pinv(matrix + shift) for matrix in hessian]
    vectors = [x, y, of.s_x, of.s_y]
    products = [[torch.einsum("bij,bj->bi", a, v) for v in vectors] for a in matrices]
    terms = list(vectors)
    for row in products:
        terms += row
    for a in matrices:
        for row in products:
            terms += [torch.einsum("bij,bj->bi", a, product) for product in row]
    return torch.stack(terms, dim=1)


class Scientist(torch.nn.Module):
    """K scalars with their shifts b `[K]`, and the one final layer w `[T]` that they share."""

    def __init__(self, nets: list[list[tuple[Tensor, Tensor]]], b: Tensor, w: Tensor):
        super().__init__()
        self.nets = torch.nn.ModuleList([Scalar(layers) for layers in nets])
        self.b = torch.nn.ParameterList([b[i].clone() for i in range(len(nets))])
        self.w = torch.nn.Parameter(w.clone())
        self.register_buffer("mask", torch.tensor(ACTIVE, dtype=w.dtype))

    def activations(self, system: int, states: Tensor) -> Tensor:
        """w_i t_i, the degenerate terms held at zero: `[B, T, d]`; their sum over T is the prediction."""
        terms = all_terms(self.nets[system], self.b[system], states)
        return self.w[:, None] * (terms * self.mask[:, None])


def rmse(prediction: Tensor, target: Tensor) -> Tensor:
    """The released code's error: the norm over batch and components, over the square root of the batch."""
    return torch.linalg.vector_norm(prediction - target) / math.sqrt(target.shape[0])


def loss_of(model: Scientist, states: list[Tensor], targets: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """The loss over all systems and the error of each.

    The released code divides the running sum inside the loop, so that system i ends with the weight K^-(K-i).
    """
    systems = len(states)
    loss = torch.zeros((), dtype=targets[0].dtype)
    errors = []
    for i in range(systems):
        activations = model.activations(i, states[i])
        error = rmse(activations.sum(dim=1), targets[i])
        penalties = (
            LAMBDA_B * model.b[i].abs()
            + LAMBDA_1 / T * model.w.abs().sum()
            + LAMBDA_2 / T * activations.abs().sum()  # over the batch too: a sum, not a mean
        )
        errors.append(error)
        loss = loss + error
        loss = loss / systems
        loss = loss + penalties / systems
    return loss, errors


def optimiser_of(model: Scientist) -> torch.optim.AdamW:
    return torch.optim.AdamW(
        model.parameters(), lr=LEARNING_RATE, betas=BETAS, eps=EPSILON, weight_decay=WEIGHT_DECAY
    )


@dataclass
class Case:
    """One scientist of a case file."""

    nets: list[list[tuple[Tensor, Tensor]]]
    b: Tensor
    w: Tensor
    states: list[Tensor]
    targets: list[Tensor]
    batches: list[Tensor]
    steps: int
    warmup: int
    decay: int
    d: int
    systems: list[str]

    @property
    def dtype(self) -> torch.dtype:
        return self.w.dtype


def read_cases(path: Path) -> list[Case]:
    """Reads a case file, one `Case` for each of its scientists."""
    file = read_case_file(path)

    def of(array) -> Tensor:
        return torch.from_numpy(array)

    return [
        Case(
            [[(of(weight[e]), of(bias[e])) for weight, bias in layers] for layers in file.nets],
            of(file.b[e]),
            of(file.w[e]),
            [of(states[e]) for states in file.states],
            [of(targets[e]) for targets in file.targets],
            [of(batches[e]) for batches in file.batches],
            file.steps,
            file.warmup,
            file.decay,
            file.d,
            file.systems,
        )
        for e in range(file.members)
    ]


def read_case(path: Path) -> Case:
    """Reads a case file of one scientist."""
    cases = read_cases(path)
    if len(cases) != 1:
        sys.exit(f"{path}: {len(cases)} scientists, 1 is needed")
    return cases[0]


@dataclass
class Step:
    loss: float
    errors: list[float]
    lr: float


def train(case: Case) -> tuple[Scientist, dict[str, Tensor], list[Step]]:
    """Runs every step: the trained scientist, the moving averages by parameter name, and what each step saw.

    The loss, the errors and the rate of a step are those before its update.
    """
    model = Scientist(case.nets, case.b, case.w)
    average = {name: p.detach().clone() for name, p in model.named_parameters()}
    steps = []
    optimiser = scheduler = None
    for step in range(case.steps):
        # Two phases, each with an optimiser of its own: the moments start again where the decay begins.
        if step == 0 and case.warmup > 0:
            optimiser = optimiser_of(model)
            scheduler = torch.optim.lr_scheduler.LinearLR(
                optimiser, start_factor=WARMUP_START, total_iters=case.warmup
            )
        elif step == case.warmup:
            optimiser = optimiser_of(model)
            scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=case.decay)
        rows = [batches[step] for batches in case.batches]
        optimiser.zero_grad(set_to_none=True)
        loss, errors = loss_of(
            model,
            [states[at] for states, at in zip(case.states, rows)],
            [targets[at] for targets, at in zip(case.targets, rows)],
        )
        loss.backward()
        steps.append(Step(loss.item(), [error.item() for error in errors], optimiser.param_groups[0]["lr"]))
        optimiser.step()
        scheduler.step()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                average[name].mul_(EMA_DECAY).add_(parameter, alpha=1 - EMA_DECAY)
    return model, average, steps


def averaged_errors(case: Case, average: dict[str, Tensor]) -> list[float]:
    """The error of the averaged weights on all the states of each system."""
    model = Scientist(case.nets, case.b, case.w)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(average[name])
    found = []
    for i, (states, targets) in enumerate(zip(case.states, case.targets)):
        with torch.enable_grad():  # S is differentiated by its inputs, whatever becomes of the weights
            prediction = model.activations(i, states).sum(dim=1)
        found.append(rmse(prediction, targets).item())
    return found


def export_names(case: Case, model: Scientist) -> list[tuple[str, list[str]]]:
    """The case file's tensor names, each with the model's parameters that make it up."""
    names = [("w", ["w"]), ("b", [f"b.{i}" for i in range(len(case.systems))])]
    for i, net in enumerate(model.nets):
        for layer in range(len(net.weights)):
            names.append((f"net.{i}.layer.{layer}.weight", [f"nets.{i}.weights.{layer}"]))
            names.append((f"net.{i}.layer.{layer}.bias", [f"nets.{i}.biases.{layer}"]))
    return names


def summary(values: list[Tensor], first: int) -> tuple[str, str]:
    """The norm and the leading values (row by row) of a tensor given in pieces."""
    flat = torch.cat([value.detach().reshape(-1) for value in values]).double()
    return number(torch.linalg.vector_norm(flat).item()), numbers(flat[:first])


def golden(case: Case, digest: str, model: Scientist, average: dict[str, Tensor], steps: list[Step]) -> str:
    """The golden file's text: one line a step and one line a tensor, so that a change of it reads well."""
    weights = dict(model.named_parameters())
    final = []
    for name, parts in export_names(case, model):
        first = 8 if name in ("w", "b") else 3
        norm, head = summary([weights[part] for part in parts], first)
        ema_norm, ema_head = summary([average[part] for part in parts], first)
        final.append(
            f'  "{name}": {{"norm": {norm}, "first": {head}, "ema_norm": {ema_norm}, "ema_first": {ema_head}}}'
        )
    lines = [
        f'  {{"step": {k}, "loss": {number(s.loss)}, "errors": {numbers(s.errors)}, "lr": {number(s.lr)}}}'
        for k, s in enumerate(steps, start=1)
    ]
    head = {
        "source": "Fu et al. 2025, arXiv 2504.02822, the released code's objective; "
        "written by benches/peers/reference_step.py",
        "torch": torch.__version__,
        "dtype": "f64" if case.dtype == torch.float64 else "f32",
        "case_sha256": digest,
        "systems": case.systems,
        "warmup": case.warmup,
        "decay": case.decay,
    }
    text = "{\n" + "".join(f' "{key}": {json.dumps(value)},\n' for key, value in head.items())
    text += ' "steps": [\n' + ",\n".join(lines) + "\n ],\n"
    text += ' "final": {\n' + ",\n".join(final) + "\n },\n"
    text += f' "ema_rmse": {numbers(averaged_errors(case, average))}\n}}\n'
    json.loads(text)
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", type=Path, help="the exported case, a .safetensors file")
    parser.add_argument("--output", type=Path, help="the golden file to write")
    parser.add_argument("--check", action="store_true", help="check this reference against closed forms instead")
    arguments = parser.parse_args()
    # One thread: sums run in one order, so a machine gives the same bits every time.
    torch.set_num_threads(1)
    if arguments.check:
        import checks

        checks.run()
        return
    if arguments.input is None or arguments.output is None:
        parser.error("--input and --output are both needed (or --check alone)")
    case = read_case(arguments.input)
    begun = time.perf_counter()
    try:
        model, average, steps = train(case)
    except torch.linalg.LinAlgError as error:
        sys.exit(f"{arguments.input}: the run met a matrix that is not finite, and wrote nothing ({error})")
    per_step = (time.perf_counter() - begun) / case.steps
    digest = hashlib.sha256(arguments.input.read_bytes()).hexdigest()
    text = golden(case, digest, model, average, steps)
    partial = arguments.output.with_name(arguments.output.name + ".partial")
    partial.write_text(text)
    os.replace(partial, arguments.output)
    print(
        f"{case.steps} steps of {','.join(case.systems)} in {str(case.dtype).removeprefix('torch.')}: "
        f"loss {steps[0].loss:.6g} to {steps[-1].loss:.6g}, errors {steps[0].errors} to {steps[-1].errors}, "
        f"{1e3 * per_step:.1f} ms a step; {len(text) / 1e3:.1f} kB in {arguments.output}"
    )


if __name__ == "__main__":
    main()
