"""Names of an imported file: looked up once, and not without end."""

from ipaddress import IPv4Address

from app.host.names import PatientNames


def test_it_knows_the_names_this_machine_knows() -> None:
    names = PatientNames()
    assert names.host("localhost") == IPv4Address("127.0.0.1")
    assert names.service("http") == 80
    assert names.host("") is None


def test_when_its_patience_is_at_an_end_it_asks_nobody_any_more() -> None:
    names = PatientNames(patience_s=0.0)
    assert names.host("localhost") is None
    assert names.service("http") == 80
