"""CarRacing-v3 of tritrack in Gymnasium: the same episodes byte for byte, many times faster, in this process.

    import gymnasium
    env = gymnasium.make("tritrack/CarRacing-v3")
    envs = gymnasium.make_vec("tritrack/CarRacing-v3", num_envs=8)

    import tritrack_gym
    policy = tritrack_gym.load("car-90")     # a ternary network that drives
    action = policy(observation)

`tritrack_gym.sb3.make_vec_env` is for Stable-Baselines3. `python -m tritrack_gym` evaluates networks and lets you drive.
`tritrack_gym.remote` drives environments of a server elsewhere, and `python -m tritrack_gym.serve` is such a server.
"""

import importlib

from .registration import register_envs

#: Where the package's names are; they are imported when they are asked for, so that `import gymnasium` stays quick.
_PLACES = {
    "CarRacing": ".car_racing",
    "CarRacingVectorEnv": ".car_racing_vector",
    "TernaryNetwork": ".networks",
    "load": ".networks",
    "Connection": ".remote",
    "ConnectionLost": ".remote",
    "RemoteError": ".remote",
    "ServerNotStarted": ".remote",
    "RemoteEnv": ".remote",
    "RemoteVectorEnv": ".remote",
}

__all__ = ["register_envs", *_PLACES]


def __getattr__(name):
    if name in _PLACES:
        return getattr(importlib.import_module(_PLACES[name], __name__), name)
    if name in ("networks", "remote", "sb3"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *_PLACES})


register_envs()
