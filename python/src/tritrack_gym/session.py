"""One client's environments, behind the calls of the protocol. Each client's run in a process of their own (serve.py)."""

import os
import signal

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import gymnasium
import numpy as np

from . import message, space


def run(pipe, ids, most_envs):
    """The process of one client: answers messages until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches every process; the server ends this one
    session = Session(ids, most_envs)
    try:
        while True:
            pipe.send_bytes(session.answer(pipe.recv_bytes()))
    except (EOFError, OSError):
        pass
    finally:
        session.close()


class Session:
    """Answers one client's calls after its hello.

    Args:
        ids: of the environments that it may make
        most_envs: environments at once
    """

    def __init__(self, ids, most_envs):
        self._ids = ids
        self._most_envs = most_envs
        self._envs = {}
        self._made = 0

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
            return message.encode({"id": number, "error": wire_error(error)})

    def close(self):
        for env in self._envs.values():
            env.close()

    def _obey(self, call, request):
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
        if len(self._envs) >= self._most_envs:
            raise ValueError(f"make: expected at most {self._most_envs} environments of one client; close some first")
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
        observation, info = env.reset(seed=_seed(request.get("seed")), options=request.get("options"))
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


def _seed(seed):
    """A seed: a number, or its digits, hexadecimal after 0x."""
    return int(seed, 16 if seed.startswith("0x") else 10) if isinstance(seed, str) else seed


def _plain(info):
    """An info without the objects that messages do not carry."""
    kept = {}
    for key, value in info.items():
        try:
            message.encode({key: value})
        except TypeError:
            continue
        kept[key] = value
    return kept


def wire_error(error, depth=0):
    cause = error.__cause__
    wire = {"name": type(error).__name__, "message": str(error)}
    return {**wire, "cause": wire_error(cause, depth + 1)} if cause and depth < 4 else wire
