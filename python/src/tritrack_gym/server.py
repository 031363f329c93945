"""Which server to use: one that runs already, or one that is started here and ends with this process.

In this order: the argument `url`; the environment variable TRITRACK_URL (and TRITRACK_TOKEN); a server of our own,
started with the argument `command`, the environment variable TRITRACK_COMMAND, `tritrack` on the PATH, or `npx
tritrack` in a folder where it is installed. One server does for all environments of a process.
"""

import atexit
import json
import os
import secrets
import shlex
import shutil
import subprocess

from .connection import Connection, ConnectionLost

_started: dict = {}


def connect(url=None, token=None, command=None, timeout=90) -> Connection:
    """A connection of its own to a server."""
    url = url or (None if command else os.environ.get("TRITRACK_URL"))
    if url:
        return Connection(url, token or os.environ.get("TRITRACK_TOKEN"), timeout)
    url, token = _start(tuple(_command(command)))
    return Connection(url, token, timeout)


def _command(command) -> "list[str]":
    if isinstance(command, (list, tuple)):
        return [str(part) for part in command]
    command = command or os.environ.get("TRITRACK_COMMAND")
    if command:
        return shlex.split(command)
    if shutil.which("tritrack"):
        return ["tritrack"]
    if shutil.which("npx"):
        return ["npx", "--no-install", "tritrack"]
    raise ConnectionLost(
        "no tritrack to start: install Node.js and run `npm install tritrack`, or name a running server in TRITRACK_URL"
    )


def _start(command) -> "tuple[str, str]":
    """Address and token of this process's server. A forked process starts its own."""
    key = (os.getpid(), command)
    if key in _started:
        process, url, token = _started[key]
        if process.poll() is None:
            return url, token
    token = secrets.token_hex(16)
    # The server ends when our end of its standard input does, however this process ends.
    process = subprocess.Popen(
        [*command, "serve", "--port", "0", "--json", "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TRITRACK_TOKEN": token},
    )
    line = process.stdout.readline()
    if not line:
        raise ConnectionLost(f"`{shlex.join(command)} serve` ended with code {process.wait()} before it served")
    url = json.loads(line)["url"]
    _started[key] = (process, url, token)
    atexit.register(process.stdin.close)
    return url, token
