"""Requests with bytes changed at random: each gets an answer or a closed connection, and no silence."""

from tests.attack.answers import assert_log_is_proper, faults_of
from tests.attack.attacker import Attacker
from tests.attack.hostile import spoilt_bytes

MANGLED = 2000


def test_mangled_bytes_get_an_answer_or_a_closed_connection(attacker: Attacker) -> None:
    wrong = list[str]()
    for plain in attacker.requests(MANGLED):
        request = spoilt_bytes(plain.bytes(), attacker.random)
        answer = attacker.ask(request, plain.method, is_last=True)
        wrong += faults_of(answer, request) if answer else []
    assert wrong == [], "\n".join(wrong)
    assert_log_is_proper(attacker.pages.log)
