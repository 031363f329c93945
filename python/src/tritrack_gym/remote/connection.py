"""A connection to a server of the WebSocket bridge: calls and their answers, one after another.

A call that does not end as it should (Ctrl-C, a timeout, a broken message) leaves an answer under way that the next
call would take for its own. The connection is therefore dropped on every exception between sending and receiving, and
the `id` of each answer is compared with that of its call.
"""

import os
import socket
import threading
import weakref

import gymnasium.error
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.sync.client import connect

from .. import message
from ..message import PROTOCOL, VERSION

#: Size in bytes of the longest answer; a longer one ends the connection.
MAX_ANSWER_BYTES = 2**28


class RemoteError(gymnasium.error.Error):
    """An error that the environment's server reports and Gymnasium has no class for.

    Attributes:
        remote_name: name of the error's class in the server, such as "InvalidOption". Default: "".
    """

    def __init__(self, text, remote_name=""):
        super().__init__(text)
        self.remote_name = remote_name


class ConnectionLost(gymnasium.error.Error):
    """The server cannot be reached, or the connection to it has ended."""


class ServerNotStarted(ConnectionLost, gymnasium.error.DependencyNotInstalled):
    """No server could be started; the message says what to install."""


#: Gymnasium's classes for errors of tritrack, by their names there.
ERRORS = {
    "InvalidAction": gymnasium.error.InvalidAction,
    "ResetNeeded": gymnasium.error.ResetNeeded,
    "ClosedEnvironment": gymnasium.error.ClosedEnvironmentError,
    "UnregisteredEnv": gymnasium.error.UnregisteredEnv,
}


class Connection:
    """A connection that has greeted its server. It ends with `close`, or when nothing refers to it any more.

    Args:
        url: address of the server, "ws://HOST:PORT"
        token: token that the server asks for. Default: None, none is sent.
        timeout: longest wait for an answer, seconds. Default: 90.

    Attributes:
        welcome: the server's answer to the greeting: its name, the ids of its environments, its limits

    Raises:
        ConnectionLost: the server cannot be reached or turns this client away
        ProtocolError: the server speaks another protocol or version
    """

    def __init__(self, url: str, token: "str | None" = None, timeout: float = 90):
        self.url = url
        self._timeout = timeout
        self._calls = 0
        self._lost = None
        self._pid = os.getpid()
        self._turn = threading.Lock()
        headers = {"Authorization": f"Bearer {token}"} if token else None
        try:
            self._socket = connect(
                url,
                additional_headers=headers,
                compression=None,
                max_size=MAX_ANSWER_BYTES,
                proxy=None,
                # The server does not read while a call is under way, which may take longer than a ping may wait.
                ping_interval=None,
            ).__enter__()
        except (OSError, InvalidHandshake, InvalidURI) as error:
            raise ConnectionLost(f"{url}: {_refusal(error)}") from error
        self._abandon = weakref.finalize(self, _abandon, self._socket.socket, self._pid)
        try:
            self.welcome = self.call("hello", protocol=PROTOCOL, version=VERSION)
            spoken = (self.welcome["protocol"], self.welcome["version"])
            if spoken != (PROTOCOL, VERSION):
                raise message.ProtocolError(f"{url}: expected protocol {PROTOCOL} version {VERSION}, got {spoken}")
        except BaseException:
            self.close()
            raise

    def call(self, name: str, **fields):
        """Sends a call and waits for its result.

        Raises:
            ConnectionLost: the connection has ended, or ends before the answer comes
            gymnasium.error.Error: the error that the server answers with
            TypeError: a field that messages do not carry; nothing has been sent then
        """
        if not self.is_usable():
            raise ConnectionLost(f"{self.url}: {self._lost or self._other_process()}")
        with self._turn:
            self._calls += 1
            number = self._calls
            request = message.encode({"id": number, "call": name, **fields})
            try:
                self._socket.send(request)
                answer = message.decode(self._socket.recv(self._timeout))
                # A server that could not read a call does not know its id.
                if answer.get("id") != number and not (answer.get("id") is None and answer.get("error")):
                    raise message.ProtocolError(f"{self.url}: expected the answer {number}, got {answer.get('id')}")
            except ConnectionClosed as error:
                self._drop(f"the server closed the connection: {error}")
                raise ConnectionLost(f"{self.url}: {self._lost}") from error
            except TimeoutError as error:
                self._drop(f"{name}: no answer within {self._timeout:g} seconds")
                raise ConnectionLost(f"{self.url}: {self._lost}") from error
            except BaseException as error:
                self._drop(f"{name} was interrupted ({type(error).__name__}), which ended the connection")
                raise
        if answer.get("error"):
            raise _error(answer["error"])
        return answer["result"]

    def is_usable(self) -> bool:
        """Whether calls can be made: false once the connection has ended, and in a process forked after it was made."""
        return self._lost is None and os.getpid() == self._pid

    def close(self):
        """Ends the connection. In a forked process only this process's copy ends, the parent's stays."""
        if self.is_usable():
            self._lost = "the connection has been closed"
            self._socket.close()
        self._abandon()

    def _drop(self, why):
        self._lost = why
        self._abandon()

    def _other_process(self):
        return f"the connection is that of process {self._pid}, from which this process {os.getpid()} was forked"


def _abandon(sock, pid):
    """Ends a connection at once, without a handshake: nothing in here waits, so that a garbage collection may call it."""
    try:
        if os.getpid() == pid:
            sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads the socket; that thread closes it
        else:
            sock.close()  # a shutdown would end the parent's connection too
    except OSError:
        pass  # it has ended already


def _refusal(error):
    """What the server said in turning the client away, where it said something."""
    body = getattr(getattr(error, "response", None), "body", None)
    said = body.decode(errors="replace").strip() if body else ""
    return f"{error}: {message.shortened(said)}" if said else str(error)


def _error(wire: dict) -> Exception:
    name, text = wire["name"], wire["message"]
    error = ERRORS[name](text) if name in ERRORS else RemoteError(f"{name}: {text}", name)
    if wire.get("cause"):
        error.__cause__ = _error(wire["cause"])
    return error
