"""What listens where Redis should be and is none: each reason says something, and never that it went well."""

import socket
import struct
import subprocess
import threading

import pytest

from harness.ctl import ctl
from harness.process import clean_environment, program

# What it does with a connection, and what is said of it.
KINDS = {
    "closes": (b"", "closed the connection|reset by peer"),
    "resets": (None, "reset by peer"),
    "speaks TLS": (b"\x15\x03\x01\x00\x02\x02\x46", "speaks TLS, and was spoken to without"),
    "speaks HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", "speaks HTTP, and is no Redis"),
    "falls silent": (b"+PO", "reset by peer|closed the connection"),
}


def serve(listener, says):
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer:
            if says is None:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif says:
                peer.recv(1)
                peer.sendall(says)


@pytest.fixture(params=KINDS)
def other(request):
    """(its URL, what is said of it)"""
    says, said = KINDS[request.param]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener, says), daemon=True).start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}", said
        listener.shutdown(socket.SHUT_RDWR)


def expect_reason(said, line):
    assert any(words in line for words in said.split("|")) and "Success" not in line, line


def test_quantumctl(other):
    url, said = other
    done = ctl("capacity", "show", url=url)
    assert done.returncode == 1
    expect_reason(said, done.stderr)


def refuse(listener, says):
    peer, _ = listener.accept()
    with peer:
        while peer.recv(4096):
            peer.sendall(says)


def test_what_it_says_works_on_no_terminal():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=refuse, args=(listener, b"-ERR \x1b]0;x\x07\xc2\x9b31m\xe2\x80\xae\r\n"), daemon=True).start()
        done = ctl("capacity", "show", url=f"redis://127.0.0.1:{listener.getsockname()[1]}")
    assert done.returncode == 1 and r"ERR \x1b]0;x\x07\xc2\x9b31m\xe2\x80\xae;" in done.stderr, done


@pytest.mark.parametrize("name", ["quantum-router", "quantum-executor"])
def test_services(other, name):
    url, said = other
    service = subprocess.Popen(
        program(name), env=clean_environment({"REDIS_URL": url, "METRICS_LISTEN": ""}), stderr=subprocess.PIPE, text=True
    )
    try:
        line = next(line for line in service.stderr if "REDIS_LOST" in line)
        expect_reason(said, line)
    finally:
        service.kill()
        service.wait()
        service.stderr.close()
