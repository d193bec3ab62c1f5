"""Checks of `reference_step.py` against closed forms and finite differences, all in f64.

`reference_step.py --check` runs them; each prints the largest difference it found and stops the run if that is too
large.
"""

import math
import sys
import tempfile
from pathlib import Path

import torch
from torch import Tensor

import reference_step as reference
from synthetic_case import write_case

F64 = torch.float64


def report(name: str, difference: float, allowed: float) -> None:
    print(f"{name}: {difference:.2e} (allowed {allowed:.0e})")
    if not difference <= allowed:
        sys.exit(f"check failed: {name}")


def random_scalar(d: int, draw: torch.Generator) -> reference.Scalar:
    sizes = [5 * d, 12, 12, 1]
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        bound = fan_in**-0.5
        weight = (2 * torch.rand(fan_out, fan_in, dtype=F64, generator=draw) - 1) * bound
        layers.append((weight, (2 * torch.rand(fan_out, dtype=F64, generator=draw) - 1) * bound))
    return reference.Scalar(layers)


def check_terms() -> None:
    names = reference.TERMS
    wrong = sum(
        [
            len(names) != 172,
            len(set(names)) != 172,
            names[22] != "S_yy^-1 S_x",
            names[133] != "S_yy^-1 S_xy y",
            reference.ACTIVE.count(0.0) != 26,
            reference.ACTIVE[:4] != [0.0, 0.0, 1.0, 1.0],
        ]
    )
    report("172 terms, 26 of them degenerate, 22 and 133 as named", wrong, 0)


def check_network() -> None:
    """The first layer and the GELU, by hand: x Φ(x) with the exact error function."""
    state = [0.3, -0.7]
    features = [0.3, -0.7, 0.09, 0.49, -0.21]
    weight = torch.tensor([[0.5, -0.25, 1.0, 0.75, -2.0]], dtype=F64)
    net = reference.Scalar(
        [(weight, torch.tensor([0.1], dtype=F64)), (torch.tensor([[3.0]], dtype=F64), torch.tensor([0.2], dtype=F64))]
    )
    inner = sum(a * b for a, b in zip(weight[0].tolist(), features)) + 0.1
    by_hand = 3 * inner * 0.5 * (1 + math.erf(inner / math.sqrt(2))) + 0.2
    x, y = torch.tensor([[state[0]]], dtype=F64), torch.tensor([[state[1]]], dtype=F64)
    report("network against a hand calculation", abs(net(x, y).item() - by_hand), 1e-15)


def check_derivatives(d: int) -> None:
    """First and second derivatives against central differences of S itself."""
    draw = torch.Generator().manual_seed(d)
    net = random_scalar(d, draw)
    states = 2 * torch.rand(16, 2 * d, dtype=F64, generator=draw) - 1
    found = reference.derivatives(
        net, states[:, :d].clone().requires_grad_(True), states[:, d:].clone().requires_grad_(True)
    )

    def value(shift: Tensor) -> Tensor:
        with torch.no_grad():
            moved = states + shift
            return net(moved[:, :d], moved[:, d:])

    unit = torch.eye(2 * d, dtype=F64)
    h = 1e-5
    slopes = torch.stack([(value(h * e) - value(-h * e)) / (2 * h) for e in unit], dim=1)
    gradient = torch.cat([found.s_x, found.s_y], dim=1)
    report(f"gradient of S against differences, d = {d}", (gradient - slopes).abs().max().item(), 1e-9)
    h = 2e-4
    curves = torch.stack(
        [
            torch.stack(
                [
                    (value(h * (a + c)) - value(h * (a - c)) - value(h * (c - a)) + value(-h * (a + c))) / (4 * h * h)
                    for c in unit
                ],
                dim=1,
            )
            for a in unit
        ],
        dim=1,
    )
    parts = [(found.s_xx, curves[:, :d, :d]), (found.s_yy, curves[:, d:, d:]), (found.s_xy, curves[:, d:, :d])]
    worst = max((mine - theirs).abs().max().item() for mine, theirs in parts)
    report(f"Hessian of S against differences, d = {d}", worst, 1e-6)


