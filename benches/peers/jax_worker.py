"""JAX, E scientists in one process, to be timed against the Rust trainer.

One jitted call trains N steps of all E, shared out to a device for each thread: forward-over-reverse derivatives, the
loss's gradient by `grad` again, optax's AdamW. `--form plain`, what one would write first, is a function of one state
with `jacfwd(grad(S))` in it, under `vmap` over the batch and over the scientists. `--form tuned` is the fastest found:
the batch is the last axis throughout, the gradient of S is linearised and applied to one unit tangent after another,
and the scientists of a step take turns.
"""

import os
import sys

from common import BETAS, EMA_DECAY, EPSILON, LAMBDA_1, LAMBDA_2, LAMBDA_B, LEARNING_RATE
from common import ACTIVE, T, WARMUP_START, WEIGHT_DECAY, CaseFile, read_case_file
from common import serve, worker_arguments, write_check

PARSER = worker_arguments(__doc__.splitlines()[0])
PARSER.add_argument("--form", choices=["plain", "tuned"], default="plain", help="how it is written (default plain)")
PARSER.add_argument(
    "--over", choices=["map", "vmap"], help="how a step of --form tuned runs over the scientists (default map)"
)
PARSER.add_argument("--platform", choices=["cpu", "cuda"], default="cpu", help="where it computes (default cpu)")
ARGUMENTS = PARSER.parse_args()
if ARGUMENTS.form == "plain" and ARGUMENTS.over:
    PARSER.error("--over is of --form tuned; the plain form is vmapped")
OVER = ARGUMENTS.over or {"plain": "vmap", "tuned": "map"}[ARGUMENTS.form]
# Read when JAX is imported: one device with one thread for each core, over which the scientists are divided.
os.environ["NPROC"] = str(ARGUMENTS.threads)
os.environ["JAX_PLATFORMS"] = ARGUMENTS.platform
os.environ["XLA_FLAGS"] = (
    f"--xla_cpu_multi_thread_eigen=false --xla_force_host_platform_device_count={ARGUMENTS.threads} "
    + os.environ.get("XLA_FLAGS", "")
)

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import jaxlib  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
from jax import Array, lax  # noqa: E402
from jax.sharding import AxisType, NamedSharding, PartitionSpec  # noqa: E402


def pinv(matrices: Array) -> Array:
    """Pseudo-inverses of `[..., d, d]`; of 1 x 1 the reciprocal, and zero of zero, as torch has it."""
    d = matrices.shape[-1]
    if d == 1:
        zero = matrices == 0
        return jnp.where(zero, 0, 1 / jnp.where(zero, 1, matrices))
    return jnp.linalg.pinv(matrices, rtol=d * jnp.finfo(matrices.dtype).eps)


def scalar(net: list[tuple[Array, Array]], state: Array) -> Array:
    """S(x, y) of one state: `[2d] -> []`."""
    x, y = jnp.split(state, 2)
    hidden = jnp.concatenate([x, y, x * x, y * y, x * y])
    for weight, bias in net[:-1]:
        hidden = jax.nn.gelu(weight @ hidden + bias, approximate=False)
    weight, bias = net[-1]
    return (weight @ hidden + bias)[0]


def terms_of_state(net: list[tuple[Array, Array]], b: Array, state: Array) -> Array:
    """The 172 terms of one state, none masked, in the order of `TERMS`: `[2d] -> [T, d]`."""
    d = len(state) // 2

    def slope(state: Array) -> tuple[Array, Array]:
        gradient = jax.grad(scalar, argnums=1)(net, state)
        return gradient, gradient

    hessian, gradient = jax.jacfwd(slope, has_aux=True)(state)  # jax.hessian, and the gradient from the same pass
    curvatures = jnp.stack([hessian[:d, :d], hessian[d:, d:], hessian[d:, :d]])  # S_xx, S_yy, S_xy: rows over y
    matrices = jnp.concatenate([curvatures, pinv(curvatures + b * jnp.eye(d, dtype=state.dtype))])
    vectors = jnp.concatenate([state, gradient]).reshape(4, d)
    products = jnp.einsum("aij,vj->avi", matrices, vectors).reshape(-1, d)
    triples = jnp.einsum("aij,vj->avi", matrices, products).reshape(-1, d)
    return jnp.concatenate([vectors, products, triples])


def loss_plain(weights: dict, states: list[Array], targets: list[Array]) -> Array:
    """The loss of one scientist; the running sum is divided inside the loop, as in the released code."""
    systems = len(states)
    w = weights["w"]
    masked = w * np.array(ACTIVE, w.dtype)
    loss = jnp.zeros((), w.dtype)
    for net, b, x, target in zip(weights["net"], weights["b"], states, targets):
        terms = jax.vmap(terms_of_state, in_axes=(None, None, 0))(net, b, x)
        activations = masked[:, None] * terms  # [B, T, d]
        error = jnp.sqrt(jnp.sum((activations.sum(axis=1) - target) ** 2) / len(target))
        penalty = (
            LAMBDA_B * jnp.abs(b) + LAMBDA_1 / T * jnp.abs(w).sum() + LAMBDA_2 / T * jnp.abs(activations).sum()
        )
        loss = (loss + error) / systems + penalty / systems
    return loss


