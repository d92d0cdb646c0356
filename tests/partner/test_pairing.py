"""Pairing: who proves to know the code is taken, once and in time; nobody else is."""

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.host.control_client import ControlRefused
from app.host.pinned_tls import Identity, load_identity
from app.lvs.pair.pairing_code import PairingCode, parse_code
from app.partner.encoding import decode
from app.partner.failures import MalformedMessage
from app.partner.pairing import LIFETIME_S, PAIR, PairAnswer, Pairing
from app.store import Store, migrate, open_store
from tests.partner.routers import Router
from tests.waiting import LIMIT_S, until

Routers = tuple[Router, Router]
NOT_TAKEN = PairAnswer(is_paired=False)


class Clock:
    """A clock that is set."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'palometa.db'}"
    migrate(url)
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def first(tmp_path: Path) -> Identity:
    return load_identity(tmp_path / "first.pem")


@pytest.fixture
def second(tmp_path: Path) -> Identity:
    return load_identity(tmp_path / "second.pem")


@pytest.fixture
def pairing(first: Identity, store: Store, clock: Clock) -> Pairing:
    return Pairing(first, store, "first", clock)


def introduction(code: PairingCode, first: Identity, second: Identity) -> dict[str, Any]:
    return {
        "verb": "pair",
        "protocol": 1,
        "certificate": encoded(second.certificate),
        "name": "second",
        "port": 3637,
        "proof": code.proof("second", first.fingerprint, second.fingerprint),
    }


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def answer(pairing: Pairing, document: dict[str, Any]) -> PairAnswer:
    at_once = threading.Event()
    at_once.set()
    return pairing.answer(decode(json.dumps(document).encode(), PAIR), "192.0.2.2", at_once)


def test_who_knows_the_code_is_the_partner_and_the_code_is_used_up(
    pairing: Pairing, store: Store, first: Identity, second: Identity
) -> None:
    code = parse_code(pairing.show())
    said = answer(pairing, introduction(code, first, second))
    assert said.is_paired
    assert said.proof == code.proof("first", first.fingerprint, second.fingerprint)
    partner = store.partners.find()
    assert partner is not None
    assert (partner.name, partner.address, partner.certificate) == ("second", "192.0.2.2", second.certificate)
    assert pairing.report is None
    assert answer(pairing, introduction(code, first, second)) == NOT_TAKEN


def test_a_code_is_good_for_ten_minutes(
    pairing: Pairing, store: Store, clock: Clock, first: Identity, second: Identity
) -> None:
    code = parse_code(pairing.show())
    clock.seconds = LIFETIME_S
    assert answer(pairing, introduction(code, first, second)) == NOT_TAKEN
    assert store.partners.find() is None


def test_a_newer_code_takes_the_place_of_an_older_one(
    pairing: Pairing, store: Store, first: Identity, second: Identity
) -> None:
    old, new = parse_code(pairing.show()), parse_code(pairing.show())
    assert answer(pairing, introduction(old, first, second)) == NOT_TAKEN
    assert answer(pairing, introduction(new, first, second)).is_paired


def test_wrong_proofs_do_not_use_the_code_up(
    pairing: Pairing, store: Store, first: Identity, second: Identity
) -> None:
    code = parse_code(pairing.show())
    wrong = introduction(PairingCode(code.fingerprint, "0" * 13), first, second)
    for _ in range(100):
        assert answer(pairing, wrong) == NOT_TAKEN
    assert answer(pairing, introduction(code, first, second)).is_paired


def test_a_stranger_who_waits_for_the_answer_to_a_wrong_proof_keeps_nobody_waiting(
    pairing: Pairing, first: Identity, second: Identity
) -> None:
    code = parse_code(pairing.show())
    wrong = decode(json.dumps(introduction(PairingCode(code.fingerprint, "0" * 13), first, second)).encode(), PAIR)
    stopping = Waiting()
    stranger = threading.Thread(target=pairing.answer, args=(wrong, "192.0.2.9", stopping))
    stranger.start()
    assert stopping.begun.wait(LIMIT_S)
    try:
        assert answer(pairing, introduction(code, first, second)).is_paired
        assert stranger.is_alive()
    finally:
        stopping.set()
        stranger.join()


class Waiting(threading.Event):
    """Says when somebody begins to wait for it, and ends no wait before it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.begun.set()
        return super().wait(LIMIT_S)


def test_a_proof_for_one_certificate_is_none_for_another(
    pairing: Pairing, store: Store, first: Identity, second: Identity, tmp_path: Path
) -> None:
    document = introduction(parse_code(pairing.show()), first, second)
    document["certificate"] = encoded(load_identity(tmp_path / "thief.pem").certificate)
    assert answer(pairing, document) == NOT_TAKEN
    assert store.partners.find() is None


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "summary"},
        {"certificate": "?"},
        {"certificate": encoded(b"0" * 5000)},
        {"name": "a\nb"},
        {"name": None},
        {"port": 0},
        {"port": True},
        {"proof": "0" * 65},
    ],
)
def test_what_is_no_introduction_is_refused_before_anything_is_looked_at(
    pairing: Pairing, first: Identity, second: Identity, change: dict[str, Any]
) -> None:
    document = introduction(parse_code(pairing.show()), first, second) | change
    with pytest.raises(MalformedMessage):
        answer(pairing, document)
    assert pairing.report is not None


def test_two_processes_pair_and_each_has_the_other_pinned(routers: Routers) -> None:
    one, other = routers
    code = one.ask("code")
    typed = code.lower().replace("-", " ")
    other.ask("pair", code=typed, address="127.0.0.1", port=one.settings.partner_port)
    until(lambda: one.status()["there"]["is_up"] and other.status()["there"]["is_up"])
    found = [router.store.partners.find() for router in routers]
    identities = [load_identity(router.settings.partner_identity) for router in routers]
    assert found[0] is not None
    assert found[1] is not None
    assert [found[1].certificate, found[0].certificate] == [identity.certificate for identity in identities]
    assert found[0].port == other.settings.partner_port
    for router in routers:
        assert code[20:] not in router.log.read_text()
    with pytest.raises(ControlRefused, match="does not accept a pairing now"):
        other.ask("pair", code=code, address="127.0.0.1", port=one.settings.partner_port)


def test_a_code_of_another_router_is_not_told_to_who_answers(routers: Routers, tmp_path: Path) -> None:
    one, other = routers
    other.ask("code")
    third = PairingCode.of(load_identity(tmp_path / "third.pem").fingerprint, 7)
    with pytest.raises(ControlRefused, match="is not the one that displays this code"):
        one.ask("pair", code=str(third), address="127.0.0.1", port=other.settings.partner_port)
    assert other.status()["code"] is not None


def test_a_router_does_not_pair_with_itself(routers: Routers) -> None:
    one, _ = routers
    with pytest.raises(ControlRefused, match="the code of this router itself"):
        one.ask("pair", code=one.ask("code"), address="127.0.0.1", port=one.settings.partner_port)


def test_a_router_that_was_unpaired_is_let_in_no_more_and_the_other_says_so(routers: Routers) -> None:
    one, other = routers
    other.ask("pair", code=one.ask("code"), address="127.0.0.1", port=one.settings.partner_port)
    until(lambda: other.status()["there"]["is_up"])
    one.store.partners.unpair()
    until(lambda: not other.status()["there"]["is_up"] and not other.status()["here"]["is_up"])
    one.add("web")
    assert one.status()["paired"] == ""
    assert other.names == []
