"""The part that single environments and vectors share: an environment of a server, made anew after a lost connection."""

import gymnasium.error
from gymnasium.utils import seeding

from . import server
from .connection import ConnectionLost


class RemoteHandle:
    """An environment, or a vector of them, that a server holds for this process over a connection of its own.

    Args:
        joining: arguments of `server.connect`
        making: fields of the call `make`

    Attributes:
        made: the server's answer to `make`
    """

    def __init__(self, joining: dict, making: dict):
        self._joining = joining
        self._making = making
        self._is_closed = False
        self._make()

    def _make(self):
        self._connection = server.connect(**self._joining)
        try:
            self.made = self._connection.call("make", **self._making)
        except BaseException:
            self._connection.close()  # an exception that is kept keeps its frames, and they the connection
            raise

    def call(self, name, **fields):
        """The result of a call for this environment.

        Raises:
            ClosedEnvironmentError: `close` was called
            ConnectionLost: the connection has ended; `renew` makes the environment anew
        """
        if self._is_closed:
            raise gymnasium.error.ClosedEnvironmentError("this environment has been closed")
        try:
            return self._connection.call(name, env=self.made["env"], **fields)
        except ConnectionLost as error:
            raise ConnectionLost(f"{error}; the episode is lost, reset(seed=…) begins a new one") from error.__cause__

    def renew(self):
        """Makes the environment anew where its connection was lost: by an interruption, a fork or the server's end.

        Only a reset with a seed may call it: where the old environment's generator stood is not known.
        """
        if not self._is_closed and not self._connection.is_usable():
            self._connection.close()
            self._make()

    def close(self):
        """Ends the connection, and with it the server's environment. Closing twice does nothing."""
        self._is_closed = True
        self._connection.close()


def seed_text(seed) -> "str | None":
    """A seed as the protocol has it: its digits, hexadecimal where there are over a hundred of them.

    Raises:
        gymnasium.error.Error: a seed that Gymnasium refuses
    """
    if seed is None:
        return None
    seeding.np_random(seed)
    return str(int(seed)) if seed < 10**100 else hex(seed)