def scalar_tuned(net: list[tuple[Array, Array]], x: Array, y: Array) -> Array:
    """The sum over the batch of S(x, y), `[d, B], [d, B] -> []`: its gradient is that of each state."""
    hidden = jnp.concatenate([x, y, x * x, y * y, x * y])
    for layer, (weight, bias) in enumerate(net):
        hidden = weight @ hidden + bias[:, None]
        if layer < len(net) - 1:
            hidden = jax.nn.gelu(hidden, approximate=False)
    return hidden.sum()


def terms_tuned(net: list[tuple[Array, Array]], b: Array, states: Array) -> list[Array]:
    """The 172 terms of every state, none masked, in the order of `TERMS`: `[B, 2d] ->` for each component `[T, B]`.

    An axis of length d = 1 in the middle would make XLA's code three times slower; hence the lists.
    """
    d = states.shape[1] // 2
    x, y = states.T[:d], states.T[d:]
    (s_x, s_y), along = jax.linearize(lambda x, y: jax.grad(scalar_tuned, (1, 2))(net, x, y), x, y)
    still = jnp.zeros_like(x)
    by_x = [along(still.at[j].set(1), still) for j in range(d)]
    by_y = [along(still, still.at[j].set(1)) for j in range(d)]
    s_xx = jnp.stack([column for column, _ in by_x], axis=1)
    s_yy = jnp.stack([column for _, column in by_y], axis=1)
    s_xy = jnp.stack([column for _, column in by_x], axis=1)  # rows over y
    hessian = jnp.stack([s_xx, s_yy, s_xy])
    shifted = hessian + b * jnp.eye(d, dtype=states.dtype)[:, :, None]
    inverses = jnp.moveaxis(pinv(jnp.moveaxis(shifted, 3, 1)), 1, 3)
    matrices = jnp.concatenate([hessian, inverses])

    def times(vectors: list[Array]) -> list[Array]:
        batch = states.shape[0]
        return [
            sum(matrices[:, i, j][:, None] * vectors[j] for j in range(d)).reshape(-1, batch) for i in range(d)
        ]

    vectors = [jnp.stack([x[i], y[i], s_x[i], s_y[i]]) for i in range(d)]
    products = times(vectors)
    triples = times(products)
    return [jnp.concatenate(parts) for parts in zip(vectors, products, triples)]


def loss_tuned(weights: dict, states: list[Array], targets: list[Array]) -> Array:
    """The same, the batch last."""
    systems = len(states)
    w = weights["w"]
    masked = (w * np.array(ACTIVE, w.dtype))[:, None]
    loss = jnp.zeros((), w.dtype)
    for i in range(systems):
        activations = [masked * terms for terms in terms_tuned(weights["net"][i], weights["b"][i], states[i])]
        differences = [a.sum(axis=0) - target for a, target in zip(activations, targets[i].T)]
        error = jnp.sqrt(sum((difference**2).sum() for difference in differences) / len(targets[i]))
        penalties = (
            LAMBDA_B * jnp.abs(weights["b"][i])
            + LAMBDA_1 / T * jnp.abs(w).sum()
            + LAMBDA_2 / T * sum(jnp.abs(a).sum() for a in activations)
        )
        loss = (loss + error) / systems + penalties / systems
    return loss


loss_of = {"plain": loss_plain, "tuned": loss_tuned}[ARGUMENTS.form]


def over_members(function, arguments):
    """`function` of each scientist's part of `arguments`; a `vmap` over one alone would cost a multiple of its time."""
    if OVER == "vmap" and len(arguments[0]["b"]) > 1:
        return jax.vmap(function)(arguments)
    return lax.map(function, arguments)


def weights_of(case: CaseFile) -> dict:
    net = [[(jnp.array(weight), jnp.array(bias)) for weight, bias in layers] for layers in case.nets]
    return {"net": net, "b": jnp.array(case.b), "w": jnp.array(case.w)}


