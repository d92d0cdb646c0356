"""The connection table. Lines and listing are what a kernel and ipvsadm 1.31 printed of the same table."""

from ipaddress import ip_address

import pytest

from app.lvs.ipvs.connection_table import (
    Connection,
    ConnectionFilter,
    connection_lines,
    connection_of,
    words_of,
)
from app.lvs.ipvs.service_names import read_endpoint, read_network, read_service, service_text
from app.lvs.ipvs.table import Family, ServiceKey, Transport
from tests.lvs.ipvs.connection_lines import LINES, TABLE, TITLE, found, service, table_of

LISTING = """\
IPVS connection entries
pro expire state       source             virtual            destination
TCP 00:59  CLOSE_WAIT  10.9.0.1:50578     10.9.0.1:80        127.0.0.1:80
UDP 04:59  UDP         10.9.0.2:55772     10.9.0.2:5353      127.0.0.1:5353
IP  00:59  ASSURED     10.9.0.2:0         0.0.0.7:0          127.0.0.1:0
TCP 04:59  ASSURED     10.9.0.0:0         10.9.0.1:80        127.0.0.1:80
TCP 14:59  ESTABLISHED 10.9.0.1:50566     10.9.0.1:80        127.0.0.1:80
TCP 14:59  ESTABLISHED 10.9.0.2:58190     10.9.0.2:81        127.0.0.1:81
TCP 14:59  ESTABLISHED [fd00:1111:2222:3333:4444:5555:6666:8888]:45486 \
[fd00:1111:2222:3333:4444:5555:6666:8888]:80 [fd00::1]:80
TCP 00:59  ASSURED     [fd00:1111:2222:3333:4444:5555:6666:8888]:0 \
[fd00:1111:2222:3333:4444:5555:6666:8888]:80 [fd00::1]:80
"""


def read(line: bytes) -> Connection:
    words = words_of(line)
    assert words
    return connection_of(words)


def test_the_listing_is_what_ipvsadm_prints() -> None:
    assert "\n".join(connection_lines([read(line) for line in LINES])) + "\n" == LISTING


@pytest.mark.parametrize("line", [TITLE, b"", b"TCP 0A090001", b"one two three four five six seven eight nine"])
def test_a_title_or_a_broken_line_is_no_entry(line: bytes) -> None:
    assert words_of(line) is None


def test_an_entry_without_a_client_port_is_a_template() -> None:
    assert [read(line).is_template for line in LINES] == [False, False, True, True, False, False, False, True]


def test_a_template_of_a_mark_tells_the_mark_in_both_families() -> None:
    six = b"IP  2001:0db8:0000:0000:0000:0000:0000:0001 0000 0000:0007:0000:0000:0000:0000:0000:0000 0000 " + (
        b"2001:0db8:0000:0000:0000:0000:0000:0002 0000 NONE 9"
    )
    assert read(LINES[2]).fwmark == 7
    assert read(six).fwmark == 7
    assert read(LINES[3]).fwmark == 0
    key = ServiceKey(Family.IPV6, Transport.NONE, None, 0, 7)
    assert found(ConnectionFilter(service=key), {}, [six, LINES[2]]) == [0]


def test_the_persistence_engine_keeps_its_data_with_the_entry() -> None:
    connection = read(b"UDP 0A090001 0000 0A090001 13C5 7F000001 13C5 UDP 59 sip abc-123 x@y")
    assert (connection.engine, connection.engine_data) == ("sip", "abc-123 x@y")


def test_without_a_filter_every_entry_is_found() -> None:
    assert found(ConnectionFilter()) == list(range(8))


def test_a_state_is_found_however_it_is_typed() -> None:
    assert found(ConnectionFilter(state="established")) == [4, 5, 6]


def test_a_client_is_found_with_the_template_of_its_network() -> None:
    assert found(ConnectionFilter(client=read_network("10.9.0.1"))) == [0, 3, 4]
    # The other service is not persistent, so a client of it has no template there.
    assert found(ConnectionFilter(client=read_network("10.9.0.2"))) == [1, 2, 3, 5]
    assert found(ConnectionFilter(client=read_network("10.9.1.2"))) == []


