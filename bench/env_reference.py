#!/usr/bin/env python3
"""The references of bench/env.ts: CarRacing-v3 of Gymnasium and of EnvPool, timed on request.

Each line of standard input is a JSON object, answered by one on standard output:
  {"task": "versions"}                                   -> {"gymnasium": "1.4.0" or null, "envpool": ...}
  {"task": "frames" | "physics" | "frames2" | "reset",
   "reference": "gymnasium" | "envpool", "seed", "actions": [[steer, gas, brake], ...]}
                                                         -> {"value": steps/s, or ms for reset}; null where it cannot
  {"task": "memory", "reference", "count"}               -> {"value": MB an environment}
"""
import json, os, sys, time
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
import numpy as np

try:
    import gymnasium
except ImportError:
    gymnasium = None
try:
    import envpool
except ImportError:
    envpool = None
ID = "CarRacing-v3"
made = {}


def make(key, build):
    if key not in made:
        made[key] = build()
        made[key].reset(seed=0) if key[0] == "gymnasium" else made[key].reset()
    return made[key]


def pool(n):
    return make(("envpool", n), lambda: envpool.make_gymnasium(ID, num_envs=n, num_threads=n, seed=1))


def gymnasium_env(draws):
    """Gymnasium draws a frame at every step; without `draws` its drawing is replaced by a function that does nothing."""
    env = make(("gymnasium", draws), lambda: gymnasium.make(ID))
    if not draws:
        env.unwrapped._render = lambda mode: None
    return env


def steps_per_second(step, actions, per_step=1):
    begin = time.perf_counter()
    count = 0
    for action in actions:
        count += per_step
        if step(action):
            break
    return count / (time.perf_counter() - begin)


def follow_road(frame):
    """Steers towards the grey of the road some way ahead, at no more speed than the white bar shows at row 91."""
    road = np.ptp(frame[58:64].astype(int), axis=2) < 12
    columns = np.nonzero(road)[1]
    steer = np.clip((columns.mean() - 47.5) / 24, -1, 1) if len(columns) else 0.0
    return [steer, 0.3 if frame[91, 13, 0] < 100 else 0.0, 0.0]


def envpool_steps_per_second(n, steps):
    """EnvPool's tracks are its own, so recorded actions would leave the road: its frames steer, which is not timed."""
    env = pool(n)
    observations, _ = env.reset()
    spent = 0.0
    for _ in range(steps):
        actions = np.array([follow_road(frame) for frame in observations])
        begin = time.perf_counter()
        observations = env.step(actions)[0]
        spent += time.perf_counter() - begin
    return n * steps / spent


def frames(q):
    if q["reference"] == "envpool":
        return envpool_steps_per_second(1, len(q["actions"]))
    env = gymnasium_env(q["task"] == "frames")
    env.reset(seed=q["seed"])

    def step(a):
        _, _, terminated, truncated, _ = env.step(a)
        return terminated or truncated

    return steps_per_second(step, [np.array(a, dtype=np.float32) for a in q["actions"]])


def frames2(q):
    if q["reference"] == "envpool":
        return envpool_steps_per_second(2, len(q["actions"]))
    env = make(("gymnasium", 2), lambda: gymnasium.vector.AsyncVectorEnv([lambda: gymnasium.make(ID)] * 2))
    env.reset(seed=[q["seed"], q["seed"]])
    actions = [np.array([a, a], dtype=np.float32) for a in q["actions"]]

    def step(a):
        _, _, terminated, truncated, _ = env.step(a)
        return terminated[0] or truncated[0]

    return steps_per_second(step, actions, 2)


def reset(q):
    env = pool(1) if q["reference"] == "envpool" else gymnasium_env(True)
    begin = time.perf_counter()
    for seed in q["seeds"]:
        env.reset() if q["reference"] == "envpool" else env.reset(seed=seed)
    return (time.perf_counter() - begin) / len(q["seeds"]) * 1000


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def memory(q):
    """By the growth of the process, all environments reset and stepped."""
    before = resident()
    n = q["count"]
    if q["reference"] == "envpool":
        env = envpool.make_gymnasium(ID, num_envs=n, num_threads=1, seed=1)
        env.reset()
        env.step(np.zeros((n, 3)))
        return (resident() - before) / n
    envs = [gymnasium.make(ID) for _ in range(n)]
    for env in envs:
        env.reset(seed=0)
        env.step(np.zeros(3, dtype=np.float32))
    grown = (resident() - before) / n
    for env in envs:
        env.close()
    return grown


def answer(q):
    if q["task"] == "versions":
        return {name: getattr(sys.modules.get(name), "__version__", None) for name in ("gymnasium", "envpool")}
    if q["task"] == "physics" and q["reference"] == "envpool":
        return {"value": None}  # it always draws
    tasks = {"frames": frames, "physics": frames, "frames2": frames2, "reset": reset, "memory": memory}
    return {"value": tasks[q["task"]](q)}


if __name__ == "__main__":  # AsyncVectorEnv's processes may import this file
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
    for env in made.values():
        env.close()
