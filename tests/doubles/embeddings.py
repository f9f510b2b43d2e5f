"""A small OpenAI-compatible embedding server on loopback that misbehaves on demand, as real ones do.

with EmbeddingsDouble(key=KEY) as server:
    server.faults = ["busy", "count"]      # the first requests fail like this, then it works
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

DIMS = 48
PORTAL = "<html><body>請先登入校園網路</body></html>"
# status, error and headers of what a server says no with
REFUSALS: dict[str, tuple[int, Any, dict[str, str]]] = {
    "busy": (429, {"message": "Provider returned error", "code": 429}, {"Retry-After": "2"}),
    "day": (429, {"message": "Rate limit exceeded: free-models-per-day", "code": 429}, {}),
    "minute": (429, {"message": "Rate limit exceeded: free-models-per-min", "code": 429}, {}),
    "500": (500, {"message": "Internal Server Error", "code": 500}, {}),
    "401": (401, {"message": "User not found.", "code": 401}, {}),
    "402": (402, {"message": "Insufficient credits", "code": 402}, {}),
    "404": (404, {"message": "No endpoints found for x/y.", "code": 404}, {}),
    "privacy": (404, {"message": "No endpoints found matching your data policy", "code": 404}, {}),
    "long": (400, {"message": "This endpoint's maximum context length is 512 tokens.", "code": 400}, {}),
    "inside": (200, {"message": "Provider returned error", "code": 502}, {}),
}


def vector(text: str, dims: int = DIMS) -> list[float]:
    """Hashed character pairs: texts that share pairs are near each other."""
    row = [0.01] * dims
    for start in range(len(text) - 1):
        code = zlib.crc32(text[start : start + 2].encode("utf-8", "surrogatepass"))
        row[code % dims] += 1.0 if code & 0x8000_0000 else -1.0
    return row


class EmbeddingsDouble:
    """The server. `requests` holds the bodies it was sent, `headers` what came along; `faults` are used up one a request."""

    def __init__(self, key: str | None = None, *, priced: bool = False, listed: bool = True) -> None:
        self.key = key
        self.priced = priced
        self.listed = listed
        self.dims = DIMS
        self.faults: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.prefix_seen: set[str] = set()
        self.closing = threading.Event()
        self._server = _Server(self)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def texts(self) -> list[str]:
        """Every text it was sent, in order."""
        return [text for body in self.requests for text in body["input"]]

    def models(self) -> dict[str, Any]:
        rows = [{"id": "some-embedder"}, {"id": "vendor/chat:free"}]
        return {
            "data": [{**row, "pricing": {"prompt": "0", "completion": "0"}} if self.priced else row for row in rows]
        }

    def __enter__(self) -> EmbeddingsDouble:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, double: EmbeddingsDouble) -> None:
        self.double = double
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def do_GET(self) -> None:
        double = self.server.double
        if self.path.endswith("/models") and double.listed:
            self._json(200, double.models())
        else:
            self._json(404, {"error": {"message": "Not Found", "code": 404}})

    def do_POST(self) -> None:
        double = self.server.double
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        double.requests.append(body)
        double.headers.append(dict(self.headers.items()))
        if not self.path.endswith("/embeddings"):
            self._json(404, {"error": {"message": "Not Found", "code": 404}})
            return
        if double.key and self.headers.get("Authorization") != f"Bearer {double.key}":
            self._refuse("401")
            return
        fault = double.faults.pop(0) if double.faults else ""
        if fault in REFUSALS:
            self._refuse(fault)
        elif fault == "echo":
            self._json(502, {"error": {"message": f"bad header {self.headers.get('Authorization')}", "code": 502}})
        elif fault == "html":
            self._send(200, PORTAL.encode(), "text/html")
        elif fault == "redirect":
            self._send(302, b"", "text/plain", {"Location": "/v1/elsewhere/embeddings"})
        elif fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif fault == "hang":
            double.closing.wait(60)
        elif fault == "drip":
            self._drip()
        else:
            self._json(200, self._answer(body["input"], fault))

    def _answer(self, texts: list[str], fault: str) -> dict[str, Any]:
        dims = self.server.double.dims
        data = [{"object": "embedding", "index": i, "embedding": vector(text, dims)} for i, text in enumerate(texts)]
        match fault:
            case "count":
                data.pop()
            case "twice":
                data[-1]["index"] = 0
            case "dims":
                data[-1]["embedding"].pop()
            case "words":
                data[0]["embedding"][0] = "0.5"
            case "base64":
                data[0]["embedding"] = "AACAPwAAgD8="
            case "null":
                data[0]["embedding"] = None
            case "shuffle":
                data.reverse()
            case "no index":
                for item in data:
                    del item["index"]
            case "no data":
                return {"object": "list"}
        cost = {"cost": 0.002} if fault == "cost" else {"cost": 0}
        return {"object": "list", "data": data, "model": "some-embedder", "usage": {"prompt_tokens": 7, **cost}}

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        while not self.server.double.closing.is_set():
            self.wfile.write(b" ")
            time.sleep(0.05)

    def _refuse(self, fault: str) -> None:
        status, error, headers = REFUSALS[fault]
        self._json(status, {"error": error}, headers)

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        # NaN is no JSON, but Python's servers write it.
        self._send(status, json.dumps(body).encode(), "application/json", headers or {})

    def _send(self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
