"""The pages' process and the command that started it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pytest


def serves(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def becomes(wanted: bool, port: int) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end and serves(port) is not wanted:
        time.sleep(0.1)
    return serves(port) is wanted


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(getattr(signal, "SIGKILL", signal.SIGTERM), id="kill")])
def test_the_pages_end_with_the_command_however_it_ends(how: signal.Signals) -> None:
    """Stops: pages that go on serving, and holding the index, after `finale apps` was killed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "apps.cli", "apps", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        assert becomes(True, port)
        process.send_signal(how)  # to the command alone, not to its group
        process.wait()
        assert becomes(False, port)
    finally:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
