"""The real httpbin on loopback, which unmodified clients reach as https://httpbin.org."""

from __future__ import annotations

import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trustme
from httpbin import app  # type: ignore[import-untyped]
from werkzeug.serving import make_server

from .tenant import Quiet

if TYPE_CHECKING:
    from typing import Self

HOST = "httpbin.org"


class Proxy(socketserver.ThreadingTCPServer):
    """A proxy that connects HTTPS to httpbin.org with a port on loopback, and nothing else."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        """Listen on loopback; `port` is where httpbin answers."""
        super().__init__(("127.0.0.1", 0), Tunnel)
        self.port = port


class Tunnel(socketserver.BaseRequestHandler):
    """One connection of a client to the proxy."""

    server: Proxy
    request: socket.socket

    def handle(self) -> None:
        """Connect the client with httpbin, or answer 502 if it asks for another host."""
        head = b""
        while b"\r\n\r\n" not in head:
            if not (data := self.request.recv(65536)):
                return
            head += data
        if not head.startswith(f"CONNECT {HOST}:443 ".encode()):
            self.request.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.server.port)) as upstream:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.relay(upstream)

    def relay(self, upstream: socket.socket) -> None:
        """Copy what either side sends to the other, until one of them closes."""
        other = {self.request: upstream, upstream: self.request}
        while True:
            for source in select.select(list(other), [], [])[0]:
                try:
                    data = source.recv(65536)
                    other[source].sendall(data)
                except OSError:
                    return
                if not data:
                    return


class HttpBin:
    """httpbin.org that lives as long as the `with` block.

    `environment` makes a process reach it, and nothing else over HTTPS. `hits` is the number of
    requests that httpbin answered.
    """

    def __init__(self, workdir: Path) -> None:
        """Put the bundle of a CA of its own into `workdir`; nothing listens yet."""
        authority = trustme.CA()
        self._bundle = workdir / "httpbin-ca.pem"
        authority.cert_pem.write_to_path(str(self._bundle))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(context)
        self.hits = 0
        self._lock = threading.Lock()
        self._server = make_server(
            "127.0.0.1",
            0,
            self._answer,
            threaded=True,
            request_handler=Quiet,
            ssl_context=context,
        )
        self._proxy = Proxy(self._server.port)
        self._running = (self._server, self._proxy)

    def __enter__(self) -> Self:
        """Start to answer; return this object."""
        for server in self._running:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to answer and free the ports."""
        for server in self._running:
            server.shutdown()
            server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables with which httpx, requests and urllib come here."""
        proxy = f"http://127.0.0.1:{self._proxy.server_address[1]}"
        bundle = str(self._bundle)
        return {
            "HTTPS_PROXY": proxy,
            "https_proxy": proxy,
            "NO_PROXY": "",
            "no_proxy": "",
            "SSL_CERT_FILE": bundle,
            "REQUESTS_CA_BUNDLE": bundle,
        }

    def _answer(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Count one WSGI request and let httpbin answer it."""
        with self._lock:
            self.hits += 1
        answer: Iterable[bytes] = app(environ, start_response)
        return answer
