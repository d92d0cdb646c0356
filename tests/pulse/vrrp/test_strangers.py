"""Who else uses our virtual router's number is remembered for a while, within bounds."""

from ipaddress import ip_address

from app.pulse.vrrp.adverts import KEPT, KEPT_S, ForeignRouters


def test_a_stranger_is_told_for_a_while_after_it_was_last_heard() -> None:
    strangers = ForeignRouters()
    strangers.note(ip_address("192.0.2.9"), 100.0)
    strangers.note(ip_address("192.0.2.9"), 130.0)
    assert strangers.names(129.0 + KEPT_S) == ["192.0.2.9"]
    assert strangers.names(130.0 + KEPT_S) == []


def test_forged_senders_fill_neither_memory_nor_page_and_push_nobody_out() -> None:
    strangers = ForeignRouters()
    first = ip_address("2001:db8::")
    for number in range(10 * KEPT):
        strangers.note(first + number, 100.0)
    assert strangers.names(100.0) == sorted(str(first + number) for number in range(KEPT))
    strangers.note(first, 150.0)
    strangers.note(ip_address("192.0.2.9"), 101.0 + KEPT_S)
    assert strangers.names(101.0 + KEPT_S) == ["192.0.2.9", str(first)]