def check_pinv() -> None:
    """pinv(A + bI): the values and slopes of an inverse, and zero for a zero."""
    a = torch.tensor([0.7, -0.02, 30.0, 1e-5], dtype=F64)
    b = torch.tensor(0.05, dtype=F64, requires_grad=True)
    inverse = torch.linalg.pinv(a[:, None, None] + b * torch.eye(1, dtype=F64))[:, 0, 0]
    exact = 1 / (a + 0.05)
    report("pinv of 1 x 1", ((inverse - exact) / exact).abs().max().item(), 1e-14)
    (slope,) = torch.autograd.grad(inverse.sum(), b)
    report("its slope by b", abs(slope.item() / -(exact**2).sum().item() - 1), 1e-14)
    report("pinv of zero", torch.linalg.pinv(torch.zeros(1, 1, dtype=F64)).abs().item(), 0)
    matrix = torch.randn(5, 3, 3, dtype=F64, generator=torch.Generator().manual_seed(1)).requires_grad_(True)
    passed = torch.autograd.gradcheck(lambda m, s: torch.linalg.pinv(m + s * torch.eye(3, dtype=F64)), (matrix, b))
    report("gradcheck of pinv, 3 x 3", 0 if passed else 1, 0)


def check_lagrangian() -> None:
    """The terms 22 and 133 of L = ½ yᵀM y − ½ xᵀK x + yᵀC x give its equation of motion (C is not symmetric).

    The masses differ and C is skewed, so a transposed S_xy or a swapped product would show.
    """
    mass = torch.tensor([[2.0, 0.3], [0.3, 1.0]], dtype=F64)
    spring = torch.tensor([[1.5, -0.4], [-0.4, 0.8]], dtype=F64)
    gauge = torch.tensor([[0.2, 1.1], [-0.6, 0.5]], dtype=F64)

    def lagrangian(x: Tensor, y: Tensor) -> Tensor:
        return 0.5 * ((y @ mass) * y).sum(1) - 0.5 * ((x @ spring) * x).sum(1) + (y * (x @ gauge.T)).sum(1)

    states = torch.randn(32, 4, dtype=F64, generator=torch.Generator().manual_seed(2))
    x, y = states[:, :2], states[:, 2:]
    force = -x @ spring + y @ gauge - y @ gauge.T
    exact = torch.linalg.solve(mass, force.T).T
    terms = reference.all_terms(lagrangian, torch.zeros((), dtype=F64), states)
    report("Euler-Lagrange from terms 22 and 133, d = 2", (terms[:, 22] - terms[:, 133] - exact).abs().max().item(), 1e-13)


