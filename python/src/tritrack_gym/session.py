"""One client's environments, behind the calls of the protocol. Each client's run in a process of their own (serve.py)."""

import os
import signal

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

from . import message
from .held import HeldEnv, HeldVector

#: Calls for an environment that `make` has made.
CALLS = ("spaces", "reset", "step", "render", "close")


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
        ids: ids of the environments that it may make
        most_envs: most environments at once, those of a vector counted one by one
    """

    def __init__(self, ids, most_envs):
        self._ids = ids
        self._most_envs = most_envs
        self._held = {}
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
        """Closes every environment."""
        for held in self._held.values():
            held.close()

    def _obey(self, call, request):
        if call == "make":
            return self._make(request)
        if call not in CALLS:
            expected = ", ".join(CALLS[:-1])
            raise message.ProtocolError(
                f"expected the call make, {expected} or {CALLS[-1]}, got {message.shortened(repr(call))}"
            )
        number = request.get("env")
        held = self._held.get(number) if isinstance(number, int) else None
        if held is None:
            told = message.shortened(number)
            raise ValueError(f"{call}: there is no environment {told}; it was closed or never made")
        if call == "spaces":
            return {key: held.made[key] for key in ("observation_space", "action_space")}
        if call == "close":
            del self._held[number]
            held.close()
            return {}
        return getattr(held, call)(request)

    def _make(self, request):
        env_id, count = request.get("environment"), request.get("num_envs")
        if env_id not in self._ids:
            raise ValueError(f"make: expected {', '.join(self._ids)}, got {message.shortened(repr(env_id))}")
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
            told = message.shortened(repr(count))
            raise ValueError(f"make: expected num_envs to be a whole number from 1 up, got {told}")
        used = sum(held.count for held in self._held.values())
        if used + (count or 1) > self._most_envs:
            raise ValueError(
                f"make: expected at most {self._most_envs} environments of one client, got {used + (count or 1)}; "
                "close some first"
            )
        kwargs = dict(request.get("kwargs") or {})
        if "max_episode_steps" in request:
            limit = request["max_episode_steps"]
            kwargs["max_episode_steps"] = -1 if limit is None else limit
        mode = request.get("autoreset_mode", "next-step")
        held = HeldEnv(env_id, kwargs) if count is None else HeldVector(env_id, kwargs, count, mode)
        number = self._made
        self._made += 1
        self._held[number] = held
        return {"env": number, **held.made}


def wire_error(error, depth=0) -> dict:
    """An error as messages carry it, with at most four of its causes."""
    cause = error.__cause__
    wire = {"name": type(error).__name__, "message": str(error)}
    return {**wire, "cause": wire_error(cause, depth + 1)} if cause and depth < 4 else wire
