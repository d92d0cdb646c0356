"""A client that uses a port again, from which a server that has gone answered it: the kernel remembers both."""

import pytest

from lab.network import CLIENT, VIRTUAL4
from tests.pulse.director import Director
from tests.pulse.web_service_cf import lvs_cf

pytestmark = pytest.mark.kernel

PORTS = (41001, 41002, 41003)
# Until the server has closed its end, so that the port is the client's again at once.
ASKS_FROM_A_PORT = """
import socket, sys
for port in map(int, sys.argv[2:]):
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.settimeout(3)
        client.bind(("", port))
        try:
            client.connect((sys.argv[1], 80))
            client.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
            print(client.makefile().read().split()[-1])
        except OSError as error:
            print(error)
"""


def answers(director: Director) -> set[str]:
    """Ask once from each port; return who answered, or what was wrong."""
    command = ["python", "-c", ASKS_FROM_A_PORT, str(VIRTUAL4), *map(str, PORTS)]
    return set(director.cluster.run(CLIENT.name, command).stdout.splitlines())


def test_a_port_that_a_removed_server_answered_is_served_by_another_at_once(director: Director) -> None:
    director.start()
    director.apply(lvs_cf(1))
    assert answers(director) == {"web1", "web2", "web3"}
    director.apply(lvs_cf(2, servers=2))
    assert answers(director) == {"web1", "web2"}