def check_loss(case: reference.Case) -> None:
    """The gradient of the loss by every kind of parameter against differences, and the weights over systems."""
    # Shifts well away from every curvature of S: near a pole of an inverse no finite difference would hold.
    model = reference.Scientist(case.nets, torch.tensor([0.6, -0.7, 0.8], dtype=F64), case.w)
    states = [s[:64] for s in case.states]
    targets = [t[:64] for t in case.targets]
    loss, errors = reference.loss_of(model, states, targets)
    loss.backward()
    systems = len(states)
    by_hand = 0.0
    for i in range(systems):
        activations = model.activations(i, states[i])
        penalty = 0.5 * abs(model.b[i].item()) + 0.1 / 172 * model.w.abs().sum().item()
        penalty += 0.01 / 172 * activations.abs().sum().item()
        by_hand += (errors[i].item() + penalty) / systems ** (systems - i)
    report("loss against the sum with weights K^-(K-i)", abs(loss.item() / by_hand - 1), 1e-13)

    worst, h = 0.0, 1e-6
    missing = []
    for name, parameter in model.named_parameters():
        if parameter.grad is None:
            missing.append(name)
            continue
        flat = parameter.data.view(-1)
        for at in {0, flat.numel() // 2, flat.numel() - 1}:
            kept, sides = flat[at].item(), []
            for moved in (kept + h, kept - h):
                flat[at] = moved
                sides.append(reference.loss_of(model, states, targets)[0].item())
            flat[at] = kept
            slope = parameter.grad.view(-1)[at].item()
            worst = max(worst, abs((sides[0] - sides[1]) / (2 * h) - slope) / (1 + abs(slope)))
    report("gradient of the loss against differences", worst, 1e-6)
    last = len(model.nets[0].biases) - 1
    expected = [f"nets.{i}.biases.{last}" for i in range(systems)]
    report("parameters without a gradient: the output biases alone", 0 if missing == expected else 1, 0)


def check_training(case: reference.Case) -> None:
    """Rates by their closed forms, AdamW and the moving average by their formulas, the output bias untouched."""
    model, average, steps = reference.train(case)
    worst = 0.0
    for k, step in enumerate(steps):
        if k < case.warmup:
            rate = 5e-4 * (0.1 + 0.9 * k / case.warmup)
        else:
            rate = 5e-4 * 0.5 * (1 + math.cos(math.pi * (k - case.warmup) / case.decay))
        worst = max(worst, abs(step.lr / rate - 1))
    report("learning rates against the closed forms", worst, 1e-12)

    mine = reference.Scientist(case.nets, case.b, case.w)
    mean: dict[str, Tensor] = {}
    square: dict[str, Tensor] = {}
    moving = {name: p.detach().clone() for name, p in mine.named_parameters()}
    for k, step in enumerate(steps):
        if k in (0, case.warmup):
            mean = {name: torch.zeros_like(p) for name, p in mine.named_parameters()}
            square = {name: torch.zeros_like(p) for name, p in mine.named_parameters()}
        t = k + 1 if k < case.warmup else k + 1 - case.warmup
        mine.zero_grad(set_to_none=True)
        rows = [b[k] for b in case.batches]
        loss, _ = reference.loss_of(
            mine, [s[r] for s, r in zip(case.states, rows)], [g[r] for g, r in zip(case.targets, rows)]
        )
        loss.backward()
        with torch.no_grad():
            for name, p in mine.named_parameters():
                if p.grad is not None:
                    mean[name] = 0.7 * mean[name] + 0.3 * p.grad
                    square[name] = 0.8 * square[name] + 0.2 * p.grad**2
                    step_by = (mean[name] / (1 - 0.7**t)) / ((square[name] / (1 - 0.8**t)).sqrt() + 1e-8)
                    p.copy_(p * (1 - step.lr * 0.01) - step.lr * step_by)
                moving[name] = 0.99 * moving[name] + 0.01 * p
    theirs = dict(model.named_parameters())
    worst = max((theirs[name] - p).abs().max().item() for name, p in mine.named_parameters())
    report("weights against AdamW by its formula", worst, 1e-10)
    worst = max((average[name] - moving[name]).abs().max().item() for name in moving)
    report("moving averages against their formula", worst, 1e-10)
    last = len(case.nets[0]) - 1
    worst = max(
        (theirs[f"nets.{i}.biases.{last}"] - net[last][1]).abs().max().item() for i, net in enumerate(case.nets)
    )
    report("change of the output biases", worst, 0)


def run() -> None:
    """All checks; a failure ends the process with a non-zero status."""
    check_terms()
    check_network()
    for d in (1, 2):
        check_derivatives(d)
    check_pinv()
    check_lagrangian()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.safetensors"
        write_case(
            path, ["classical", "pendulum", "relativistic"], steps=24, warmup=10, decay=20, rows=300, batch=64, hidden=2
        )
        case = reference.read_case(path)
    check_loss(case)
    check_training(case)
    print("all checks passed")
