"""HTTP as it really arrives: chunked bodies behind whitespace, SSE with comments, resets, hangs, drips."""

from __future__ import annotations

import json
import selectors
import socket
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.doubles.faults import GATEWAY_HTML, PORTAL_HTML, Fault, failure
from tests.doubles.records import Call

if TYPE_CHECKING:
    from tests.doubles.openrouter import OpenRouterDouble

COMMENT = b": OPENROUTER PROCESSING\n\n"
PREFIXES = ("/api/v1", "/v1")


class Gone(ConnectionError):
    """Raised when the client has left or the double is being stopped."""


class Server(ThreadingHTTPServer):
    """A threading server that can break connections and closes all of them when it stops."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, double: OpenRouterDouble) -> None:
        self.double = double
        self.abrupt: set[socket.socket] = set()
        self.live: set[socket.socket] = set()
        self._live_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._live_lock:
            self.live.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._live_lock:
            self.live.discard(request)
        if request in self.abrupt:  # a FIN first would make the reset a clean end
            self.abrupt.discard(request)
            request.close()
            return
        super().shutdown_request(request)

    def cut_all(self) -> None:
        """End every open connection, so that no kept-alive client outlives the server."""
        with self._live_lock:
            for request in list(self.live):
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # its own thread closed it first

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.double.errors.append(repr(error))


class Handler(BaseHTTPRequestHandler):
    """One connection. The double decides; this class only writes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    @property
    def double(self) -> OpenRouterDouble:
        return self.server.double

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: tests read `double.requests` instead."""

    def do_GET(self) -> None:
        path = self._path()
        fault = self.double.note_fetch(path)
        if fault is not None:
            self._fault(fault)
            return
        status, body = self.double.metadata(path, self.headers.get("Authorization"))
        self._json(status, body)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self._path()
        if path != "/chat/completions":
            self._json(404, {"error": {"message": "Not Found", "code": 404}})
            return
        call = self.double.receive(path, dict(self.headers.items()), raw)
        try:
            self._answer(call)
        except (Gone, ConnectionError):
            self.close_connection = True
            self.double.note_disconnect(call)

    def _path(self) -> str:
        path = self.path.split("?")[0]
        for prefix in PREFIXES:
            if path.startswith(prefix + "/"):
                return path[len(prefix) :]
        return path

    def _answer(self, call: Call) -> None:
        if call.fault in (Fault.HANG, Fault.NOT_JSON, Fault.NOT_JSON_502):
            self._fault(call.fault)
        elif call.failure is not None:
            self._json(call.failure.status, call.failure.body, call.failure.headers)
        elif call.record.stream:
            self._stream(call)
        else:
            self._body(call)

    def _fault(self, fault: Fault) -> None:
        """A failure without generation, for chat and metadata calls alike."""
        if fault is Fault.HANG:
            try:
                while True:
                    self._pause(60.0)
            except Gone:
                self.close_connection = True
        elif fault in (Fault.NOT_JSON, Fault.NOT_JSON_502):
            page = (200, PORTAL_HTML) if fault is Fault.NOT_JSON else (502, GATEWAY_HTML)
            self._send(page[0], page[1].encode(), "text/html; charset=UTF-8", {})
        else:
            refused = failure(fault, self.double.scene(""))
            self._json(refused.status, refused.body, refused.headers)

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(body, ensure_ascii=False).encode(), "application/json", headers or {})

    def _send(self, status: int, data: bytes, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _begin(self, call: Call, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Cache-Control", "no-cache")
        if call.reply is not None and not self.double.plain:
            self.send_header("X-Generation-Id", call.reply.id)
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _think(self, call: Call, filler: bytes) -> None:
        """Pass the time to the first token, with `filler` on the line as the real service sends."""
        self._chunk(filler)
        left = call.first
        while left > 0:
            self._pause(min(left, 0.2))
            left -= 0.2
            self._chunk(filler)

    def _body(self, call: Call) -> None:
        """HTTP 200 at once, whitespace while thinking, then the JSON."""
        assert call.reply is not None
        self._begin(call, "application/json")
        if not self.double.plain:
            self._think(call, b"\n         " * call.rng.randint(1, 20))
        else:
            self._pause(call.first)
        while call.fault is Fault.KEEPALIVE_FOREVER:
            self._pause(self.double.drip)
            self._chunk(b"\n         ")
        self._pause(call.per_token * len(call.reply.pieces(call.rng)))
        data = json.dumps(call.reply.body(), ensure_ascii=False).encode()
        if call.fault in (Fault.STREAM_RESET, Fault.STREAM_NO_DONE):
            self._chunk(data[: len(data) // 2])
            if call.fault is Fault.STREAM_RESET:
                self._reset()
                return
        elif call.fault is Fault.SLOW_DRIP:
            step = max(1, len(data) // 40)
            for start in range(0, len(data), step):
                self._chunk(data[start : start + step])
                self._pause(self.double.drip)
        else:
            self._chunk(data)
        self._end()

    def _stream(self, call: Call) -> None:
        """SSE: comment lines, one chunk a piece, a chunk with usage, [DONE]; or as far as the fault lets it."""
        assert call.reply is not None
        self._begin(call, "text/event-stream")
        if not self.double.plain:
            self._think(call, COMMENT)
        else:
            self._pause(call.first)
        while call.fault is Fault.KEEPALIVE_FOREVER:
            self._pause(self.double.drip)
            self._chunk(COMMENT)
        wait = self.double.drip if call.fault is Fault.SLOW_DRIP else call.per_token
        for event in call.reply.chunks(call.rng):
            self._chunk(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n")
            self._pause(wait)
        if call.fault is Fault.STREAM_RESET:
            self._reset()
            return
        unfinished = (Fault.STREAM_NO_DONE, Fault.STREAM_ERROR_CHUNK)
        if call.fault not in unfinished and call.reply.failure is None:
            self._chunk(b"data: [DONE]\n\n")
        self._end()

    def _reset(self) -> None:
        """Break the connection with a TCP RST after what was sent."""
        self._pause(0.02)  # let the bytes before it arrive: a reset would overtake them
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.server.abrupt.add(self.connection)
        self.close_connection = True

    def _pause(self, seconds: float) -> None:
        """Wait `seconds` of real time. Raises Gone as soon as the client hangs up or the double stops."""
        left = seconds
        while left > 0:
            if self.double.closing.is_set():
                raise Gone("the double is stopping")
            step = min(left, 0.1)
            with selectors.DefaultSelector() as waiting:  # select() itself stops at 1,024 open files
                waiting.register(self.connection, selectors.EVENT_READ)
                said = waiting.select(step)
            if said:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    raise Gone("the client hung up")
                self.double.closing.wait(step)  # a pipelined request waits its turn
            left -= step
