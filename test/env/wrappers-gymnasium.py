#!/usr/bin/env python3
"""What Gymnasium's wrappers and vector environments return: python wrappers-gymnasium.py > wrappers-gymnasium.json

CarRacing-v3 of gymnasium 1.4.0 under a short time limit, wrapped, reset with seed 3, stepped with the listed actions and
reset without a seed at the end of each episode. For each wrapper a list with one entry for each reset and step:
[first 12 hex digits of the observation's sha256, reward or null, terminated, truncated, sorted keys of info].
For vector environments (time limits 5 and 8, seeds 3 and 9) rewards and ends are lists, and in place of the keys stand
the digests of the final observations, or null.
"""
import hashlib, json, os
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
import gymnasium as gym
import numpy as np
from gymnasium import wrappers as W
from gymnasium.vector import AutoresetMode, SyncVectorEnv

random = np.random.default_rng(0)
ACTIONS = random.uniform([-1, 0, 0], [1, 1, 1], (80, 3)).astype(np.float32)


def digest(observation):
    parts = observation.values() if isinstance(observation, dict) else [observation]
    return hashlib.sha256(b"".join(np.ascontiguousarray(p).tobytes() for p in parts)).hexdigest()[:12]


def make(limit=7, **kwargs):
    return gym.make("CarRacing-v3", max_episode_steps=limit, **kwargs)


def drive(env, steps, action=lambda k: ACTIONS[k]):
    observation, info = env.reset(seed=3)
    rows = [[digest(observation), None, False, False, sorted(info)]]
    for k in range(steps):
        observation, reward, terminated, truncated, info = env.step(action(k))
        rows.append([digest(observation), float(reward), bool(terminated), bool(truncated), sorted(info)])
        if (terminated or truncated) and not isinstance(env, W.Autoreset):
            observation, info = env.reset()
            rows.append([digest(observation), None, False, False, sorted(info)])
    return rows


def drive_vector(mode):
    envs = SyncVectorEnv([lambda n=n: make(n) for n in (5, 8)], autoreset_mode=mode)
    rows = [[digest(envs.reset(seed=[3, 9])[0]), None, [False, False], [False, False], None]]
    for k in range(20):
        observations, rewards, terminated, truncated, info = envs.step(ACTIONS[2 * k : 2 * k + 2])
        final = info.get("final_obs")
        final = None if final is None else [None if o is None else digest(o) for o in final]
        rows.append([digest(observations), rewards.tolist(), terminated.tolist(), truncated.tolist(), final])
        ended = terminated | truncated
        if mode == AutoresetMode.DISABLED and ended.any():
            observations, _ = envs.reset(options={"reset_mask": ended})
            rows.append([digest(observations), None, [False, False], [False, False], None])
    return rows


print(json.dumps({
    "actions": ACTIONS.tolist(),
    "wrappers": {
        "TimeLimit": drive(make(), 16),
        "TimeLimit, discrete": drive(make(continuous=False), 16, lambda k: k % 5),
        "RecordEpisodeStatistics": drive(W.RecordEpisodeStatistics(make()), 16),
        "FrameStack": drive(W.FrameStackObservation(make(), 3), 16),
        "FrameStack, zero": drive(W.FrameStackObservation(make(), 3, padding_type="zero"), 16),
        "MaxAndSkip": drive(W.MaxAndSkipObservation(make(8), 4), 6),
        "MaxAndSkip, ends within a skip": drive(W.MaxAndSkipObservation(make(7), 4), 6),
        "MaxAndSkip, ends one step early": drive(W.MaxAndSkipObservation(make(3), 4), 6),
        "GrayscaleObservation": drive(W.GrayscaleObservation(make()), 10),
        "RescaleAction": drive(W.RescaleAction(make(), np.float32(-2), np.float32(3)), 10, lambda k: ACTIONS[k] * 2),
        "ClipAction": drive(W.ClipAction(make()), 10, lambda k: ACTIONS[k] * 4),
        "TimeAware": drive(W.TimeAwareObservation(make()), 10),
        "TimeAware, normalized": drive(W.TimeAwareObservation(make(), normalize_time=True), 10),
        "TimeAware, two parts": drive(W.TimeAwareObservation(make(), flatten=False), 10),
        "StickyAction": drive(W.StickyAction(make(20), 0.5), 50),
        "StickyAction, 1 to 3 steps": drive(W.StickyAction(make(20), 0.3, (1, 3)), 50),
        "ActionRepeat": drive(W.RepeatAction(make(10), 4), 7),
        "Autoreset": drive(W.Autoreset(make()), 20),
    },
    "vectors": {
        "next-step": drive_vector(AutoresetMode.NEXT_STEP),
        "same-step": drive_vector(AutoresetMode.SAME_STEP),
        "disabled": drive_vector(AutoresetMode.DISABLED),
    },
}, separators=(",", ":")).replace("]],", "]],\n"))
