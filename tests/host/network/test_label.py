"""The labels of addresses: what the kernel takes, which counts their bytes."""

from ipaddress import IPv4Address

import pytest

from app.host.network.addresses import label_of
from app.lvs.desired.addresses import VirtualAddress


@pytest.mark.parametrize(
    ("device", "label"),
    [
        ("eth0:1234567890", "eth0:1234567890"),
        ("eth0:12345678901", None),
        ("eth0:äöüäö", "eth0:äöüäö"),
        ("eth0:äöüäöü", None),
        ("größe0:12345678", None),
        ("eth0", None),
    ],
)
def test_a_label_has_at_most_fifteen_bytes(device: str, label: str | None) -> None:
    assert label_of(VirtualAddress(IPv4Address("192.0.2.10"), 32, device)) == label
