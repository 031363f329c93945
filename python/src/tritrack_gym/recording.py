"""Recordings of episodes, `NAME.episode.json`, which tritrack in Node replays, films and learns from.

A recording holds how the environment was made and reset, every action and reward, and the SHA-256 of the last observation;
frames are made again by whoever replays it, and rewards and hash prove that they are the same. recordings/episode.ts is the format.
"""

import base64
import hashlib
import json
import os
import pathlib

import numpy as np

FORMAT = "tritrack-episode"
VERSION = 1
SUFFIX = ".episode.json"
#: Version of tritrack that the format and the environment are of.
TRITRACK = "0.1.0"
#: From here on JavaScript's numbers are not exact, and a seed is written as a text.
_FIRST_TEXT_SEED = 2**53


class Recording:
    """An episode while it is driven.

    Parameters
    ----------
    seed : int
        With which the environment was reset.
    driver : str
        Who drives, for those who look at the file: "human", or a policy's name.
    kind : {"human", "policy"}, optional
        Default: "human".
    sha256 : str or None, optional
        Of the policy's file, in hexadecimal. Default: None.
    max_episode_steps : int or None, optional
        The environment's limit. Default: 1000, Gymnasium's.
    """

    def __init__(self, seed, driver, kind="human", sha256=None, max_episode_steps=1000):
        self._seed = seed
        self._driver = {"kind": kind, "name": driver, **({"sha256": sha256} if sha256 else {})}
        self._max_episode_steps = max_episode_steps
        self._actions = []
        self._rewards = []
        self._observation = None
        self._end = "interrupted"

    @property
    def steps(self):
        """Steps so far."""
        return len(self._rewards)

    @property
    def reward(self):
        """Sum of the rewards so far."""
        return sum(self._rewards)

    def add(self, action, result):
        """Takes over a step.

        Parameters
        ----------
        action : ndarray of float32 [3]
            Exactly what the environment was given.
        result : tuple
            What its `step` returned.
        """
        observation, reward, terminated, truncated, _ = result
        self._actions.append(np.array(action, np.float32))
        self._rewards.append(float(reward))
        self._observation = observation
        self._end = "terminated" if terminated else "truncated" if truncated else "interrupted"

    def text(self):
        """Returns the text of the file, a str."""
        actions = np.array(self._actions, "<f4").tobytes()
        rewards = np.array(self._rewards, "<f8").tobytes()
        file = {
            "format": FORMAT,
            "version": VERSION,
            "tritrack": TRITRACK,
            "environment": {"id": "CarRacing-v3", "kwargs": {}, "maxEpisodeSteps": self._max_episode_steps},
            "seed": self._seed if self._seed < _FIRST_TEXT_SEED else str(self._seed),
            "options": {},
            "driver": self._driver,
            "end": self._end,
            "steps": self.steps,
            "actions": {"type": "float32", "size": 3, "data": base64.b64encode(actions).decode()},
            "rewards": {"type": "float64", "data": base64.b64encode(rewards).decode()},
            "frameSha256": hashlib.sha256(np.ascontiguousarray(self._observation).tobytes()).hexdigest(),
        }
        return json.dumps(file, indent=1, ensure_ascii=False) + "\n"

    def save(self, folder):
        """Writes the file, under a name that is not taken yet.

        Parameters
        ----------
        folder : str or path
            It is made if need be.

        Returns
        -------
        pathlib.Path or None
            None: not a step was driven, and there is nothing to write.
        """
        if not self._rewards:
            return None
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"{self._driver['name']}-{self._seed}"
        number = 1
        while (path := folder / f"{stem}{f'-{number}' if number > 1 else ''}{SUFFIX}").exists():
            number += 1
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_text(self.text(), encoding="utf-8")
        os.replace(unfinished, path)
        return path
