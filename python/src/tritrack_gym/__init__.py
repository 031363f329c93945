"""tritrack's environments in Gymnasium, and Gymnasium's environments for tritrack.

    import gymnasium, tritrack_gym
    env = gymnasium.make("tritrack/CarRacing-v3")
    envs = gymnasium.make_vec("tritrack/CarRacing-v3", num_envs=8)

The environments run in a server, `tritrack serve`, which is started with the first of them, unless the environment
variable TRITRACK_URL or the argument `url` names one to join (server.py). `python -m tritrack_gym.serve ID` is the
other direction (serve.py).
"""

import gymnasium

from .connection import Connection, ConnectionLost, RemoteError, ServerNotStarted
from .env import RemoteEnv
from .vector import RemoteVectorEnv

__all__ = ["Connection", "ConnectionLost", "RemoteEnv", "RemoteError", "RemoteVectorEnv", "ServerNotStarted", "register_envs"]


def register_envs():
    """Registers `tritrack/CarRacing-v3`, with Gymnasium's own time limit and threshold. Importing the package does it."""
    if "tritrack/CarRacing-v3" in gymnasium.registry:
        return
    gymnasium.register(
        id="tritrack/CarRacing-v3",
        entry_point="tritrack_gym.env:RemoteEnv",
        vector_entry_point="tritrack_gym.vector:RemoteVectorEnv",
        max_episode_steps=1000,
        reward_threshold=900,
        kwargs={"env_id": "CarRacing-v3"},
    )


register_envs()
