"""The guard around all tests: nothing leaves this machine, neither from here nor from a child process."""

from __future__ import annotations

import socket
import subprocess
import sys

import httpx2
import pytest

FOREIGN = ("192.0.2.1", 80)  # an address of the documentation range: nobody is there
TRY = """
import socket
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=3),
    lambda: socket.getaddrinfo("openrouter.ai", 443),
):
    try:
        attempt()
    except OSError as error:
        print(type(error).__name__, error)
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), timeout=3).close()
print("loopback works")
"""


def test_a_foreign_address_is_refused() -> None:
    """Stops: a test that asks the world, and spends a real key's requests."""
    with pytest.raises(OSError, match=r"must not reach 192\.0\.2\.1"):
        socket.create_connection(FOREIGN, timeout=3)
    with socket.socket() as plain, pytest.raises(OSError, match="must not reach"):
        plain.connect_ex(FOREIGN)
    with socket.socket(socket.AF_INET6) as six, pytest.raises(OSError, match="must not reach"):
        six.connect(("2001:db8::1", 80))


@pytest.mark.parametrize("name", ["openrouter.ai", b"openrouter.ai", "example.org"])
def test_a_foreign_name_is_not_looked_up(name: str | bytes) -> None:
    """Stops: a name server told what a test wanted."""
    with pytest.raises(socket.gaierror, match="must not look up"):
        socket.getaddrinfo(name, 443)


def test_the_http_client_of_the_gateway_is_guarded() -> None:
    """Stops: a client library that goes around the guard."""
    with pytest.raises(httpx2.ConnectError, match="must not"):
        httpx2.get("https://openrouter.ai/api/v1/models", timeout=3)


def test_loopback_is_open() -> None:
    """Stops: a guard so tight that the doubles cannot be asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=3).close()


def test_a_child_process_is_guarded_too() -> None:
    """Stops: a worker or a command under test reaching the network although its parent may not."""
    done = subprocess.run([sys.executable, "-c", TRY], capture_output=True, text=True, timeout=60, check=True)
    first, second, third = done.stdout.splitlines()
    assert first.startswith("NetworkForbidden") and "must not reach 192.0.2.1" in first
    assert second.startswith("gaierror") and "must not look up openrouter.ai" in second
    assert third == "loopback works"
