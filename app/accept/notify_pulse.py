"""Asks pulse to apply a saved change, and puts its answer into one sentence."""

from dataclasses import dataclass

from app.host.control_client import ControlBusy, ControlRefused, ControlUnreachable, ask
from app.lvs.reports.status import AppliedReport, StatusReport
from app.settings import Settings

ANSWER_WITHIN_S = 5.0
"""A server that is deactivated may take nearly a second to go, and new ones as long until they are checked."""


@dataclass(frozen=True, slots=True)
class ApplyOutcome:
    """`kind` is a note's: ok, info, warn or error."""

    kind: str
    text: str


def nudge(settings: Settings, serial_no: int) -> ApplyOutcome:
    """Ask pulse to read lvs.cf, and return the outcome for `serial_no`."""
    saved = f"saved {serial_no}"
    try:
        applied: AppliedReport | None = ask(
            settings.pulse_socket, "look", {"serial_no": serial_no}, ANSWER_WITHIN_S
        )
        if applied is not None and applied["serial_no"] >= serial_no:
            return _applied(saved, applied)
        report: StatusReport = ask(settings.pulse_socket, "status", {"positions": []})
    except ControlBusy as busy:
        return ApplyOutcome(
            "warn", f"{saved} · not confirmed as applied: {busy}. See CONTROL/MONITORING for the current state."
        )
    except ControlUnreachable:
        return ApplyOutcome("warn", f"{saved} · pulse is stopped: applied when it starts")
    except ControlRefused as refusal:
        return ApplyOutcome("error", f"{saved} · not applied: {refusal}")
    return _not_applied(saved, serial_no, report)


def _applied(saved: str, applied: AppliedReport) -> ApplyOutcome:
    done = f"{saved} · applied {applied['serial_no']}"
    remained = applied["remained"]
    if not remained:
        return ApplyOutcome("ok", done)
    more = f" (and {len(remained) - 1} more, see CONTROL/MONITORING)" if len(remained) > 1 else ""
    return ApplyOutcome("error", f"{done}, but incompletely: {remained[0]}{more}")


def _not_applied(saved: str, serial_no: int, report: StatusReport) -> ApplyOutcome:
    reasons = [problem["message"] for problem in report["refused"]] or report["trouble"]
    if reasons:
        return ApplyOutcome("error", f"{saved} · not applied: {reasons[0]}")
    applied = report["applied"]
    if applied is not None and applied["serial_no"] >= serial_no:
        return _applied(saved, applied)
    return ApplyOutcome("info", f"{saved} · pulse is still applying it, see CONTROL/MONITORING")
