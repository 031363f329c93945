"""Headless evaluation: a policy drives one episode on each of many seeds; what counts is the driving reward.

The driving reward is the undiscounted, unshaped sum of an episode's rewards. Numbers are those of `npx tritrack eval`, to the last
bit.
"""

import dataclasses
import math
import re

import gymnasium

from .registration import ENV_ID

#: More seeds than anyone evaluates, and few enough to list.
MOST_SEEDS = 1_000_000


@dataclasses.dataclass
class Evaluation:
    """Scores over the seeds; the fields of `tritrack eval --json`.

    Attributes
    ----------
    policy : str
        The policy's name.
    seeds : list of int
    episodes : int
    mean, sd, min, max : float
        Driving reward; `sd` is the population's (divided by the number of episodes).
    laps : int
        Episodes whose lap was finished.
    steps : int
        Steps of all episodes together.
    rewards : list of float
        Driving reward of each seed, in their order.
    """

    policy: str
    seeds: list
    episodes: int
    mean: float
    sd: float
    min: float
    max: float
    laps: int
    steps: int
    rewards: list


def evaluate(policy, seeds, on_progress=None):
    """Drives a policy over all seeds, in one environment with Gymnasium's limit of 1000 steps.

    Parameters
    ----------
    policy : callable
        Takes an observation and returns an action, as `tritrack_gym.load("car-90")` does.
    seeds : sequence of int
        One episode each, in this order.
    on_progress : callable, optional
        Called after every episode with its seed and reward. Default: None.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        There are no seeds.
    """
    seeds = list(seeds)
    if not seeds:
        raise ValueError("seeds: expected at least one, got none")
    env = gymnasium.make(ENV_ID)
    rewards, laps, all_steps = [], 0, 0
    for seed in seeds:
        reward, steps, lap = drive(env, policy, seed)
        rewards.append(reward)
        laps += lap
        all_steps += steps
        if on_progress:
            on_progress(seed, reward)
    env.close()
    # One after another, in this order, as TypeScript adds them up.
    mean = _sum(rewards) / len(rewards)
    sd = math.sqrt(_sum([(reward - mean) * (reward - mean) for reward in rewards]) / len(rewards))
    name = getattr(policy, "name", type(policy).__name__)
    return Evaluation(name, seeds, len(seeds), mean, sd, min(rewards), max(rewards), laps, all_steps, rewards)


def drive(env, policy, seed):
    """Drives one episode to its end.

    Returns
    -------
    reward : float
    steps : int
    lap : bool
        Whether the lap was finished.
    """
    observation, _ = env.reset(seed=seed)
    total, steps, over = 0.0, 0, False
    while not over:
        observation, reward, terminated, truncated, info = env.step(policy(observation))
        total, steps, over = total + reward, steps + 1, terminated or truncated
    return total, steps, info.get("lap_finished", False)


def parse_seeds(text):
    """Reads seeds and ranges of seeds, both ends included: "20000-20099,5" is 20000 to 20099, then 5.

    Returns
    -------
    list of int

    Raises
    ------
    ValueError
        The text is something else, or a range runs backwards.
    """
    seeds = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part, re.ASCII)
        if not match:
            raise ValueError(f"seeds: expected whole numbers and ranges like 20000-20099,5, got {text!r:.80}")
        first = int(match[1])
        last = int(match[2] or match[1])
        if last < first:
            raise ValueError(f"seeds: expected a range that runs upwards, got {part.strip()!r:.80}")
        if len(seeds) + last - first >= MOST_SEEDS:
            raise ValueError(f"seeds: expected at most {MOST_SEEDS} of them, got {text!r:.80}")
        seeds.extend(range(first, last + 1))
    return seeds


def _sum(values):
    total = 0.0
    for value in values:
        total += value
    return total
