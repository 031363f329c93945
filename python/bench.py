#!/usr/bin/env python3
"""How fast CarRacing-v3 steps through the bridge, beside Gymnasium's own, both in this process and this run.

    npm run bench:bridge -- [--seconds 3] [--rounds 5] [--json]

One client steps 8 environments with frames (`bridge/vector-8`; bar: 8 times Gymnasium) and one (`bridge/single`). All
drive by the same rule; they take turns, so that a busy machine slows each of them, and figures are medians over turns.
"""

import argparse
import json
import statistics
import sys
import time

import gymnasium
import numpy as np
import tritrack_gym  # noqa: F401 registers the environment

ENVS = 8


def rates(seconds, rounds):
    """Steps a second of each, one number a round."""
    vector = gymnasium.make_vec("tritrack/CarRacing-v3", num_envs=ENVS)
    single = gymnasium.make("tritrack/CarRacing-v3")
    theirs = gymnasium.make("CarRacing-v3")
    gently = np.float32([0.02, 0.08, 0])
    runs = {
        "bridge/vector-8": (vector, np.tile(gently, (ENVS, 1)), ENVS),
        "bridge/single": (single, gently, 1),
        "gymnasium": (theirs, gently, 1),
    }
    for env, action, _ in runs.values():
        env.reset(seed=1)
        env.step(action)
    figures = {name: [] for name in runs}
    for turn in range(rounds):
        for name, (env, action, count) in runs.items():
            env.reset(seed=turn)
            steps = 0
            begin = time.perf_counter()
            while time.perf_counter() < begin + seconds:
                _, _, terminated, truncated, _ = env.step(action)
                steps += count
                if count == 1 and (terminated or truncated):
                    env.reset()
            figures[name].append(steps / (time.perf_counter() - begin))
    for env, _, _ in runs.values():
        env.close()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=3, help="of each turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = rates(options.seconds, options.rounds)
    reference = figures.pop("gymnasium")
    rows = [
        {
            "name": name,
            "unit": "steps/s",
            "value": statistics.median(values),
            "reference": f"gymnasium {gymnasium.__version__}",
            "referenceValue": statistics.median(reference),
            "ratio": statistics.median(a / b for a, b in zip(values, reference)),
        }
        for name, values in figures.items()
    ]
    for row in rows:
        print(
            f"{row['name']:16}  {row['value']:7.0f} steps/s  {row['reference']} {row['referenceValue']:.0f}"
            f"  {row['ratio']:.1f} times",
            file=sys.stderr if options.json else sys.stdout,
        )
    if options.json:
        print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
