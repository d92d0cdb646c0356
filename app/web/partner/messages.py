"""The state of the two routers in sentences: for the banner, for CONTROL and for the page PARTNER."""

from dataclasses import dataclass

from app.lvs.reports.pair import PairReport
from app.lvs.reports.partner import PartnerReport, RouterReport
from app.web.frame.badges import DOWN, INFO, UP, WARN, Badge
from app.web.frame.filters import duration
from app.web.status.partner_client import PartnerSeen

LIVE_S = 5.0
CLOCKS_APART_S = 2.0
OWNERS = {"two": "split brain", "nobody": "no owner"}
"""The badge text while the virtual IPs are not on exactly one router."""
_BADGE_KINDS = {"ok": UP, "info": INFO, "warn": WARN, "error": DOWN}


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One sentence; `kind` is that of a note, `word` the text of its badge. `is_banner`: every page shows it."""

    kind: str
    word: str
    text: str
    is_banner: bool = True

    @property
    def badge(self) -> Badge:
        """The same as a badge."""
        return Badge(_BADGE_KINDS[self.kind], self.word)


@dataclass(frozen=True, slots=True)
class PartnerMessage:
    """An event of the pair, as one router reported it; `at` is by the clock of that router."""

    at: float
    who: str
    text: str


def pair_history(ours: RouterReport, theirs: RouterReport | None) -> list[PartnerMessage]:
    """Return the events of the pair, newest first; the same on both routers while they hear each other."""
    events = [
        PartnerMessage(line["at"], version["name"], line["text"])
        for version in (ours, theirs)
        if version is not None
        for line in version["story"]
    ]
    return sorted(events, key=lambda event: (event.at, event.who), reverse=True)


def is_live(report: PartnerReport) -> bool:
    """Return whether what the report says about the other router is current."""
    return report["heard_at"] is not None and report["now"] - report["heard_at"] < LIVE_S


def lines(seen: PartnerSeen) -> list[MessageLine]:
    """Return the messages, most severe first; none without a partner."""
    partner, report = seen.partner, seen.report
    if partner is None:
        return []
    if report is None:
        return [
            MessageLine(
                "warn",
                "unknown",
                f"Changes are not sent to {partner.name}, and its state is unknown. {seen.silence}.",
            )
        ]
    found = [*_apart(partner.name, report), *_unheard(partner.name, report)]
    if is_live(report):
        found += _differing(partner.name, report)
    return found or [_agreed(partner.name, report)]


def owners_line(pair: PairReport | None) -> list[MessageLine]:
    """Return the problem with the ownership of the virtual IPs, as pulse sees it; none: one router owns them."""
    if pair is None or not pair["owners"]["dispute"]:
        return []
    return [MessageLine("error", OWNERS[pair["owners"]["dispute"]], pair["owners"]["sentence"])]


def _apart(name: str, report: PartnerReport) -> list[MessageLine]:
    if report["standing"] == "diverged":
        text = (
            f"This router and {name} were both edited while they could not reach each other. "
            "Neither configuration is overwritten: choose one of them."
        )
        return [MessageLine("error", "two configurations", text)]
    theirs = report["theirs"]
    if is_live(report) and theirs is not None and theirs["dispute"] in OWNERS and not report["ours"]["dispute"]:
        owner = "another machine also owns" if theirs["dispute"] == "two" else "no router owns"
        text = f"{name} reports that {owner} the virtual IPs; this router does not see that."
        return [MessageLine("error", OWNERS[theirs["dispute"]], text)]
    if report["refused"]:
        return [
            MessageLine(
                "error", "different", f"The last change is on one of the two routers only. {report['refused']}"
            )
        ]
    return []


def _unheard(name: str, report: PartnerReport) -> list[MessageLine]:
    there, here = report["there"], report["here"]
    if not is_live(report):
        heard_at = report["heard_at"]
        ago = f"for {duration(report['now'] - heard_at)}" if heard_at is not None else "since this process started"
        text = f"{name} has not been heard from {ago}; changes are sent when it is back. {there['why']}"
        return [MessageLine("warn", "silent", text)]
    if not there["is_up"]:
        return [
            MessageLine("warn", "one way", f"{name} can reach this router, but not vice versa. {there['why']}")
        ]
    if not here["is_up"]:
        return [MessageLine("warn", "one way", f"This router can reach {name}, but not vice versa. {here['why']}")]
    return []


def _differing(name: str, report: PartnerReport) -> list[MessageLine]:
    found: list[MessageLine] = []
    theirs, ours, clock_s = report["theirs"], report["ours"], report["clock_s"]
    if report["standing"] in ("ahead", "behind") and not report["refused"]:
        where = f"to {name}" if report["standing"] == "ahead" else f"from {name}"
        found.append(MessageLine("info", "in transit", f"A change is on its way {where}.", is_banner=False))
    if theirs is not None and theirs["applied"] is None:
        found.append(
            MessageLine("warn", "pulse silent", f"pulse does not answer on {name}: {name} could not take over.")
        )
    if clock_s is not None and abs(clock_s) >= CLOCKS_APART_S:
        found.append(
            MessageLine(
                "warn",
                "clocks apart",
                f"The clocks of the two routers are {duration(abs(clock_s))} apart.",
                is_banner=False,
            )
        )
    if report["different"]:
        count = report["different"]
        servers = "real server" if count == 1 else "real servers"
        text = f"The health checks of {name} give a different result for {count} {servers}."
        found.append(MessageLine("info", "results differ", text, is_banner=False))
    if theirs is not None and theirs["version"] != ours["version"]:
        text = f"{name} runs Palometa {theirs['version']}, this router {ours['version']}."
        found.append(MessageLine("info", "versions differ", text, is_banner=False))
    return found


def _agreed(name: str, report: PartnerReport) -> MessageLine:
    if report["standing"] == "agreed":
        return MessageLine("ok", "in sync", f"{name} has the same configuration.", is_banner=False)
    return MessageLine("info", "comparing", f"Comparing configurations with {name}.", is_banner=False)
