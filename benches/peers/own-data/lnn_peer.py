"""A Lagrangian neural network after Cranmer et al. 2020 (arXiv 2003.04630), in JAX.

L(x, y) is a perceptron of two layers of 128 with softplus; accelerations are (∂²L/∂y²)⁻¹ (∂L/∂x − ∂²L/∂y∂x y), fitted
to the estimated ones by Adam. Beside the original: angles enter by their sine and cosine, numbers in units of order
one, the rate falls by a cosine over the processor time that is given, and the weights are those that did best on the last fifth of
each motion. Trained in single precision, judged in double.
"""

import math
import time

import jax

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402

from data import Case  # noqa: E402
from found import Found  # noqa: E402

SEEDS = 3
WIDTH, BATCH, RATE, BLOCK = 128, 256, 2e-3, 100


def learn(case: Case, seed: int, limit: float) -> Found:
    begun = time.process_time()
    d, recording = case.dof, case.learn
    angles = np.array([i in case.angles for i in range(d)])
    lengths = [i for i in range(d) if not angles[i]]
    x, y, a = (np.concatenate(of) for of in (recording.x, recording.y, recording.acceleration))
    # One length where no position is an angle, else 1, that angles stay angles; a time that makes velocities one.
    length = float(np.sqrt(np.mean(x[:, lengths] ** 2))) if len(lengths) == d else 1.0
    unit = length / float(np.sqrt(np.mean(y**2)))
    data = [x / length, y * unit / length, a * unit**2 / length]
    deviation = data[2].std(0)
    last = np.concatenate([np.arange(len(t)) >= len(t) - len(t) // 5 for t in recording.t])

    def scalar(weights, x, y):
        inputs = [jnp.sin(x[i]) if angle else x[i] for i, angle in enumerate(angles)]
        inputs += [jnp.cos(x[i]) for i, angle in enumerate(angles) if angle]
        h = jnp.concatenate([jnp.stack(inputs), y])
        for w, b in weights[:-1]:
            h = jax.nn.softplus(h @ w + b)
        w, b = weights[-1]
        return (h @ w + b)[0]

    def acceleration(weights, x, y):
        # One pass backward, and one forward of it for each velocity and one along the motion.
        (slope, _), along = jax.linearize(lambda x, y: jax.grad(scalar, (1, 2))(weights, x, y), x, y)
        mass = jax.vmap(lambda one: along(jnp.zeros_like(x), one)[1])(jnp.eye(d, dtype=y.dtype))
        force = slope - along(y, jnp.zeros_like(y))[1]
        return force / mass[0, 0] if d == 1 else jnp.linalg.solve(mass, force)

    many = jax.vmap(acceleration, (None, 0, 0))

    def loss(weights, x, y, a):
        return jnp.mean(((many(weights, x, y) - a) / deviation.astype(x.dtype)) ** 2)

    sizes = [2 * d + int(angles.sum()), WIDTH, WIDTH, 1]
    keys = jax.random.split(jax.random.key(seed), len(sizes))
    glorot = jax.nn.initializers.glorot_normal()
    weights = [
        (glorot(key, (m, n), jnp.float32), jnp.zeros(n, jnp.float32)) for key, m, n in zip(keys, sizes, sizes[1:])
    ]
    optimizer = optax.chain(optax.clip_by_global_norm(10.0), optax.inject_hyperparams(optax.adam)(learning_rate=RATE))
    state = optimizer.init(weights)
    learn_on = [jnp.asarray(of[~last], jnp.float32) for of in data]
    choose_on = [jnp.asarray(of[last], jnp.float32) for of in data]

    @jax.jit
    def block(weights, state, key):
        def step(carry, key):
            weights, state = carry
            rows = jax.random.randint(key, (min(BATCH, len(learn_on[0])),), 0, len(learn_on[0]))
            slope = jax.grad(loss)(weights, *(of[rows] for of in learn_on))
            # A batch near a singular Hessian is left out: it says nothing, and one such number ends the training.
            sound = jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(slope)]))
            slope = jax.tree.map(lambda leaf: jnp.where(sound, leaf, 0.0), slope)
            change, state = optimizer.update(slope, state, weights)
            return (optax.apply_updates(weights, change), state), None

        (weights, state), _ = jax.lax.scan(step, (weights, state), jax.random.split(key, BLOCK))
        return weights, state, loss(weights, *choose_on)

    best, steps = (math.inf, weights), 0
    while (gone := time.process_time() - begun) < limit:
        rate = RATE * (0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * min(gone / limit, 1.0))))
        state[1].hyperparams["learning_rate"] = jnp.asarray(rate, jnp.float32)
        weights, state, error = block(weights, state, jax.random.fold_in(keys[-1], steps))
        steps += BLOCK
        if float(error) < best[0]:
            best = (float(error), weights)
    seconds = time.process_time() - begun
    if not math.isfinite(best[0]):
        raise RuntimeError("the loss was never finite")
    double = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), best[1])
    found = jax.jit(many)

    def law(x, y):
        x, y = np.atleast_2d(x), np.atleast_2d(y)
        return np.asarray(found(double, x / length, y * unit / length)) * (length / unit**2)

    return Found(
        law=law,
        seconds=seconds,
        formula=["(a network)"],
        how=f"{steps} steps",
        versions={"jax": jax.__version__, "optax": optax.__version__},
    )
