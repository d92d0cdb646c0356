"""One configuration on two routers, by two real processes and real TLS between them."""

import random
from dataclasses import replace

from app.accept.on_disk import OnDisk, compare
from tests.free_ports import free_port
from tests.partner.routers import Router, pair
from tests.waiting import until

Routers = tuple[Router, Router]


def agree(*routers: Router) -> bool:
    return len({router.head for router in routers}) == 1 and all(router.is_now("agreed") for router in routers)


def test_a_change_goes_to_the_other_router_at_once_and_is_the_same_to_the_last_byte(paired: Routers) -> None:
    one, other = paired
    one.add("web")
    until(lambda: agree(*paired))
    assert other.names == ["web"]
    assert other.settings.lvs_cf.read_bytes() == one.settings.lvs_cf.read_bytes()
    (head,) = other.store.revisions(1)
    assert (head.serial_no, head.author, head.summary) == (1, "anna via partner", "a change")


def test_changes_go_both_ways(paired: Routers) -> None:
    one, other = paired
    one.add("web")
    until(lambda: agree(*paired))
    other.add("mail")
    until(lambda: agree(*paired))
    assert one.names == other.names == ["web", "mail"]
    assert one.head.serial_no == 2


def test_a_router_that_was_away_catches_up_by_itself(paired: Routers) -> None:
    one, other = paired
    one.add("web")
    until(lambda: agree(*paired))
    other.stop()
    for port in (81, 82, 83):
        one.set_port(port)
    other.start()
    until(lambda: agree(*paired))
    assert other.store.snapshot().config.virtual[0].port == 83
    assert [head.serial_no for head in other.store.revisions()] == [4, 1]


def test_what_was_edited_on_both_apart_is_overwritten_on_neither_and_somebody_chooses(paired: Routers) -> None:
    one, other = paired
    one.add("web")
    until(lambda: agree(*paired))
    other.stop()
    one.add("ours")
    other.add("theirs")
    other.start()
    until(lambda: one.is_now("diverged") and other.is_now("diverged"))
    offer = until(one.store.partners.offer)
    assert offer is not None
    assert offer.version == other.head
    assert b"theirs" in offer.data
    until(other.store.partners.offer)
    assert (one.names, other.names) == (["web", "ours"], ["web", "theirs"])
    one.change(lambda edit: None, offer.version)
    until(lambda: agree(*paired))
    assert one.names == other.names == ["web", "ours"]
    assert one.head.serial_no == 3
    until(lambda: one.store.partners.offer() is None and other.store.partners.offer() is None)


def test_a_router_with_nothing_takes_what_the_other_has(routers: Routers) -> None:
    one, other = routers
    for name in ("web", "mail"):
        other.add(name)
    pair(one, other)
    until(lambda: agree(one, other))
    assert one.names == ["web", "mail"]


def test_one_connection_that_works_is_enough_for_both_ways(paired: Routers) -> None:
    one, other = paired
    partner = one.store.partners.find()
    assert partner is not None
    one.store.partners.pair(partner.name, partner.address, free_port(), partner.certificate)
    until(lambda: not one.status()["there"]["is_up"] and one.status()["here"]["is_up"])
    one.add("web")
    until(lambda: agree(*paired))
    other.add("mail")
    until(lambda: agree(*paired))
    assert one.names == other.names == ["web", "mail"]
    assert not one.status()["there"]["is_up"]


def test_an_edit_by_hand_is_not_overwritten_and_both_say_so(paired: Routers) -> None:
    one, other = paired
    one.add("web")
    until(lambda: agree(*paired))
    edited = other.settings.lvs_cf.read_bytes() + b"# by hand\n"
    other.settings.lvs_cf.write_bytes(edited)
    one.set_port(81)
    until(lambda: "edited by hand" in one.status()["refused"] and "edited by hand" in other.status()["refused"])
    assert other.settings.lvs_cf.read_bytes() == edited
    assert other.head.serial_no == 1


def test_a_router_killed_at_any_moment_has_the_old_or_the_new(paired: Routers) -> None:
    one, other = paired
    one.add("web")
    until(lambda: agree(*paired))
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    for port in range(1000, 1006):
        one.set_port(port)
        for _ in range(chance.randrange(400_000)):
            pass
        other.kill()
        found = other.store.snapshot()
        assert found.config.virtual[0].port in range(port - 1 if port > 1000 else 80, port + 1), seed
        written = other.settings.lvs_cf.read_bytes()
        assert compare(written, other.store.revisions(2)) in (OnDisk.WRITTEN, OnDisk.LATE), seed
        other.start()
        until(lambda: agree(*paired))
        assert other.settings.lvs_cf.read_bytes() == one.settings.lvs_cf.read_bytes(), seed


def test_it_ends_kindly(paired: Routers) -> None:
    one, _ = paired
    assert one.stop() == 0
    assert not one.settings.partner_socket.exists()


def test_no_name_of_a_file_makes_a_line_of_the_log(routers: Routers) -> None:
    one, _ = routers
    one.add("web")
    one.stop()
    forged = "partner[1]: paired with the router at 192.0.2.66"
    one.settings = replace(one.settings, lvs_cf=one.settings.lvs_cf.with_name(f"x\n{forged}"))
    one.start()
    until(lambda: "was out of date; wrote" in one.log.read_text())
    assert forged in one.log.read_text()
    assert not [line for line in one.log.read_text().split("\n") if line.startswith(forged)]
