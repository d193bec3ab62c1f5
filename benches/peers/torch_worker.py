"""PyTorch by the released code's algorithm, one scientist, to be timed against the Rust trainer.

The gradient of S by autograd, its Hessian row by row by autograd from that gradient, batched `torch.linalg.pinv`,
products by einsum over all matrices and vectors at once. Loss, rates and optimiser are those of `reference_step.py`,
which asks autograd five times where the release asks three times, and makes each product on its own.
"""

import sys

import numpy as np
import torch
from torch import Tensor

import reference_step as reference
from common import BETAS, EMA_DECAY, EPSILON, LEARNING_RATE, WARMUP_START, WEIGHT_DECAY
from common import serve, worker_arguments, write_check


def all_terms(scalar, b: Tensor, states: Tensor) -> Tensor:
    """The 172 terms of every state, none masked, in the order of `TERMS`: `[B, 2d] -> [B, T, d]`."""
    d = states.shape[1] // 2
    x = states[:, :d].clone().requires_grad_(True)
    y = states[:, d:].clone().requires_grad_(True)
    value = scalar(x, y)
    ones = torch.ones_like(value)
    s_x, s_y = torch.autograd.grad(value, (x, y), ones, create_graph=True)
    of_x = [torch.autograd.grad(s_x[:, i], x, ones, create_graph=True)[0] for i in range(d)]
    of_y = [torch.autograd.grad(s_y[:, i], (x, y), ones, create_graph=True) for i in range(d)]
    s_xx = torch.stack(of_x, dim=1)
    s_yy = torch.stack([by_y for _, by_y in of_y], dim=1)
    s_xy = torch.stack([by_x for by_x, _ in of_y], dim=1)
    hessian = torch.stack([s_xx, s_yy, s_xy])
    inverses = torch.linalg.pinv(hessian + b * torch.eye(d, dtype=states.dtype))
    matrices = torch.cat([hessian, inverses])
    vectors = torch.stack([x, y, s_x, s_y])
    products = torch.einsum("abij,vbj->avbi", matrices, vectors).flatten(0, 1)
    triples = torch.einsum("abij,vbj->avbi", matrices, products).flatten(0, 1)
    return torch.cat([vectors, products, triples]).transpose(0, 1)


class Scientist(reference.Scientist):
    """The reference's scientist with the terms of this file."""

    def activations(self, system: int, states: Tensor) -> Tensor:
        return (self.w * self.mask)[:, None] * all_terms(self.nets[system], self.b[system], states)


class Trainer:
    """The run of one case: two phases, each with an optimiser of its own, and the moving average."""

    def __init__(self, case: reference.Case):
        self.case = case
        self.batch = [batches.shape[1] for batches in case.batches]
        self.model = Scientist(case.nets, case.b, case.w)
        self.weights = list(self.model.parameters())
        self.average = [weight.detach().clone() for weight in self.weights]
        self.draw = np.random.default_rng(0)
        self.step = 0
        self.optimiser = self.scheduler = None

    def start_phase(self) -> None:
        """AdamW is the fused one: the same update in one call, a little faster than the default."""
        self.optimiser = torch.optim.AdamW(
            self.weights, lr=LEARNING_RATE, betas=BETAS, eps=EPSILON, weight_decay=WEIGHT_DECAY, fused=True
        )
        schedule = torch.optim.lr_scheduler
        if self.step < self.case.warmup:
            self.scheduler = schedule.LinearLR(
                self.optimiser, start_factor=WARMUP_START, total_iters=self.case.warmup
            )
        else:
            self.scheduler = schedule.CosineAnnealingLR(self.optimiser, T_max=self.case.decay)

    def rows(self, system: int) -> Tensor:
        """The rows of a batch, drawn without replacement as in the release, by a faster generator."""
        rows = len(self.case.states[system])
        return torch.from_numpy(self.draw.choice(rows, self.batch[system], replace=False))

    def train(self, steps: int) -> None:
        case = self.case
        for _ in range(steps):
            if self.step in (0, case.warmup):
                self.start_phase()
            rows = [self.rows(system) for system in range(len(case.systems))]
            self.optimiser.zero_grad(set_to_none=True)
            loss, _ = reference.loss_of(
                self.model,
                [states[at] for states, at in zip(case.states, rows)],
                [targets[at] for targets, at in zip(case.targets, rows)],
            )
            loss.backward()
            self.optimiser.step()
            self.scheduler.step()
            with torch.no_grad():
                torch._foreach_lerp_(self.average, self.weights, 1 - EMA_DECAY)
            self.step += 1


def check(cases: list[reference.Case], after: int) -> tuple[list[float], dict[str, np.ndarray]]:
    """Loss and gradient of every scientist on its first batch; gradients by the case file's names.

    At the case's weights, or at their moving average after so many steps.
    """
    losses, gradients = [], []
    for case in cases:
        trainer = Trainer(case)
        trainer.train(after)
        model = Scientist(case.nets, case.b, case.w)
        with torch.no_grad():
            for weight, average in zip(model.parameters(), trainer.average):
                weight.copy_(average)
        rows = [batches[0] for batches in case.batches]
        loss, _ = reference.loss_of(
            model, [s[at] for s, at in zip(case.states, rows)], [t[at] for t, at in zip(case.targets, rows)]
        )
        loss.backward()
        losses.append(loss.item())
        weights = dict(model.named_parameters())
        gradients.append(
            {
                # The output bias of a network has no gradient at all: zero.
                name: torch.cat([of.new_zeros(of.numel()) if of.grad is None else of.grad.flatten() for of in parts])
                for name, parts in (
                    (name, [weights[part] for part in parts])
                    for name, parts in reference.export_names(case, model)
                )
            }
        )
    return losses, {name: torch.stack([of[name] for of in gradients]).numpy() for name in gradients[0]}


def main() -> None:
    arguments = worker_arguments(__doc__.splitlines()[0]).parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_num_interop_threads(arguments.threads)
    cases = reference.read_cases(arguments.case)
    if arguments.check:
        write_check(arguments.check, *check(cases, arguments.after), arguments.values)
        return
    if len(cases) != 1:
        sys.exit(f"{arguments.case}: {len(cases)} scientists; a process trains one, start one for each core")

    def prepare():
        trainer = Trainer(cases[0])
        trainer.train(3)
        return {"torch": torch.__version__, "threads": arguments.threads, "members": 1}, trainer.train

    serve(prepare)


if __name__ == "__main__":
    main()
