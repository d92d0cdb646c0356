"""How a service, an address and a firewall mark are written."""

from ipaddress import ip_address

import pytest

from app.lvs.ipvs.service_names import bracketed, endpoint_text, host_port, mark_name, signed_mark
from app.lvs.ipvs.table import Family


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("2001:db8::1", "[2001:db8::1]:80"),
        ("10.0.0.1", "10.0.0.1:80"),
        ("mail.example", "mail.example:80"),
    ],
)
def test_an_ipv6_address_stands_in_brackets_before_its_port(host: str, written: str) -> None:
    assert host_port(host, 80) == written
    assert written == f"{bracketed(host)}:80"


def test_an_address_is_written_as_ipvsadm_writes_it() -> None:
    assert endpoint_text(ip_address("192.0.2.1"), 0) == "192.0.2.1:0"
    assert endpoint_text(ip_address("::ffff:192.0.2.1"), 80) == "[::ffff:192.0.2.1]:80"


def test_a_mark_says_its_family_only_where_it_is_ipv6_and_is_a_signed_number_in_a_listing() -> None:
    assert mark_name(5, Family.IPV4) == "5"
    assert mark_name(5, 6) == "5 IPv6"
    assert (signed_mark(2**31 - 1), signed_mark(2**31), signed_mark(2**32 - 1)) == (2**31 - 1, -(2**31), -1)
