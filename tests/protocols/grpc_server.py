"""A gRPC server with a health service, as a program: PORT HEALTH [KEY CERTIFICATE].

HEALTH is SERVING, NOT_SERVING, or another word for a server without the health service. The service "shop" is
always SERVING.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc


def main(port: str, state: str, *files: str) -> None:
    """Serve until ended."""
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    if state in ("SERVING", "NOT_SERVING"):
        servicer = health.HealthServicer()
        servicer.set("", health_pb2.HealthCheckResponse.ServingStatus.Value(state))
        servicer.set("shop", health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    if files:
        key, certificate = (Path(file).read_bytes() for file in files)
        server.add_secure_port(f"127.0.0.1:{port}", grpc.ssl_server_credentials([(key, certificate)]))
    else:
        server.add_insecure_port(f"127.0.0.1:{port}")
        server.add_insecure_port(f"[::1]:{port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main(*sys.argv[1:])
