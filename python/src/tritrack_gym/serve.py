"""Offers Gymnasium's environments to tritrack, in the protocol of `tritrack serve`.

    python -m tritrack_gym.serve CarRacing-v3 [LunarLander-v3 my_module:Maze-v0 ...] [--port 8766] [--token TEXT]

In TypeScript `RemoteEnv.connect(url, "CarRacing-v3")` drives them, and so does `tritrack eval FILE --remote URL`. Only
the ids that are named are served. Listens on this machine alone unless told otherwise; pages of browsers are refused.

Each client's environments run in a process of their own, started after its hello (session.py): one whose call takes
too long, or that brings its process down, loses its connection, and nobody else notices.
"""

import argparse
import contextlib
import dataclasses
import hmac
import http
import importlib
import multiprocessing
import os
import signal
import threading
import time

import gymnasium
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

from . import message, session
from .connection import PROTOCOL, VERSION


@dataclasses.dataclass(frozen=True)
class Limits:
    clients: int = 16
    environments: int = 16  # of one client
    message_bytes: int = 2**20
    seconds_per_call: float = 60
    idle_seconds: float = 3600  # without a call


MAX_HELLO_BYTES = 4096
HELLO_TIME = 10  # seconds
LOOK_EVERY = 1  # second, at whether a client whose call is under way is still there
# Codes with which the server closes a connection, those of `tritrack serve` (env/remote/protocol.ts).
PROTOCOL_ERROR, SERVER_FAILED, TRY_LATER, IDLE, CALL_TOO_LONG = 1002, 1011, 1013, 4000, 4001


class Refused(Exception):
    """Ends a connection with a code and a reason."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


class House:
    """What the connections share: the environments on offer, the limits, and the clients' processes."""

    def __init__(self, ids, limits):
        self._ids = ids
        self._limits = limits
        self._places = threading.BoundedSemaphore(limits.clients)
        # A server that has loaded Gymnasium once forks a client's process in milliseconds; Windows has to load it anew.
        has_fork_server = "forkserver" in multiprocessing.get_all_start_methods()
        self._processes = multiprocessing.get_context("forkserver" if has_fork_server else "spawn")
        if has_fork_server:
            self._processes.set_forkserver_preload([session.__name__])

    def handle(self, connection):
        """Serves one client until it goes, or does what it may not."""
        try:
            if not self._places.acquire(blocking=False):
                raise Refused(TRY_LATER, f"this server takes {self._limits.clients} clients")
            with contextlib.ExitStack() as left:
                left.callback(self._places.release)
                self._greet(connection)
                self._serve(connection, left)
        except ConnectionClosed:
            pass
        except Refused as refused:
            connection.close(refused.code, str(refused))

    def _greet(self, connection):
        number = None
        try:
            data = connection.recv(HELLO_TIME)
            if len(data) > MAX_HELLO_BYTES:
                raise message.ProtocolError(f"expected a hello of at most {MAX_HELLO_BYTES} bytes")
            hello = message.decode(data)
            if not isinstance(hello, dict) or hello.get("call") != "hello":
                raise message.ProtocolError('expected the call "hello" first')
            number = hello.get("id")
            if (hello.get("protocol"), hello.get("version")) != (PROTOCOL, VERSION):
                raise message.ProtocolError(f"expected protocol {PROTOCOL} version {VERSION}: update the older end")
            welcome = {
                "protocol": PROTOCOL, "version": VERSION, "server": f"gymnasium {gymnasium.__version__}",
                "environments": self._ids, "limits": dataclasses.asdict(self._limits),
            }
            connection.send(message.encode({"id": number, "result": welcome}))
        except TimeoutError:
            raise Refused(PROTOCOL_ERROR, "no hello came") from None
        except message.ProtocolError as error:
            connection.send(message.encode({"id": number, "error": session.wire_error(error)}))
            raise Refused(PROTOCOL_ERROR, "expected a hello of this protocol") from error

    def _serve(self, connection, left):
        pipe, theirs = self._processes.Pipe()
        arguments = (theirs, self._ids, self._limits.environments)
        process = self._processes.Process(target=session.run, args=arguments, daemon=True)
        process.start()
        theirs.close()
        left.callback(_end, process, pipe)
        while True:
            try:
                data = connection.recv(self._limits.idle_seconds)
            except TimeoutError:
                raise Refused(IDLE, f"no call for {self._limits.idle_seconds:g} seconds") from None
            if isinstance(data, str):
                raise Refused(PROTOCOL_ERROR, "expected binary messages")
            try:
                pipe.send_bytes(data)
                self._await(pipe, connection)
                answer = pipe.recv_bytes()
            except (EOFError, OSError):
                raise Refused(SERVER_FAILED, "the process of this client's environments failed") from None
            connection.send(answer)

    def _await(self, pipe, connection):
        end = time.monotonic() + self._limits.seconds_per_call
        while not pipe.poll(min(LOOK_EVERY, max(0, end - time.monotonic()))):
            if connection.close_code is not None:  # gone, or the server ends
                raise Refused(connection.close_code, "")
            if time.monotonic() >= end:
                raise Refused(CALL_TOO_LONG, f"a call took longer than {self._limits.seconds_per_call:g} seconds")


