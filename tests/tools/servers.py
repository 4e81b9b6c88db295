"""Real servers on the loopback, so that what is tested is what leaves the process."""

import gzip
import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

BOMB = gzip.compress(b"0" * 50_000_000)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        seen = {
            "method": self.command,
            "path": urlsplit(self.path).path,
            "target": self.path,
            "query": parse_qsl(urlsplit(self.path).query, keep_blank_values=True),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(length).decode(),
        }
        self.server.seen.append(seen)
        route = self.server.routes.get(seen["path"])
        status, headers, body = route(seen) if route else (200, {}, json.dumps(seen).encode())
        self.send_response(status)
        headers = {"content-type": "application/json", **headers}
        for name, value in {**headers, "content-length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    def log_message(self, *args):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is what several tests are about."""


@contextmanager
def echo_server(context=None):
    """Answers with what it saw, or as `server.routes[path]` says: seen → status, headers, body."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.routes, server.seen = {}, []
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.port = server.server_address[1]
    server.url = f"{'https' if context else 'http'}://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw_server(pieces, gap=0.0):
    """Sends the pieces, `gap` seconds apart, to whoever connects; its value is the base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def talk():
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65_536)
                    for piece in pieces:
                        if over.is_set():
                            break
                        connection.sendall(piece)
                        over.wait(gap)
                except OSError:
                    pass

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.close()
