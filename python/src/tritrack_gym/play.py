"""Driving by keyboard in a window of pygame: `python -m tritrack_gym play`. Each episode becomes a recording."""

import gymnasium
import numpy as np

from .recording import Recording
from .registration import ENV_ID
from .window import Window

#: Gymnasium's brake key does not lock the wheels: that takes 0.9.
KEY_BRAKE = 0.8
#: Names of pygame's keys for each control: arrows, or WASD.
_KEYS = {"left": ("left", "a"), "right": ("right", "d"), "gas": ("up", "w"), "brake": ("down", "s")}
_CAPTION = "seed {seed} · {score:.0f} points · arrows drive, R again, N next track, Esc ends"


class Keyboard:
    """The keys that are held down, and what was asked for since it was last looked at.

    Parameters
    ----------
    pygame : module
    """

    def __init__(self, pygame):
        self._pygame = pygame
        self._held = set()

    def read(self):
        """Reads the window's events.

        Returns
        -------
        {None, "again", "next", "quit"}
        """
        pygame, wish = self._pygame, None
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                return "quit"
            if event.type == pygame.KEYUP:
                self._held.discard(pygame.key.name(event.key))
            if event.type == pygame.KEYDOWN:
                name = pygame.key.name(event.key)
                self._held.add(name)
                wish = {"escape": "quit", "r": "again", "n": "next", "return": "next"}.get(name, wish)
            if wish == "quit":
                return wish
        return wish

    def action(self):
        """Returns the action of the keys, float32 [3]: steer -1, 0 or 1, gas 0 or 1, brake 0 or 0.8."""
        left, right, gas, brake = (any(key in self._held for key in _KEYS[control]) for control in _KEYS)
        return np.float32([right - left, gas, KEY_BRAKE * brake])


def play(seed=0, out="recordings", fps=50, log=print):
    """Drives one track after another until the window is closed.

    Parameters
    ----------
    seed : int, optional
        The first track; the next ones count up. Default: 0.
    out : str or path, optional
        Folder for the recordings. Default: "recordings".
    fps : int, optional
        Steps a second; fewer are slower. Default: 50, as Gymnasium.
    log : callable, optional
        Is told a line for each episode. Default: print.

    Returns
    -------
    list of pathlib.Path
        The recordings, which `npx tritrack render FILE` films.

    Raises
    ------
    gymnasium.error.DependencyNotInstalled
        There is no pygame.
    """
    window = Window()
    import pygame

    env = gymnasium.make(ENV_ID, render_mode="rgb_array")
    files = []
    try:
        window.open()
        keyboard = Keyboard(pygame)
        wish = None
        while wish != "quit":
            recording, wish = _episode(env, seed, window, keyboard, fps)
            path = recording.save(out)
            if path:
                files.append(path)
                log(f"track {seed}: {recording.reward:.1f} in {recording.steps} steps, {path}")
            seed += wish != "again"
    finally:
        window.close()
        env.close()
    return files


def _episode(env, seed, window, keyboard, fps):
    """Drives one episode, to its end or until something else is wished; the recording and the wish."""
    recording = Recording(seed, "human")
    env.reset(seed=seed)
    over = False
    while not over:
        wish = keyboard.read()
        if wish:
            return recording, wish
        action = keyboard.action()
        result = env.step(action)
        recording.add(action, result)
        over = result[2] or result[3]
        window.caption(_CAPTION.format(seed=seed, score=recording.reward))
        window.show(env.render(), fps, pump=False)
    return recording, "next"
