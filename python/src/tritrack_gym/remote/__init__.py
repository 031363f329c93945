"""Environments in a server of the WebSocket bridge: `tritrack serve`, or `python -m tritrack_gym.serve` on another machine.

    from tritrack_gym import remote

    env = remote.make("ws://sim.example:7777", token="…")        # CarRacing-v3 of that server
    envs = remote.make_vec("ws://sim.example:7777", num_envs=8)  # stepped with one message
    env = remote.make()                                          # a private server, which needs Node and tritrack

`gymnasium.make("tritrack-remote/CarRacing-v3", url=…)` makes the same. CarRacing in Python's own process needs no server:
`gymnasium.make("tritrack/CarRacing-v3")`.
"""

try:
    import websockets  # noqa: F401
except ImportError as error:
    import gymnasium.error

    raise gymnasium.error.DependencyNotInstalled(
        "tritrack_gym.remote: expected the package websockets, run `pip install 'tritrack-gym[remote]'`"
    ) from error

from .connection import Connection, ConnectionLost, RemoteError, ServerNotStarted
from .env import RemoteEnv
from .vector import RemoteVectorEnv

__all__ = [
    "Connection",
    "ConnectionLost",
    "RemoteEnv",
    "RemoteError",
    "RemoteVectorEnv",
    "ServerNotStarted",
    "make",
    "make_vec",
]


def make(url=None, env_id="CarRacing-v3", **kwargs):
    """An environment of a server.

    Args:
        url: address of the server, "ws://HOST:PORT". Default: None, the environment variable TRITRACK_URL, or a private server.
        env_id: id of the environment in the server. Default: "CarRacing-v3".
        kwargs: further arguments of RemoteEnv (token, render_mode, …) and of the environment.

    Raises:
        ServerNotStarted: there is no server and none could be started
        RemoteError: the server refuses
    """
    return RemoteEnv(env_id=env_id, url=url, **kwargs)


def make_vec(url=None, env_id="CarRacing-v3", num_envs=1, **kwargs):
    """A vector of environments of a server; arguments and errors as `make` and RemoteVectorEnv have them."""
    return RemoteVectorEnv(env_id=env_id, num_envs=num_envs, url=url, **kwargs)