def _end(process, pipe):
    pipe.close()  # it closes its environments and ends; one that is stuck is killed
    process.join(1)
    process.kill()
    process.join()
    process.close()


def start(ids, host="127.0.0.1", port=8766, token=None, limits=Limits()):
    """A server of the ids, not yet serving: call its `serve_forever`, and `shutdown` from another thread."""
    for env_id in ids:
        module, _, name = env_id.rpartition(":")
        if module:
            importlib.import_module(module)
        gymnasium.spec(name)

    def check(connection, request):
        given = request.headers.get("Authorization", "")
        if token and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return connection.respond(http.HTTPStatus.UNAUTHORIZED, "expected the server's token\n")
        return None

    house = House(ids, limits)
    # None: clients that send no origin, as programs do. Browsers always send one.
    return serve(
        house.handle, host, port, origins=[None], compression=None, max_size=limits.message_bytes, process_request=check
    )


EXAMPLES = """examples:
  # the original, for `tritrack eval FILE --remote ws://127.0.0.1:8766`
  python -m tritrack_gym.serve CarRacing-v3
  # environments of your own: the module registers them with Gymnasium
  python -m tritrack_gym.serve my_envs:Maze-v0
  # for other machines
  python -m tritrack_gym.serve CarRacing-v3 --host 0.0.0.0 --token SECRET
"""


def main():
    parser = argparse.ArgumentParser(
        prog="python -m tritrack_gym.serve",
        description=__doc__.split("\n")[0],
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    count = {"metavar": "N", "type": _above_zero(int)}
    seconds = {"metavar": "SECONDS", "type": _above_zero(float)}
    parser.add_argument("ids", nargs="+", metavar="ID", help="environments to offer, such as CarRacing-v3 or module:Name-v0")
    parser.add_argument("--port", type=int, default=8766, help="default 8766; 0 takes any free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; beyond this machine a token is needed")
    parser.add_argument("--token", default=os.environ.get("TRITRACK_TOKEN"), help="what clients must show")
    parser.add_argument("--max-clients", default=Limits.clients, help="clients at once; default %(default)s", **count)
    parser.add_argument("--max-envs", default=Limits.environments, help="of one client; default %(default)s", **count)
    parser.add_argument("--max-message", default=Limits.message_bytes, help="bytes; default %(default)s", **count)
    parser.add_argument("--call-timeout", default=Limits.seconds_per_call, help="default %(default)s", **seconds)
    parser.add_argument("--idle-timeout", default=Limits.idle_seconds, help="default %(default)s", **seconds)
    options = parser.parse_args()
    if options.host not in ("127.0.0.1", "localhost", "::1") and not options.token:
        parser.error(f"expected a token with the address {options.host}, which others can reach")
    limits = Limits(
        options.max_clients, options.max_envs, options.max_message, options.call_timeout, options.idle_timeout
    )
    try:
        with start(options.ids, options.host, options.port, options.token, limits) as server:
            # From another thread: `shutdown` waits for the loop that this one is in.
            signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
            print(f"Environments at ws://{options.host}:{server.socket.getsockname()[1]}", flush=True)
            server.serve_forever()
    except (gymnasium.error.Error, ImportError, OSError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        pass


def _above_zero(kind):
    def parse(text):
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"expected a number above 0, not {text}")
        return value

    parse.__name__ = kind.__name__  # argparse names it where the text is no number at all
    return parse


if __name__ == "__main__":
    main()
