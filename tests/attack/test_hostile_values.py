"""Thousands of requests with something hostile in each: all get a proper answer, and nothing gets through."""

from tests.attack.answers import assert_log_is_proper, faults_of
from tests.attack.attacker import Attacker
from tests.attack.hostile import spoilt

SPOILT = 8000


def test_hostile_values_get_a_proper_answer_and_get_nothing_through(attacker: Attacker) -> None:
    wrong, statuses = list[str](), dict[int, int]()
    for plain in attacker.requests(SPOILT):
        attempt = spoilt(plain, attacker.random)
        request = attempt.bytes()
        # Without an answer: the connection may have been closed for what went before. Again, on a new one.
        answer = attacker.ask(request, attempt.method) or attacker.ask(request, attempt.method)
        wrong += faults_of(answer, request)
        status = answer.status if answer else 0
        statuses[status] = statuses.get(status, 0) + 1
    assert wrong == [], "\n".join(wrong)
    assert_log_is_proper(attacker.pages.log)
    # Most of them reach something: an attack that is turned away at the door tries nothing.
    reached = sum(count for status, count in statuses.items() if status not in (400, 401, 404, 405))
    assert reached > SPOILT / 3, statuses
