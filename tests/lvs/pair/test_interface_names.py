"""Interfaces by this router's own names: put in where lvs.cf is written, taken out where it is read."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given

from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import render
from app.lvs.keywords.table import KEYWORDS
from app.lvs.model.config import Config, VirtualServer
from app.lvs.model.keyword import ValueKind
from app.lvs.model.machine import Machine
from app.lvs.model.values import Floating
from app.lvs.pair.interface_names import DEVICE_KEYS, DeviceNames, NamesRefused
from tests.lvs.strategies import configs

NAMES = DeviceNames({"eth0": "ens3", "eth1": "bond0.7"})
VIP = IPv4Address("192.0.2.10")


def test_every_place_that_names_an_interface_is_renamed() -> None:
    config = Config(
        syncd_iface="eth1",
        nat_router=Floating(VIP, "eth1:2"),
        virtual=(
            VirtualServer(
                name="web",
                address=Floating(VIP, "eth0:1"),
                check_interface="eth0",
                also_check="tcp port=80 interface=eth1; send send='interface=eth0' interface='eth0'",
            ),
        ),
    )
    here = NAMES.put_in(config)
    assert (here.syncd_iface, str(here.nat_router)) == ("bond0.7", "192.0.2.10 bond0.7:2")
    (web,) = here.virtual
    assert (str(web.address), web.check_interface) == ("192.0.2.10 ens3:1", "ens3")
    assert web.also_check == "tcp port=80 interface=bond0.7; send send='interface=eth0' interface='ens3'"
    assert NAMES.taken_out(here) == config


def test_every_key_that_holds_the_name_of_an_interface_is_known() -> None:
    for keywords in KEYWORDS.values():
        for name, keyword in keywords.items():
            words = f"{name} {keyword.label}".lower()
            is_one = any(word in words for word in ("iface", "interface"))
            if is_one and keyword.kind in (ValueKind.TEXT, ValueKind.WORDS, ValueKind.QUOTED):
                assert name in DEVICE_KEYS, f"{name} names an interface: add it to DEVICE_KEYS"


def test_a_block_that_names_none_of_them_is_the_same_object() -> None:
    virtual = VirtualServer(name="web", address=Floating(VIP, "lo"))
    assert NAMES.put_in(Config(virtual=(virtual,))).virtual[0] is virtual


def test_comments_and_order_survive() -> None:
    text = b"# ours\nvirtual web {\n     # why\n     port = 80\n     address = 192.0.2.10 eth0:1\n}\n"
    config = parse(text).config
    assert config is not None
    assert render(NAMES.put_in(config)) == text.replace(b"eth0", b"ens3")


@given(configs())
def test_what_is_put_in_is_taken_out_again(config: Config) -> None:
    names = DeviceNames({"eth0": "eth1", "eth1": "eth0", "lo": "dummy7"})
    assert names.taken_out(names.put_in(config)) == config


def test_the_machine_is_judged_by_the_shared_names() -> None:
    machine = Machine({"ens3": frozenset({VIP}), "lo": frozenset()})
    assert NAMES.shared_machine(machine) == Machine({"eth0": frozenset({VIP}), "lo": frozenset()})
    assert NAMES.shared_machine(None) is None
    assert DeviceNames().shared_machine(machine) is machine


def test_two_shared_names_of_one_interface_are_refused() -> None:
    with pytest.raises(NamesRefused, match="Two names map to ens3"):
        DeviceNames({"eth9": "ens9", "eth0": "ens3", "eth1": "ens3"})


@pytest.mark.parametrize("name", ["", "eth0:1", "a/b", "with blank", "x" * 16, "..", "é0", "a\n"])
def test_what_is_no_name_of_an_interface_is_refused(name: str) -> None:
    with pytest.raises(NamesRefused, match="is not an interface name"):
        DeviceNames({"eth0": name})
