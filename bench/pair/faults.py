"""The faults of a pair, and how the lab causes and ends them."""

import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from bench.pair.course import Contender, Fault, Scene, Takes
from bench.pair.ours import WITHDRAWS, OurPair
from bench.pair.plain import PlainRouter
from lab.network import CLIENT, DIRECTOR, DIRECTOR2

YEAR_S = 31_536_000
HOUR_S = 3600
ROUTER_ID = "36"
ANSWERS_MEANWHILE = 8
SWITCH = "planned switch"
_KEEPALIVED_KILLED = "keepalived killed (SIGKILL, all processes)"
_POWER_LOST = "power loss of the owner"
_EDITED = "configuration of the second edited, and keepalived on the first killed at the same time"
KILLED = (_KEEPALIVED_KILLED, _POWER_LOST, _EDITED)


def _switch(scene: Scene) -> None:
    scene.pair.switch()


def _stop(scene: Scene) -> None:
    scene.pair.first.stop()


def _kill_keepalived(scene: Scene) -> None:
    # Stopped first: processes that survive a moment longer would send a farewell advertisement.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        scene.pair.first.signal_keepalived(number)


def _start_again(scene: Scene) -> None:
    # Nothing restarts plain keepalived; pulse has already restarted its own.
    first = scene.pair.first
    if isinstance(first, PlainRouter):
        first.start()


def _hang_keepalived(scene: Scene) -> None:
    scene.pair.first.signal_keepalived(signal.SIGSTOP)


def _wake_keepalived(scene: Scene) -> None:
    # The hung processes may have been replaced.
    with suppress(OSError, ValueError, subprocess.CalledProcessError):
        scene.pair.first.signal_keepalived(signal.SIGCONT)


def _kill_pulse(scene: Scene) -> None:
    assert isinstance(scene.pair, OurPair)  # noqa: S101 - a fault of ours only
    scene.pair.first.kill()


def _signal_pulse(scene: Scene, number: signal.Signals) -> None:
    assert isinstance(scene.pair, OurPair)  # noqa: S101 - a fault of ours only
    process = scene.pair.first.process
    assert process is not None  # noqa: S101 - it was started
    process.send_signal(number)


def _lose_power(scene: Scene) -> None:
    scene.pair.first.lose_power()


def _get_power(scene: Scene) -> None:
    scene.pair.first.get_power()
    scene.pair.first.start()


def _reboot_both(scene: Scene) -> float:
    for router in scene.pair.directors:
        router.lose_power()
    for router in scene.pair.directors:
        router.get_power()
    since = time.time()
    with ThreadPoolExecutor() as both:
        list(both.map(lambda router: router.start(), scene.pair.directors))
    return since


def _rogue(scene: Scene) -> None:
    source = str(CLIENT.legs[0].ipv4)
    victims = [str(node.legs[0].ipv4) for node in (DIRECTOR, DIRECTOR2)]
    command = [
        "python",
        "-m",
        "tests.pulse.two_directors.rogue_router",
        ROUTER_ID,
        source,
        scene.pair.marker,
        *victims,
    ]
    scene.pair.cluster.run(CLIENT.name, command)


def _jump(scene: Scene) -> None:
    begun, now = time.monotonic(), time.clock_gettime(time.CLOCK_REALTIME)
    try:
        for by_s in (YEAR_S, -HOUR_S):
            time.clock_settime(time.CLOCK_REALTIME, now + by_s)
            _wait_for_answers(scene)
    finally:
        time.clock_settime(time.CLOCK_REALTIME, now + time.monotonic() - begun)


def _wait_for_answers(scene: Scene) -> None:
    enough = scene.asking.answered() + ANSWERS_MEANWHILE
    scene.pair.until(lambda: scene.asking.answered() > enough, "requests are answered")


def _edit_and_kill(scene: Scene) -> None:
    scene.pair.edit_backup()
    _kill_keepalived(scene)


def _undo_edit_and_start(scene: Scene) -> None:
    scene.pair.undo_edit()
    _start_again(scene)


def _part(scene: Scene) -> None:
    scene.pair.cluster.part_directors()


def _join(scene: Scene) -> None:
    scene.pair.cluster.join_directors()


def _of_partners(name: str, strike: Callable[[Scene], None], heal: Callable[[Scene], None]) -> Fault:
    """Return a fault for Palometa only: its routers are partners over a network that still works."""
    return Fault(name, Takes.SECOND, strike, heal, lasts_s=8, times=3, of="Palometa", is_linked=True)


FAULTS = (
    Fault(SWITCH, Takes.SECOND, _switch, times=5),
    Fault("pulse or keepalived stopped (SIGTERM)", Takes.SECOND, _stop, times=3, more=WITHDRAWS),
    Fault("pulse stopped, with `on_stop = keep`", Takes.NONE, _stop, lasts_s=2, of="Palometa"),
    Fault(_KEEPALIVED_KILLED, Takes.EITHER, _kill_keepalived, _start_again, lasts_s=6, times=3),
    Fault("pulse killed (SIGKILL)", Takes.NONE, _kill_pulse, lasts_s=2, of="Palometa"),
    Fault(_POWER_LOST, Takes.SECOND, _lose_power, _get_power, lasts_s=2, times=3),
    Fault("keepalived hangs (SIGSTOP)", Takes.SECOND, _hang_keepalived, _wake_keepalived, lasts_s=8),
    Fault(
        "pulse hangs (SIGSTOP)",
        Takes.NONE,
        lambda scene: _signal_pulse(scene, signal.SIGSTOP),
        lambda scene: _signal_pulse(scene, signal.SIGCONT),
        lasts_s=8,
        of="Palometa",
    ),
    Fault(
        "carrier lost",
        Takes.SECOND,
        lambda scene: scene.pair.cluster.cut_off(DIRECTOR.name),
        lambda scene: scene.pair.cluster.plug_in_again(DIRECTOR.name),
        lasts_s=3,
        times=2,
    ),
    Fault("no traffic between the two", Takes.SECOND, _part, _join, lasts_s=8, times=3, is_unknowable=True),
    _of_partners("no traffic between the two, which are partners over another network", _part, _join),
    _of_partners(
        "no traffic to or from the first, whose link stays up; also partners",
        lambda scene: scene.pair.cluster.isolate(DIRECTOR.name),
        lambda scene: scene.pair.cluster.let_in_again(DIRECTOR.name),
    ),
    Fault(
        "the second does not hear the first, but the first hears it",
        Takes.SECOND,
        lambda scene: scene.pair.cluster.deafen(DIRECTOR2.name, DIRECTOR.name),
        lambda scene: scene.pair.cluster.hear_again(DIRECTOR.name),
        lasts_s=8,
    ),
    Fault(
        "interface deleted and created again",
        Takes.SECOND,
        lambda scene: scene.pair.cluster.delete_interface(DIRECTOR.name, "eth0"),
        lambda scene: scene.pair.cluster.make_interface(DIRECTOR.name, "eth0"),
        lasts_s=3,
    ),
    Fault("power loss of both, started at the same time", Takes.EITHER, _reboot_both),
    Fault("the clock jumps a year forward, then an hour back", Takes.NONE, _jump),
    Fault("an unknown router advertises priority 254 for 3 s", Takes.NONE, _rogue),
    Fault(_EDITED, Takes.EITHER, _edit_and_kill, _undo_edit_and_start, lasts_s=6),
)


def of_contender(pair: Contender) -> list[Fault]:
    """Return the faults that apply to `pair`."""
    return [fault for fault in FAULTS if fault.of in ("", pair.name)]
