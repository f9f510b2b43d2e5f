"""A hub of models on loopback: what huggingface_hub asks of the real one for a small repository, with Range, and breaking off."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["HubDouble"]

COMMIT = "c0ffee" + "0" * 34


class HubDouble:
    """Serves `files` as the repository `repo`. `break_after`: bytes after which each next download of a weight file breaks off,
    once for each entry. `asked`: (method, path, Range header) of every request.
    """

    def __init__(self, repo: str, files: Mapping[str, bytes]) -> None:
        self.repo, self.files = repo, dict(files)
        self.break_after: list[int] = []
        self.asked: list[tuple[str, str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> HubDouble:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_HEAD(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                double.asked.append((self.command, self.path, self.headers.get("Range", "")))
                path = self.path.split("?")[0]
                path = path.replace("/resolve/main/", f"/resolve/{COMMIT}/")
                start = f"/{double.repo}/resolve/{COMMIT}/"
                if path.startswith(f"/api/models/{double.repo}"):
                    return self._told()
                if path.startswith(start) and path.removeprefix(start) in double.files:
                    return self._file(path.removeprefix(start))
                self.send_response(404)
                missing = "EntryNotFound" if path.startswith(start) else "RepoNotFound"
                self.send_header("X-Error-Code", missing)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _told(self) -> None:
                siblings = [{"rfilename": name, "size": len(data)} for name, data in double.files.items()]
                body = json.dumps({"id": double.repo, "sha": COMMIT, "siblings": siblings}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _file(self, name: str) -> None:
                data = double.files[name]
                first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
                self.send_response(206 if first else 200)
                self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
                self.send_header("X-Repo-Commit", COMMIT)
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("Content-Length", str(len(data) - first))
                if first:
                    self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
                self.end_headers()
                if self.command == "HEAD":
                    return
                body = data[first:]
                if name.endswith(".safetensors") and double.break_after:
                    body = body[: double.break_after.pop(0)]
                    self.close_connection = True
                self.wfile.write(body)

        return Handler
