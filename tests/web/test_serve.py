"""The server itself: takes a free port, says where it is, and ends although pages are open."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from headrace.web.serve import ServeError, beside, serve
from web.test_live import Listener

pytestmark = pytest.mark.loopback

PROGRAM = """
from pathlib import Path
import sys
sys.path.insert(0, sys.argv[1])
from web.example_desk import example_desk
from headrace.web.accounts import Accounts
from headrace.web.app import create_app
from headrace.web.serve import serve
app = create_app(example_desk(), accounts=Accounts(Path("none")), secret=b"s" * 32, title="t")
serve(app, "127.0.0.1", 0, lambda address: print(address, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon_although_a_page_listens(with_signal):
    tests = Path(__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tests)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONWARNINGS": ""},
    )
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        listener = Listener(address, "/events?after=0")
        assert listener.event()["seq"] == 1
        process.send_signal(with_signal)
        while listener.next() != "END":
            pass
        said, complaints = process.communicate(timeout=20)
        assert (process.returncode, said) == (0, "ended\n")
        assert complaints == "", "an open stream held up the end until it was cut off"
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_is_said_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"127.0.0.1 port {port} cannot be taken"):
            serve(None, "127.0.0.1", port, print)


def test_beside_other_work():
    async def app(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"here"})

    with beside(app) as address, urllib.request.urlopen(address, timeout=10) as reply:
        assert reply.read() == b"here"
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=10)
