"""Offers Gymnasium's environments to tritrack, in the protocol of `tritrack serve`.

    python -m tritrack_gym.serve CarRacing-v3 [LunarLander-v3 ...] [--port 8766] [--token TEXT]

In TypeScript `RemoteEnv.connect(url, "CarRacing-v3")` drives them, and so does `tritrack eval FILE --remote URL`. Only
the ids that are named are served. Listens on this machine alone unless told otherwise; pages of browsers are refused.
"""

import argparse
import hmac
import http
import os
import signal
import threading

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import gymnasium
import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from . import message, space
from .connection import PROTOCOL, VERSION

LIMITS = {"environments": 16, "message_bytes": 2**20}


class Session:
    """One client's environments."""

    def __init__(self, ids):
        self._ids = ids
        self._envs = {}
        self._made = 0
        self._greeted = False

    def answer(self, data: bytes) -> bytes:
        """Answers one message; whatever goes wrong is the answer's error."""
        number = None
        try:
            request = message.decode(data)
            if not isinstance(request, dict) or not isinstance(request.get("call"), str):
                raise message.ProtocolError("message: expected a call")
            number = request.get("id")
            return message.encode({"id": number, "result": self._obey(request["call"], request)})
        except Exception as error:
            return message.encode({"id": number, "error": _wire_error(error)})

    def close(self):
        for env in self._envs.values():
            env.close()

    def _obey(self, call, request):
        if call == "hello":
            if (request.get("protocol"), request.get("version")) != (PROTOCOL, VERSION):
                raise message.ProtocolError(f"expected protocol {PROTOCOL} version {VERSION}: update the older end")
            self._greeted = True
            name = f"gymnasium {gymnasium.__version__}"
            return {
                "protocol": PROTOCOL, "version": VERSION, "server": name, "environments": self._ids, "limits": LIMITS,
            }
        if not self._greeted:
            raise message.ProtocolError('expected the call "hello" first')
        if call == "make":
            return self._make(request)
        if call not in ("spaces", "reset", "step", "render", "close"):
            raise message.ProtocolError(f"expected the call make, spaces, reset, step, render or close, got {call!r}")
        env = self._envs.get(request.get("env"))
        if env is None:
            raise ValueError(f"{call}: there is no environment {request.get('env')}; it was closed or never made")
        return getattr(self, f"_{call}")(env, request)

    def _make(self, request):
        env_id = request.get("environment")
        if env_id not in self._ids:
            raise ValueError(f"make: expected {', '.join(self._ids)}, got {env_id!r}")
        if request.get("num_envs") is not None:
            raise ValueError("make: this server has no vectors of environments; make them one by one")
        if len(self._envs) >= LIMITS["environments"]:
            raise ValueError(f"make: expected at most {LIMITS['environments']} environments of one client")
        kwargs = dict(request.get("kwargs") or {})
        if "max_episode_steps" in request:
            limit = request["max_episode_steps"]
            kwargs["max_episode_steps"] = -1 if limit is None else limit
        env = gymnasium.make(env_id, **kwargs)
        number = self._made
        self._made += 1
        self._envs[number] = env
        spec = env.spec
        return {
            "env": number,
            **self._spaces(env, request),
            "metadata": {key: env.metadata.get(key) for key in ("render_modes", "render_fps")},
            "render_mode": env.render_mode,
            "spec": {
                "id": spec.id, "kwargs": kwargs, "max_episode_steps": spec.max_episode_steps,
                "reward_threshold": spec.reward_threshold,
            },
            "num_envs": None,
        }

    def _spaces(self, env, request):
        return {
            "observation_space": space.to_wire(env.observation_space),
            "action_space": space.to_wire(env.action_space),
        }

    def _reset(self, env, request):
        seed = request.get("seed")
        observation, info = env.reset(seed=None if seed is None else int(seed), options=request.get("options"))
        return {"observation": observation, "info": _plain(info)}

    def _step(self, env, request):
        action = space.element(env.action_space, request.get("action"))
        observation, reward, terminated, truncated, info = env.step(action)
        return {
            "observation": observation, "reward": float(reward), "terminated": bool(terminated),
            "truncated": bool(truncated), "info": _plain(info),
        }

    def _render(self, env, request):
        frame = env.render()
        return {"frame": frame if isinstance(frame, np.ndarray) else None}

    def _close(self, env, request):
        env.close()
        del self._envs[request["env"]]
        return {}


def _plain(info):
    """What of an info the bridge carries; other objects are left out."""
    kept = {}
    for key, value in info.items():
        try:
            message.encode(value)
        except TypeError:
            continue
        kept[key] = value
    return kept


def _wire_error(error, depth=0):
    cause = error.__cause__
    wire = {"name": type(error).__name__, "message": str(error)}
    return {**wire, "cause": _wire_error(cause, depth + 1)} if cause and depth < 4 else wire


def start(ids, host="127.0.0.1", port=8766, token=None):
    """A server of the ids, not yet serving: call its `serve_forever`, and `shutdown` from another thread."""
    for env_id in ids:
        gymnasium.spec(env_id)

    def check(connection, request):
        given = request.headers.get("Authorization", "")
        if token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, "expected the server's token\n")
        return None

    def handle(connection):
        session = Session(ids)
        try:
            for data in connection:
                connection.send(session.answer(data))
        except ConnectionClosed:
            pass
        finally:
            session.close()

    # None: clients that send no origin, as programs do. Browsers always send one.
    return serve(
        handle, host, port, origins=[None], compression=None, max_size=LIMITS["message_bytes"], process_request=check
    )


def main():
    parser = argparse.ArgumentParser(prog="python -m tritrack_gym.serve", description=__doc__.split("\n")[0])
    parser.add_argument("ids", nargs="+", metavar="ID", help="environments to offer, such as CarRacing-v3")
    parser.add_argument("--port", type=int, default=8766, help="default 8766; 0 takes any free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; beyond this machine a token is needed")
    parser.add_argument("--token", default=os.environ.get("TRITRACK_TOKEN"), help="what clients must show")
    options = parser.parse_args()
    if options.host not in ("127.0.0.1", "localhost", "::1") and not options.token:
        parser.error(f"expected a token with the address {options.host}, which others can reach")
    try:
        with start(options.ids, options.host, options.port, options.token) as server:
            # From another thread: `shutdown` waits for the loop that this one is in.
            signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
            print(f"Environments at ws://{options.host}:{server.socket.getsockname()[1]}", flush=True)
            server.serve_forever()
    except gymnasium.error.Error as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
