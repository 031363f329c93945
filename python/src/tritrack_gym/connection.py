"""A connection to a server of the WebSocket bridge: calls and their answers, one after another."""

import gymnasium.error
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import connect

from . import message

PROTOCOL = "tritrack-remote"
VERSION = 1
MAX_ANSWER_BYTES = 2**28


class RemoteError(gymnasium.error.Error):
    """An error of the environment's server, under its name there in `remote_name`."""

    def __init__(self, text, remote_name=""):
        super().__init__(text)
        self.remote_name = remote_name


class ConnectionLost(gymnasium.error.Error):
    """The server could not be reached, or closed the connection."""


# Errors of tritrack that Gymnasium has a class for.
ERRORS = {
    "InvalidAction": gymnasium.error.InvalidAction,
    "ResetNeeded": gymnasium.error.ResetNeeded,
    "ClosedEnvironment": gymnasium.error.ClosedEnvironmentError,
    "UnregisteredEnv": gymnasium.error.UnregisteredEnv,
}


class Connection:
    """Connects to `url` ("ws://HOST:PORT") and greets the server."""

    def __init__(self, url: str, token: "str | None" = None, timeout: float = 90):
        self.url = url
        self._timeout = timeout
        self._calls = 0
        headers = {"Authorization": f"Bearer {token}"} if token else None
        try:
            connecting = connect(
                url, additional_headers=headers, compression=None, max_size=MAX_ANSWER_BYTES, proxy=None
            )
            self._socket = connecting.__enter__()  # left in close()
        except (OSError, InvalidHandshake, InvalidURI) as error:
            raise ConnectionLost(f"{url}: {error}") from error
        #: What the server says of itself: its name, the ids of its environments, its limits.
        self.welcome = self.call("hello", protocol=PROTOCOL, version=VERSION)
        if (self.welcome["protocol"], self.welcome["version"]) != (PROTOCOL, VERSION):
            self.close()
            raise message.ProtocolError(f"{url} speaks another protocol: {self.welcome}")

    def call(self, name: str, **fields):
        """The result of a call, or the error that it came to."""
        self._calls += 1
        try:
            self._socket.send(message.encode({"id": self._calls, "call": name, **fields}))
            answer = message.decode(self._socket.recv(self._timeout))
        except ConnectionClosed as error:
            raise ConnectionLost(f"{self.url}: the server closed the connection: {error}") from error
        except TimeoutError as error:
            self.close()  # a late answer would be taken for that of the next call
            raise ConnectionLost(f"{self.url}: no answer within {self._timeout} seconds") from error
        if answer.get("error"):
            raise _error(answer["error"])
        return answer["result"]

    def close(self):
        self._socket.close()


def _error(wire: dict) -> Exception:
    name, text = wire["name"], wire["message"]
    error = ERRORS[name](text) if name in ERRORS else RemoteError(f"{name}: {text}", name)
    if wire.get("cause"):
        error.__cause__ = _error(wire["cause"])
    return error
