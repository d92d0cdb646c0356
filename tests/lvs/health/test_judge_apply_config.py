"""A judgement that followed many configurations knows the same as one that was made for the last of them."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.lvs.checks.check import Check, Result
from app.lvs.health.judge import HealthJudge
from app.lvs.model.config import VirtualServer
from app.lvs.model.values import Network
from tests.lvs.judged import CLOCK_S, PASSED, REFUSED, SILENT
from tests.lvs.samples import config, server, virtual

_numbers = st.integers(1, 4)


def _service(port: int, numbers: list[int], fall: int) -> VirtualServer:
    return virtual(port=port, fall=fall, server=tuple(server(number) for number in dict.fromkeys(numbers)))


_services = st.builds(_service, st.sampled_from([80, 81]), st.lists(_numbers, max_size=4), st.integers(1, 2))
_stories = st.lists(
    st.tuples(
        st.lists(st.one_of(st.integers(0, 3), _services), max_size=4),
        st.sampled_from([Network.DIRECT, Network.NAT]),
        st.lists(st.tuples(st.integers(0, 7), st.sampled_from([PASSED, REFUSED, SILENT])), max_size=4),
    ),
    min_size=1,
    max_size=6,
)


@given(_stories)
@settings(max_examples=100, deadline=None)
def test_what_is_to_be_asked_and_what_answers_is_the_same_as_if_begun_anew(
    story: list[tuple[list[int | VirtualServer], Network, list[tuple[int, Result]]]],
) -> None:
    judge, now = HealthJudge(), 100.0
    virtuals: list[VirtualServer] = []
    for wanted, network, results in story:
        # A number is a virtual server of the configuration before, the very object.
        known, virtuals = virtuals, []
        for block in wanted:
            if not isinstance(block, int):
                virtuals.append(block)
            elif known and all(known[block % len(known)] is not other for other in virtuals):
                virtuals.append(known[block % len(known)])
        now += 1
        config_now = replace(config(*virtuals), network=network)
        judge.apply_config(config_now, {}, now, CLOCK_S + now)
        for number, result in results:
            checks = list(judge.checks)
            if checks:
                judge.judge(checks[number % len(checks)], result, now)
        fresh = HealthJudge()
        fresh.apply_config(config_now, {}, now, CLOCK_S + now)
        assert set(judge.checks) == set(fresh.checks)
        assert users_of(judge) == users_of(fresh)
        every = [
            check for monitored in judge.virtuals.values() for s in monitored.servers if s for check in s.checks
        ]
        assert judge.pending == sum(check.last is None for check in every)
        assert judge.index.answering == sum(check.is_answered for check in every)


def users_of(judge: HealthJudge) -> dict[Check, list[tuple[object, object]]]:
    users = judge.index.users
    return {
        check: sorted((monitored.key.port, str(server.place)) for monitored, server, _ in users(check))
        for check in judge.checks
    }
