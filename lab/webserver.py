"""A web server of the demonstration cluster: answers with its name, to show which server answered.

HTTP on the given TCP ports: `/` answers immediately, `/slow?s=5` sends ten lines a second for five seconds,
`/health` says OK. UDP on the given ports: each datagram is answered with the name and the datagram. IPv4 and IPv6.
"""

import argparse
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LINES_PER_SECOND = 10
_IP_PKTINFO = 8  # linux/in.h; the socket module names only IPv6's


class Server(ThreadingHTTPServer):
    """An HTTP listener for both address families, with the name to answer with."""

    address_family = socket.AF_INET6
    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, port: int, name: str) -> None:
        """Listen on `port` of all addresses."""
        self.name = name
        super().__init__(("::", port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Report errors, except that a client closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """Answer with the name, immediately or slowly."""
        address = urlsplit(self.path)
        if address.path == "/slow":
            self._answer_slowly(float(parse_qs(address.query).get("s", ["5"])[0]))
            return
        text = "OK" if address.path == "/health" else self.server.name
        body = f"{text}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def _answer_slowly(self, duration_s: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for line_no in range(round(duration_s * LINES_PER_SECOND)):
            self.wfile.write(f"{self.server.name} {line_no}\n".encode())
            time.sleep(1 / LINES_PER_SECOND)
        self.wfile.write(b"end\n")

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the answer contains the name of the server."""


def datagram_socket(port: int, family: socket.AddressFamily) -> socket.socket:
    """Return a bound socket that reports the destination address of each datagram."""
    listener = socket.socket(family, socket.SOCK_DGRAM)
    if family is socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    else:
        listener.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
    listener.bind(("", port))
    return listener


def answer_datagrams(name: str, listener: socket.socket) -> None:
    """Answer each datagram from its destination address: the virtual IP, with direct routing."""
    while True:
        data, received, _flags, sender = listener.recvmsg(65536, 256)
        source = [(level, kind, _as_source(level, value)) for level, kind, value in received]
        listener.sendmsg([f"{name} ".encode() + data], source, 0, sender)


def _as_source(level: int, packet_info: bytes) -> bytes:
    if level == socket.IPPROTO_IPV6:
        address, _interface = struct.unpack("=16sI", packet_info)
        return struct.pack("=16sI", address, 0)
    _interface, _local, destination = struct.unpack("=I4s4s", packet_info)
    return struct.pack("=I4s4s", 0, destination, bytes(4))


def main(arguments: list[str]) -> None:
    """Serve until the process is ended; print "ready" once every port answers."""
    parser = argparse.ArgumentParser(prog="python -m lab.webserver")
    parser.add_argument("name")
    parser.add_argument("--tcp", type=int, nargs="*", default=[80])
    parser.add_argument("--udp", type=int, nargs="*", default=[7])
    chosen = parser.parse_args(arguments)
    for port in chosen.udp:
        for family in (socket.AF_INET, socket.AF_INET6):
            listener = datagram_socket(port, family)
            threading.Thread(target=answer_datagrams, args=(chosen.name, listener), daemon=True).start()
    servers = [Server(port, chosen.name) for port in chosen.tcp]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
