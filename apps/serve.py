"""Serve the Streamlit pages as a process of their own, with the house's settings wherever it is started from."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from tools.errors import FinaleError

__all__ = ["PAGES", "PortTaken", "serve_pages"]

PAGES = ("home", "counselor", "digest", "sticker", "post", "library", "history", "settings")
_HOME = Path(__file__).with_name("home.py")
# Says that standard input is a pipe whose other end the parent holds; without it the pages run for themselves.
_HELD = "FINALE_PAGES_HELD"
_GRACE_S = 3.0


class PortTaken(FinaleError):
    """Raised when another program listens on the wanted port."""

    words_file = Path(__file__).parent / "words" / "cli.yaml"
    code = "port_taken"


def serve_pages(port: int, *, open_browser: bool) -> int:
    """Run Streamlit on 127.0.0.1:`port` until it is stopped; returns its exit status.

    Raises:
        PortTaken: another program listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise PortTaken(port=port, next=port + 1 if port < 65_535 else 8_600) from None
    # Streamlit reads .streamlit/config.toml from the working folder; a .env beside the user's own work is found before that.
    root = _HOME.parent.parent
    env = {**os.environ, "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY", "PASSIVE")}
    env[_HELD] = "1"
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), env.get("PYTHONPATH"))))
    command = [
        sys.executable, "-m", "apps.serve", "run", str(_HOME), "--server.address=127.0.0.1", f"--server.port={port}",
        f"--server.headless={str(not open_browser).lower()}",
    ]  # fmt: skip
    # The pages end with this process, however it ends: the system then closes this end of the pipe, on every platform.
    with subprocess.Popen(command, env=env, cwd=root, stdin=subprocess.PIPE) as pages:
        try:
            return pages.wait()
        except KeyboardInterrupt:
            return 0


def _end_with_parent() -> None:
    """Watch the pipe that `serve_pages` holds, if it does; when it is closed, end this process."""
    if not os.environ.pop(_HELD, ""):
        return

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass  # nobody writes there; whatever comes is not for us
        # Streamlit's own orderly end first. A worker in the middle of a request does not hold it up for long: runs resume.
        with contextlib.suppress(OSError):
            os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE_S)
        os._exit(0)

    threading.Thread(target=watch, name="finale-parent", daemon=True).start()


def _streamlit() -> None:
    """Streamlit's own command, told beforehand that home.py does the navigation.

    Otherwise the first visitor who comes by a page's own address would get that file alone: Streamlit takes a `pages`
    folder for its older kind of app until st.navigation has run once.
    """
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web.cli import main

    PagesManager.uses_pages_directory = False
    _end_with_parent()
    main()


if __name__ == "__main__":
    _streamlit()
