#!/usr/bin/env python3
"""How fast CarRacing-v3 of this package is, beside Gymnasium's own and tritrack's in Node, all in this run.

    npm run build && node scripts/python.mjs python/bench.py [--seconds 2] [--rounds 5] [--json] [--only NAME …]

All drive by the same rule and take turns, so that a busy machine slows each of them. Figures are medians over turns, ratios the
medians of the turns' ratios. Bars: `python/single` 28 times Gymnasium and 0.8 of Node; `python/vector-8` 50 times (two cores);
`python/ppo-8` (Stable-Baselines3's PPO, 8 environments, learning included) 3.5 times with one epoch a rollout (with its ten the
optimiser, which both sides share, takes nearly all the time); `python/worker` 60 MB above an empty Python
that has imported Gymnasium; `python/install` 20 s from nothing to the first step, packages coming from pip's cache.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import gymnasium
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
ID = "tritrack/CarRacing-v3"
ENVS = 8
WORKERS = 8
GENTLY = np.float32([0.02, 0.08, 0])
#: The first second of an episode, in which the camera comes nearer: its pictures cost several times as much as later ones.
#: Episodes go on from turn to turn, so that a turn of few steps is not made of these.
ZOOM_STEPS = 60
#: Steps of a PPO turn: a rollout of 8 × 64 and its learning.
PPO_STEPS = ENVS * 64

NODE = """
import { make } from "tritrack/env";
const env = await make("CarRacing-v3");
env.reset({ seed: 1 });
for (let i = 0; i < ZOOM_STEPS; i++) env.step([0.02, 0.08, 0]);
process.stdin.on("data", (text) => {
  const begin = performance.now(), end = begin + 1000 * Number(text);
  let steps = 0;
  while (performance.now() < end) {
    const { terminated, truncated } = env.step([0.02, 0.08, 0]);
    steps++;
    if (terminated || truncated) env.reset();
  }
  console.log((1000 * steps) / (performance.now() - begin));
});
"""


class Node:
    """tritrack in Node, stepping in its own process when it is its turn."""

    def __init__(self):
        command = ["node", "--input-type=module", "-e", NODE.replace("ZOOM_STEPS", str(ZOOM_STEPS))]
        self._process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def rate(self, seconds):
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self):
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()


class Stepped:
    """An environment or a vector in this process."""

    def __init__(self, env, count):
        self._env = env
        self._count = count
        self._action = GENTLY if count == 1 else np.tile(GENTLY, (count, 1))
        env.reset(seed=1)
        for _ in range(ZOOM_STEPS):
            env.step(self._action)

    def rate(self, seconds):
        env, steps = self._env, 0
        begin = time.perf_counter()
        while time.perf_counter() < begin + seconds:
            _, _, terminated, truncated, _ = env.step(self._action)
            steps += self._count
            if self._count == 1 and (terminated or truncated):
                env.reset()
        return steps / (time.perf_counter() - begin)

    def close(self):
        self._env.close()


class Learning:
    """Stable-Baselines3's PPO: steps a second of rollouts and learning together."""

    def __init__(self, envs, epochs):
        import torch
        from stable_baselines3 import PPO

        torch.set_num_threads(1)
        self._envs = envs
        self._model = PPO("CnnPolicy", envs, n_steps=PPO_STEPS // ENVS, batch_size=128, n_epochs=epochs, seed=1)

    def rate(self, _):
        begin = time.perf_counter()
        self._model.learn(PPO_STEPS, reset_num_timesteps=False)
        return PPO_STEPS / (time.perf_counter() - begin)

    def close(self):
        self._envs.close()


def race(makers, seconds, rounds):
    """Steps a second of each, one number a round; they take turns."""
    runners = {name: make() for name, make in makers.items()}
    for runner in runners.values():
        runner.rate(0.2)
    figures = {name: [] for name in runners}
    for turn in range(rounds):
        for name, runner in list(runners.items())[:: 1 if turn % 2 else -1]:
            figures[name].append(runner.rate(seconds))
    for runner in runners.values():
        runner.close()
    return figures


def row(name, unit, values, reference, reference_values):
    return {
        "name": name,
        "unit": unit,
        "value": statistics.median(values),
        "reference": reference,
        "referenceValue": statistics.median(reference_values),
        "ratio": statistics.median(a / b for a, b in zip(values, reference_values)),
    }


def steps(options):
    """Rows of single environments and vectors."""
    figures = race(
        {
            "python/single": lambda: Stepped(gymnasium.make(ID), 1),
            "node": Node,
            "python/vector-8": lambda: Stepped(gymnasium.make_vec(ID, num_envs=ENVS), ENVS),
            "gymnasium": lambda: Stepped(gymnasium.make("CarRacing-v3"), 1),
        },
        options.seconds,
        options.rounds,
    )
    reference = f"gymnasium {gymnasium.__version__}"
    for name in ("python/single", "python/vector-8"):
        yield row(name, "steps/s", figures[name], reference, figures["gymnasium"])
    yield row("python/single", "steps/s", figures["python/single"], "tritrack in Node", figures["node"])
    yield row("node/single", "steps/s", figures["node"], reference, figures["gymnasium"])


def ppo(options):
    """The row of a training."""
    from stable_baselines3.common.env_util import make_vec_env as their_make_vec_env
    from tritrack_gym.sb3 import make_vec_env

    for epochs in options.epochs:
        makers = {
            "ours": lambda epochs=epochs: Learning(make_vec_env(n_envs=ENVS), epochs),
            "theirs": lambda epochs=epochs: Learning(their_make_vec_env("CarRacing-v3", ENVS), epochs),
        }
        figures = race(makers, options.seconds, max(2, options.rounds // 2))
        reference = f"gymnasium {gymnasium.__version__}"
        yield row(f"python/ppo-8, epochs {epochs}", "steps/s", figures["ours"], reference, figures["theirs"])


WORKER = """
import gymnasium, sys
if {make}:
    env = gymnasium.make("{env_id}")
    env.reset(seed=int(sys.argv[1]))
    for _ in range(50): env.step(env.action_space.sample())
print("ready", flush=True)
sys.stdin.read()
"""


def memory(options):
    """The row of worker processes: megabytes of each above an empty one, all of them alive."""

    def resident(make):
        code = WORKER.format(make=make, env_id=ID)
        processes = [
            subprocess.Popen([sys.executable, "-c", code, str(i)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for i in range(WORKERS)
        ]
        for process in processes:
            process.stdout.readline()
        lines = [pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines() for process in processes]
        for process in processes:
            process.communicate()
        return [int(line.split()[1]) / 1024 for status in lines for line in status if line.startswith("VmRSS")]

    empty, full = resident(False), resident(True)
    yield row("python/worker", "MB", full, "empty Python with gymnasium", empty)
    above = statistics.mean(full) - statistics.mean(empty)
    yield {
        "name": "python/worker-above",
        "unit": "MB",
        "value": above,
        "reference": None,
        "referenceValue": None,
        "ratio": None,
    }


def install(options):
    """The row of a new virtual environment, from `pip install` to the first step; once before, so that pip's cache is warm."""
    code = f"import gymnasium; env = gymnasium.make({ID!r}); env.reset(); env.step(env.action_space.sample())"
    seconds = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            python = pathlib.Path(folder, "bin", "python")
            source = pathlib.Path(folder, "tritrack-gym")
            subprocess.run(["cp", "-r", ROOT / "python", source], check=True)
            begin = time.perf_counter()
            subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", source], check=True)
            subprocess.run([python, "-c", code], check=True, env={"TRITRACK_CACHE": str(pathlib.Path(folder, "cache"))})
            seconds.append(time.perf_counter() - begin)
    yield {
        "name": "python/install",
        "unit": "s",
        "value": seconds[-1],
        "reference": None,
        "referenceValue": None,
        "ratio": None,
    }


PARTS = {"steps": steps, "ppo": ppo, "memory": memory, "install": install}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=2, help="of each turn (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (%(default)s)")
    parser.add_argument("--epochs", type=int, nargs="+", default=[1, 10], help="of PPO's learning (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to run (all)")
    options = parser.parse_args()
    rows = []
    for part in options.only:
        for found in PARTS[part](options):
            rows.append(found)
            text = f"{found['name']:24} {found['value']:8.1f} {found['unit']}"
            if found["reference"]:
                text += f"   {found['reference']} {found['referenceValue']:.1f}   {found['ratio']:.2f} times"
            print(text, file=sys.stderr if options.json else sys.stdout, flush=True)
    if options.json:
        print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
