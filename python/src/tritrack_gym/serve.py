"""Offers Gymnasium's environments to tritrack, in the protocol of `tritrack serve`.

    python -m tritrack_gym.serve CarRacing-v3 [LunarLander-v3 my_module:Maze-v0 ...] [--port 8766] [--token TEXT]

In TypeScript `RemoteEnv.connect(url, "CarRacing-v3")` drives one, `RemoteVectorEnv.connect` several, and
`tritrack eval FILE --remote URL` a network in it. Only the ids that are named are served. Without `--host` the server
listens on this machine alone; pages of browsers are refused.

Each client's environments run in a process of their own, started after its hello (session.py). A client whose call takes
too long, or that brings its process down, loses its connection, and nobody else notices.
"""

import argparse
import contextlib
import dataclasses
import errno
import hmac
import http
import importlib
import multiprocessing
import os
import re
import signal
import socket
import threading
import time
import weakref

import gymnasium

try:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.server import serve
except ImportError as error:
    raise SystemExit(
        "tritrack_gym.serve: expected the package websockets, run `pip install 'tritrack-gym[remote]'`"
    ) from error

from . import message, session
from .message import PROTOCOL, VERSION


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits that clients must keep.

    Attributes:
        clients: clients at once. Default: 16.
        environments: environments of one client, those of a vector counted one by one. Default: 16.
        message_bytes: size of one message to the server. Default: 1 MiB.
        seconds_per_call: time for one call; then the client is cut off. Default: 60.
        idle_seconds: time without a call; then the client is cut off. Default: 3600.
    """

    clients: int = 16
    environments: int = 16
    message_bytes: int = 2**20
    seconds_per_call: float = 60
    idle_seconds: float = 3600


#: Size in bytes of the longest first message.
MAX_HELLO_BYTES = 4096
#: Longest wait for the first message, seconds.
HELLO_TIME = 10
#: Interval of looks at whether a client whose call is under way is still there, seconds.
LOOK_EVERY = 1
#: Connections that may be in their handshakes beside the clients.
PENDING_CONNECTIONS = 64
#: Headers of every HTTP answer, those of env/http-node.ts.
SECURITY_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "frame-ancestors 'none'"}
LOOPBACK = re.compile(r"localhost|::1|127\.\d{1,3}\.\d{1,3}\.\d{1,3}")
# Codes with which the server closes a connection, those of `tritrack serve` (env/remote/protocol.ts).
PROTOCOL_ERROR, SERVER_FAILED, TRY_LATER, IDLE, CALL_TOO_LONG = 1002, 1011, 1013, 4000, 4001


class Refused(Exception):
    """Ends a connection with a code and a reason."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


class House:
    """The environments on offer, the limits and the clients' processes, which all connections share.

    Args:
        ids: ids of the environments on offer
        limits: limits that clients must keep
    """

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
        """Serves one client until it leaves or breaks a rule."""
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
    """Opens a server. It serves once its `serve_forever` is called, until `shutdown` is called from another thread.

    Args:
        ids: ids of the environments on offer; before a colon stands a module that registers one
        host: address to listen on. Default: "127.0.0.1", this machine only.
        port: port to listen on; 0 takes any free one. Default: 8766.
        token: token that clients must show. Default: None, none is asked for.
        limits: limits that clients must keep

    Raises:
        gymnasium.error.Error: an id that is not registered
        ImportError: a module that cannot be loaded
        OSError: the port cannot be opened
    """
    for env_id in ids:
        module, _, name = env_id.rpartition(":")
        if module:
            importlib.import_module(module)
        gymnasium.spec(name)

    def check(connection, request):
        given = request.headers.get("Authorization", "")
        if token:
            if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                return connection.respond(http.HTTPStatus.UNAUTHORIZED, "expected the server's token\n")
            return None
        # A page under a DNS name that was rebound to this machine names that host.
        named = re.sub(r":\d*$", "", request.headers.get("Host", "")).strip("[]").lower()
        if LOOPBACK.fullmatch(named):
            return None
        told = message.shortened(repr(named))
        return connection.respond(http.HTTPStatus.FORBIDDEN, f"expected this machine as the host, got {told}\n")

    def protect(connection, request, response):
        for name, value in SECURITY_HEADERS.items():
            response.headers[name] = value

    house = House(ids, limits)
    return serve(
        house.handle,
        sock=Door(host, port, limits.clients + PENDING_CONNECTIONS),
        # None: clients that send no origin, as programs do. Browsers always send one.
        origins=[None],
        compression=None,
        max_size=limits.message_bytes,
        process_request=check,
        process_response=protect,
    )


class Door(socket.socket):
    """A listening socket that lets in a bounded number of connections: each of them has a thread of the server.

    Args:
        most: connections at once; those beyond it are closed

    Raises:
        OSError: the port cannot be opened
    """

    def __init__(self, host, port, most):
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            family, kind, protocol, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)
            super().__init__(family, kind, protocol)
            if os.name == "posix":  # elsewhere it would share the port with another program
                self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.bind(address)
            self.listen()
        except OSError as error:
            why = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror
            raise OSError(f"cannot listen on {host} port {port}: {why}") from error
        self._most = most
        self._inside = weakref.WeakSet()

    def accept(self):
        """The next connection for which there is room, and its address."""
        while True:
            connection, address = super().accept()
            if sum(other.fileno() >= 0 for other in self._inside) < self._most:
                self._inside.add(connection)
                return connection, address
            connection.close()


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
    parser.add_argument("--token", default=os.environ.get("TRITRACK_TOKEN"), help="token that clients must show")
    parser.add_argument("--max-clients", default=Limits.clients, help="clients at once; default %(default)s", **count)
    parser.add_argument("--max-envs", default=Limits.environments, help="of one client; default %(default)s", **count)
    parser.add_argument("--max-message", default=Limits.message_bytes, help="bytes; default %(default)s", **count)
    parser.add_argument("--call-timeout", default=Limits.seconds_per_call, help="default %(default)s", **seconds)
    parser.add_argument("--idle-timeout", default=Limits.idle_seconds, help="default %(default)s", **seconds)
    options = parser.parse_args()
    if not LOOPBACK.fullmatch(options.host) and not options.token:
        parser.error(f"expected a token with the address {options.host}, which others can reach")
    limits = Limits(
        options.max_clients, options.max_envs, options.max_message, options.call_timeout, options.idle_timeout
    )
    try:
        with start(options.ids, options.host, options.port, options.token, limits) as server:
            # From another thread: `shutdown` waits for the loop that this one is in.
            signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
            named = f"[{options.host}]" if ":" in options.host else options.host
            print(f"Environments at ws://{named}:{server.socket.getsockname()[1]}", flush=True)
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