class Trainer:
    """The run of one case: two phases, each with moments of its own, and the moving average."""

    def __init__(self, case: CaseFile):
        self.case = case
        self.step = 0
        # The output bias of a network has no gradient, and is not decayed either.
        decays = [[(True, layer < len(layers) - 1) for layer in range(len(layers))] for layers in case.nets]
        # AdamW's update is proportional to the rate, which each step puts in afterwards.
        self.optimiser = optax.adamw(
            1.0,
            b1=BETAS[0],
            b2=BETAS[1],
            eps=EPSILON,
            weight_decay=WEIGHT_DECAY,
            mask={"net": decays, "b": True, "w": True},
        )
        weights = weights_of(case)
        self.data = ([jnp.array(s) for s in case.states], [jnp.array(t) for t in case.targets])
        self.keys = jax.random.split(jax.random.key(0), case.members)
        if case.members % ARGUMENTS.threads:
            sys.exit(f"{case.members} scientists cannot be shared out to {ARGUMENTS.threads} threads evenly")
        whole, part = PartitionSpec(), PartitionSpec("member")
        self.mesh = jax.make_mesh((ARGUMENTS.threads,), ("member",), axis_types=(AxisType.Auto,))
        parts = jax.tree.map(lambda _: part, weights)
        moments = jax.tree.map(lambda leaf: part if leaf.ndim else whole, jax.eval_shape(self.optimiser.init, weights))
        # Compiled and placed once for both phases, or the second would compile everything again.
        self.moments = jax.jit(self.optimiser.init, out_shardings=self.placed(moments))
        weights = jax.device_put(weights, self.placed(parts))
        self.state = (weights, self.moments(weights), jax.tree.map(jnp.copy, weights))
        self.data = jax.device_put(self.data, self.placed(part))
        self.keys = jax.device_put(self.keys, self.placed(part))
        state = (parts, moments, parts)
        call = jax.shard_map(
            self.train_steps, mesh=self.mesh, in_specs=(state, part, part, whole, whole), out_specs=state
        )
        self.call = jax.jit(call, donate_argnums=0)

    def placed(self, parts):
        """The places of values that are divided over the devices as `parts` says."""
        return jax.tree.map(lambda part: NamedSharding(self.mesh, part), parts)

    def rate(self, step: Array) -> Array:
        warmup, decay = self.case.warmup, self.case.decay
        rising = WARMUP_START + (1 - WARMUP_START) * step / max(warmup, 1)
        falling = 0.5 * (1 + jnp.cos(jnp.pi * jnp.minimum((step - warmup) / max(decay, 1), 1)))
        return LEARNING_RATE * jnp.where(step < warmup, rising, falling).astype(self.case.w.dtype)

    def train_steps(self, state, data, keys, first, steps):
        """Steps first to first + steps of all scientists."""

        def gradient(member):
            weights, key, states, targets, step = member
            batch = [batches.shape[2] for batches in self.case.batches]
            drawn = jax.random.split(jax.random.fold_in(key, step), len(states))
            # With replacement: without, JAX would permute all the rows.
            rows = [jax.random.randint(k, (n,), 0, len(s)) for k, n, s in zip(drawn, batch, states)]
            return jax.grad(loss_of)(
                weights, [s[at] for s, at in zip(states, rows)], [t[at] for t, at in zip(targets, rows)]
            )

        def one_step(step, state):
            weights, moments, average = state
            gradients = over_members(lambda member: gradient((*member, step)), (weights, keys, *data))
            updates, moments = self.optimiser.update(gradients, moments, weights)
            rate = self.rate(step)
            weights = jax.tree.map(lambda weight, update: weight + rate * update, weights, updates)
            average = jax.tree.map(lambda a, weight: EMA_DECAY * a + (1 - EMA_DECAY) * weight, average, weights)
            return weights, moments, average

        return lax.fori_loop(first, first + steps, one_step, state)

    def train(self, steps: int) -> None:
        warmup = self.case.warmup
        while steps > 0:
            if self.step == warmup > 0:
                weights, _, average = self.state
                self.state = (weights, self.moments(weights), average)
            now = min(steps, warmup - self.step) if self.step < warmup else steps
            self.state = self.call(self.state, self.data, self.keys, self.step, now)
            self.step += now
            steps -= now
        jax.block_until_ready(self.state)


def check(case: CaseFile, after: int) -> tuple[list[float], dict[str, np.ndarray]]:
    """Loss and gradient of every scientist on its first batch; gradients by the case file's names.

    At the case's weights, or at their moving average after so many steps.
    """
    trainer = Trainer(case)
    trainer.train(after)
    _, _, average = trainer.state
    rows = [batches[:, 0] for batches in case.batches]
    states = [np.stack([s[at] for s, at in zip(*of)]) for of in zip(case.states, rows)]
    targets = [np.stack([t[at] for t, at in zip(*of)]) for of in zip(case.targets, rows)]
    call = jax.jit(lambda *of: over_members(lambda member: jax.value_and_grad(loss_of)(*member), of))
    losses, gradients = call(average, states, targets)
    named = {"w": np.array(gradients["w"]), "b": np.array(gradients["b"])}
    for i, layers in enumerate(gradients["net"]):
        for layer, (weight, bias) in enumerate(layers):
            named[f"net.{i}.layer.{layer}.weight"] = np.array(weight)
            named[f"net.{i}.layer.{layer}.bias"] = np.array(bias)
    return losses.tolist(), named


def main() -> None:
    case = read_case_file(ARGUMENTS.case)
    jax.config.update("jax_enable_x64", case.w.dtype == np.float64)
    if ARGUMENTS.check:
        write_check(ARGUMENTS.check, *check(case, ARGUMENTS.after), ARGUMENTS.values)
        return

    def prepare():
        trainer = Trainer(case)
        trainer.train(3)
        versions = {"jax": jax.__version__, "jaxlib": jaxlib.__version__, "optax": optax.__version__}
        about = {"threads": ARGUMENTS.threads, "members": case.members, "form": ARGUMENTS.form, "over": OVER}
        return versions | about, trainer.train

    serve(prepare)


if __name__ == "__main__":
    main()
