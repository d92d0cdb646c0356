"""Which server a client's next connection goes to, and why."""

from dataclasses import replace
from ipaddress import ip_address

from app.lvs.ipvs.connection_table import connection_of, words_of
from app.lvs.ipvs.next_server import NextServer, next_servers
from app.lvs.ipvs.service_names import read_service
from app.lvs.ipvs.table import Service, Table
from tests.lvs.ipvs.connection_lines import LINES, TABLE, service, table_of

TEMPLATES = [connection_of(words_of(line) or ()) for line in LINES]
CLIENT = ip_address("10.9.0.1")


def told(table: Table, name: str, client: str = "10.9.0.1") -> NextServer:
    [where] = next_servers(ip_address(client), table, TEMPLATES, read_service(name))
    return where


def without(whole: Service, **changed: object) -> Table:
    return table_of(replace(whole, **changed))  # type: ignore[arg-type]


def test_a_template_of_the_clients_network_says_the_server_and_for_how_long() -> None:
    where = told(TABLE, "10.9.0.1:80", "10.9.0.77")
    assert (where.why, str(where.server and where.server.address), where.expires_s) == (
        "template",
        "127.0.0.1",
        299,
    )
    assert where.sentence == "a persistence template keeps 10.9.0.0 on 127.0.0.1:80 for another 299 s."


def test_a_template_of_a_mark_and_one_of_ipv6_are_found_as_well() -> None:
    assert told(TABLE, "fwm 7", "10.9.0.2").why == "template"
    six = "fd00:1111:2222:3333:4444:5555:6666:8888"
    assert "keeps this client on [fd00::1]:80" in told(TABLE, f"tcp [{six}]:80", six).sentence


def test_a_template_to_a_server_at_weight_0_still_counts_and_that_is_said() -> None:
    whole = service("10.9.0.1:80", "127.0.0.1:80", persistent_s=300, netmask=0xFFFFFF00)
    table = without(whole, destinations=(replace(whole.destinations[0], weight=0),))
    assert "weight is 0" in told(table, "10.9.0.1:80").sentence


def test_a_template_to_a_server_that_is_gone_is_said_to_be_void() -> None:
    table = table_of(service("10.9.0.1:80", "127.0.0.9:80", persistent_s=300, netmask=0xFFFFFF00))
    assert "no longer in the service" in told(table, "10.9.0.1:80").sentence


def test_without_a_template_a_hash_or_the_scheduler_decides() -> None:
    whole = service("10.9.0.5:80", "10.0.0.1:80", "10.0.0.2:80")
    assert told(without(whole, scheduler="sh"), "10.9.0.5:80").why == "hash"
    where = told(table_of(whole), "10.9.0.5:80")
    assert (where.why, where.server) == ("scheduler", None)
    assert where.sentence == "rr picks a server for each new connection from 10.0.0.1:80, 10.0.0.2:80."


def test_one_server_alone_is_known_beforehand_and_none_is_said_to_refuse() -> None:
    assert told(table_of(service("10.9.0.5:80", "10.0.0.1:80")), "10.9.0.5:80").server is not None
    assert told(table_of(service("10.9.0.5:80")), "10.9.0.5:80").why == "nobody"


def test_a_client_gets_an_answer_for_each_service_of_its_family_only() -> None:
    assert [where.service for where in next_servers(CLIENT, TABLE, TEMPLATES)] == [
        read_service(name) for name in ("tcp 10.9.0.1:80", "udp 10.9.0.2:5353", "fwm 7")
    ]
