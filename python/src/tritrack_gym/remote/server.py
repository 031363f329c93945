"""Finds the server for an environment: one that runs already, or one that is started here and ends with this process.

In this order: the argument `url`; the environment variable TRITRACK_URL (and TRITRACK_TOKEN); a private server, started
with the argument `command`, the environment variable TRITRACK_COMMAND, `tritrack` on the PATH, or `npx tritrack` in a
folder where it is installed. One private server does for all environments of a process. It has no limits on clients,
environments or idle time: these protect servers that strangers share.
"""

import atexit
import json
import os
import queue
import re
import secrets
import shlex
import shutil
import subprocess
import threading

from .connection import Connection, ConnectionLost, ServerNotStarted
from ..message import shortened

#: Oldest version of Node.js that runs tritrack ("engines" of package.json).
NODE_VERSION = (20, 19)
INSTALL_NODE = "install Node.js 20.19 or newer (https://nodejs.org)"
INSTALL = "run `npm install tritrack`, or set TRITRACK_COMMAND to what starts it, such as `npx tritrack`"
#: Longest wait for a new server, seconds.
START_TIME = 60
#: Limits of a private server. The times, 23 days, are as long as a timer of Node lasts.
PRIVATE_LIMITS = (
    "--max-clients", "1000000000", "--max-envs", "1000000000", "--max-message", str(2**28),
    "--call-timeout", "2000000", "--idle-timeout", "2000000",
)

# Each server's process, address and token, keyed by the command that started it.
_started: dict = {}
_starting = threading.Lock()


def connect(url=None, token=None, command=None, timeout=90) -> Connection:
    """Makes a new connection to the server that the module's description names.

    Args:
        url: address of a running server, "ws://HOST:PORT". Default: None, see above.
        token: token of that server. Default: None, TRITRACK_TOKEN.
        command: command that starts a private server, a text or a list. Default: None, see above.
        timeout: longest wait for an answer, seconds. Default: 90.

    Raises:
        ServerNotStarted: no server could be started; the message says what to install
        ConnectionLost: the server cannot be reached
    """
    url = url or (None if command else os.environ.get("TRITRACK_URL"))
    if url:
        return Connection(url, token or os.environ.get("TRITRACK_TOKEN"), timeout)
    command = tuple(_command(command))
    with _starting:
        running = _started.get(command)
        if running is None or running[0].poll() is not None:
            running = _started[command] = _start(command)
    _, url, token = running
    return Connection(url, token, timeout)


def _command(command) -> "list[str]":
    if isinstance(command, (list, tuple)):
        return [str(part) for part in command]
    command = command or os.environ.get("TRITRACK_COMMAND")
    if command:
        try:
            return shlex.split(command)
        except ValueError as error:
            raise ServerNotStarted(f"`{shortened(command)}` is no command ({error}); {INSTALL}") from error
    if shutil.which("tritrack"):
        return ["tritrack"]
    if shutil.which("npx"):
        return ["npx", "--no-install", "tritrack"]
    raise ServerNotStarted(
        f"there is no tritrack to start: {INSTALL_NODE} and run `npm install tritrack`, or name a running server in "
        "TRITRACK_URL"
    )


def _start(command):
    """Starts a private server and waits until it listens."""
    token = secrets.token_hex(16)
    try:
        process = subprocess.Popen(
            [*command, "serve", "--port", "0", "--json", "--until-stdin-closes", *PRIVATE_LIMITS],
            bufsize=0,
            # The server ends when our end of its standard input does, however this process ends.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TRITRACK_TOKEN": token},
            **_apart(),
        )
    except (OSError, ValueError) as error:
        raise ServerNotStarted(_explain(command, getattr(error, "strerror", None) or error)) from error
    first_line, said, serves = queue.Queue(), [], threading.Event()
    threading.Thread(target=_read, args=(process.stdout, first_line), daemon=True).start()
    errors = threading.Thread(target=_relay, args=(process.stderr, said, serves), daemon=True)
    errors.start()
    try:
        line = first_line.get(timeout=START_TIME)
        url = _address(line)
        if url is None:
            # Without a line it ends by itself, on a busy machine some seconds later, and then says why.
            _end(process, 2 if line else 20)
            errors.join(1)
            wrote = f"it wrote `{shortened(line.decode(errors='replace').strip())}` in place of an address"
            raise ServerNotStarted(_explain(command, wrote if line else f"it ended with code {process.returncode}", said))
    except queue.Empty:
        _end(process)
        raise ServerNotStarted(_explain(command, f"it did not serve within {START_TIME} seconds", said)) from None
    except BaseException:
        _end(process)
        raise
    serves.set()
    atexit.register(process.stdin.close)
    return process, url, token


def _apart() -> dict:
    """Options of Popen that keep a terminal's Ctrl-C from the server: it reaches every process of the group."""
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _read(stream, first_line):
    """Reads a server's standard output to its end, so that it never waits for a reader, and keeps the first line."""
    first_line.put(stream.readline())
    while stream.read(65536):
        pass


def _relay(stream, said, serves):
    """Passes on what a server writes to its standard error; until it serves, keeps it for an error message."""
    while data := stream.read(65536):
        if serves.is_set():
            os.write(2, data)
        else:
            said.append(data)


def _address(line):
    """The address in a server's first line, or None if a server has not written it."""
    try:
        return json.loads(line)["url"]
    except (ValueError, KeyError, TypeError):
        return None


def _end(process, patience=2):
    """Ends a server, which does so by itself within `patience` seconds or is killed."""
    process.stdin.close()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _explain(command, why, said=()) -> str:
    """One line that says why a command started no server, and what to install."""
    text = f"`{shortened(shlex.join(command))}` started no server"
    node = _node_version(command)
    if node is None:
        return f"{text}: there is no Node.js; {INSTALL_NODE}"
    if node < NODE_VERSION:
        return f"{text}: Node.js is version {'.'.join(map(str, node))}; {INSTALL_NODE}"
    lines = [line for line in b"".join(said).decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if re.search("error|tritrack", line, re.IGNORECASE)]
    told = f" ({shortened((telling or lines)[0].strip())})" if lines else ""
    if os.path.basename(command[0]).startswith("npx"):
        return f"{text}: npx finds no package tritrack in {os.getcwd()}{told}; {INSTALL}"
    return f"{text}: {why}{told}; {INSTALL}"


def _node_version(command):
    """Version of the Node.js that would run a command, as numbers; None where there is none."""
    first = os.path.basename(command[0]) if command else ""
    node = command[0] if first.startswith("node") else "node"
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10).stdout
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", told)
    return tuple(map(int, found.groups())) if found else None


def _leave_to_parent():
    """After a fork: the servers are the parent's, and must end with it even while this process lives on."""
    global _starting
    _starting = threading.Lock()
    for process, *_ in _started.values():
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
        process.returncode = 0  # it is no child of this process, so nothing here may wait for it
    _started.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
