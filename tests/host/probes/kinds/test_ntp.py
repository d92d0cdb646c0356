"""NTP: clocks that go and those that do not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.host.probes.kinds.ntp import NtpAnswer, ahead_of_us_s, read, request, require_healthy
from app.host.probes.transport.attempt import Unexpected
from app.lvs.checks.check import Outcome, Result
from app.lvs.model.check_kinds import CheckKind
from tests.host.probes.answering import asked, ntp_answer

MARK = b"unguessd"


def answered(**how: object) -> Result:
    return asked(CheckKind.NTP, lambda question: (ntp_answer(question, **how),))  # type: ignore[arg-type]


@pytest.mark.parametrize("stratum", [1, 15])
@pytest.mark.parametrize("leap", [0, 1, 2])
def test_a_clock_that_goes_passes_with_its_stratum(stratum: int, leap: int) -> None:
    result = answered(stratum=stratum, leap=leap)
    assert result.outcome is Outcome.PASSED
    assert f": stratum {stratum}, " in result.message


@pytest.mark.parametrize(("ahead_s", "words"), [(3600.0, "s ahead of"), (-3600.0, "s behind")])
def test_the_servers_clock_is_compared_and_not_judged(ahead_s: float, words: str) -> None:
    result = answered(ahead_s=ahead_s)
    assert result.outcome is Outcome.PASSED
    assert f"{words} this director's clock" in result.message


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"leap": 3}, "answered that its clock is not synchronized"),
        ({"leap": 3, "stratum": 0}, "answered that its clock is not synchronized"),
        ({"leap": 3, "stratum": 0, "reference": b"RATE"}, "refused to serve time: RATE"),
        ({"stratum": 0}, "answered with stratum 0: a synchronized clock has 1 to 15"),
        ({"stratum": 16}, "answered with stratum 16: a synchronized clock has 1 to 15"),
    ],
)
def test_a_clock_that_does_not_go_fails(how: dict[str, object], said: str) -> None:
    result = answered(**how)
    assert (result.outcome, result.is_reached) == (Outcome.FAILED, True)
    assert result.message.endswith(f": {said}")


@pytest.mark.parametrize("mode", [0, 1, 2, 3, 5, 6, 7])
def test_only_a_servers_answer_is_one(mode: int) -> None:
    assert read(MARK, ntp_answer(request(MARK)), 0.0) is not None
    assert read(MARK, ntp_answer(request(MARK), mode=mode), 0.0) is None


def test_an_answer_to_somebody_elses_request_is_none() -> None:
    assert read(MARK, ntp_answer(request(b"elsewhat")), 0.0) is None


def test_an_answer_without_a_time_fails() -> None:
    answer = read(MARK, ntp_answer(request(MARK))[:40] + bytes(8), time.time())
    assert answer is not None
    with pytest.raises(Unexpected, match="not synchronized"):
        require_healthy(answer)


def test_clocks_are_compared_across_the_end_of_an_era() -> None:
    # 7 February 2036, 06:28:16 UTC, when NTP counts from 0 again.
    turn_s = 2_085_978_496.0
    assert ahead_of_us_s(NtpAnswer(0, 2, b"", 1.5, turn_s - 1)) == 2.5
    assert ahead_of_us_s(NtpAnswer(0, 2, b"", 2.0**32 - 1, turn_s + 1)) == -2.0


@given(st.binary(max_size=100))
def test_bytes_in_an_answers_place_are_none_or_judged(data: bytes) -> None:
    for packet in (data, b"\x24" + data[:23].ljust(23) + MARK + data.ljust(16)):
        answer = read(MARK, packet, 1.0)
        if answer is not None:
            assert judged_in_words(answer).isprintable()


def judged_in_words(answer: NtpAnswer) -> str:
    try:
        return require_healthy(answer)
    except Unexpected as unexpected:
        return str(unexpected)