def test_a_connection_from_the_address_of_a_template_is_not_another_clients() -> None:
    other = LINES[4].replace(b"0A090001", b"0A090000", 1)
    assert found(ConnectionFilter(client=read_network("10.9.0.1")), lines=[LINES[3], other]) == [0]


def test_a_network_of_clients_is_found() -> None:
    assert found(ConnectionFilter(client=read_network("10.9.0.0/31"))) == [0, 3, 4]
    assert found(ConnectionFilter(client=read_network("fd00:1111::/32"))) == [6, 7]
    assert found(ConnectionFilter(client=read_network("0.0.0.0/0"))) == [0, 1, 2, 3, 4, 5]


def test_a_server_is_found_with_its_port_or_with_all_ports() -> None:
    assert found(ConnectionFilter(server=read_endpoint("127.0.0.1"))) == [0, 1, 2, 3, 4, 5]
    assert found(ConnectionFilter(server=read_endpoint("127.0.0.1:80"))) == [0, 3, 4]
    assert found(ConnectionFilter(server=read_endpoint("[fd00::1]:80"))) == [6, 7]


def test_a_service_is_found_by_its_address() -> None:
    assert found(ConnectionFilter(service=read_service("10.9.0.1:80"))) == [0, 3, 4]
    assert found(ConnectionFilter(service=read_service("udp 10.9.0.2:5353"))) == [1]
    assert found(ConnectionFilter(service=read_service("udp 10.9.0.1:80"))) == []


def test_a_service_of_all_ports_has_those_that_are_no_services_of_their_own() -> None:
    wide = service("tcp 10.9.0.2:0", persistent_s=60)
    assert found(ConnectionFilter(service=wide.key), table_of(wide)) == [5]
    narrow = service("tcp 10.9.0.2:81")
    assert found(ConnectionFilter(service=wide.key), table_of(wide, narrow)) == []


def test_a_marked_service_has_its_templates_and_what_no_other_service_explains() -> None:
    table = table_of(*TABLE.values(), service("fwm 8", "127.0.0.1:81"))
    assert found(ConnectionFilter(service=read_service("fwm 7")), table) == [2, 5]
    named = table_of(*TABLE.values(), service("tcp 10.9.0.2:0", persistent_s=60))
    assert found(ConnectionFilter(service=read_service("fwm 7")), named) == [2]


def test_filters_narrow_each_other() -> None:
    query = ConnectionFilter(
        client=read_network("10.9.0.1"), state="ESTABLISHED", service=read_service("10.9.0.1:80")
    )
    assert found(query) == [4]


@pytest.mark.parametrize(
    "name", ["tcp 192.0.2.1:80", "udp [2001:db8::1]:53", "sctp 192.0.2.1:99", "fwm 7", "fwm 7 IPv6"]
)
def test_a_service_is_written_as_it_is_read(name: str) -> None:
    assert service_text(read_service(name)) == name


@pytest.mark.parametrize(
    "text", ["", "tcp", "icmp 192.0.2.1:1", "tcp 192.0.2.1:80 80", "fwm x", "a:b:c", "tcp 1:99999"]
)
def test_what_is_no_service_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a service: write tcp, udp or sctp and ADDRESS:PORT"):
        read_service(text)


def test_what_is_no_address_is_refused_with_an_example() -> None:
    with pytest.raises(ValueError, match=r"'192.0.2.7:80:1' is not an address"):
        read_endpoint("192.0.2.7:80:1")
    with pytest.raises(ValueError, match=r"'192.0.2.7:65536' is not an address"):
        read_endpoint("192.0.2.7:65536")
    with pytest.raises(ValueError, match=r"'pc7' is not an address"):
        read_network("pc7")
    assert read_endpoint("2001:db8::7") == (ip_address("2001:db8::7"), None)
