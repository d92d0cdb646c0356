"""How it stands between the two routers, in sentences: for the banner, for CONTROL, for the page PARTNER."""

from dataclasses import dataclass

from app.lvs.reports.pair import PairReport
from app.lvs.reports.partner import OneRouter, PartnerReport
from app.web.frame.filters import duration
from app.web.status.partner_client import PartnerSeen

LIVE_S = 5.0
CLOCKS_APART_S = 2.0
OWNERS = {"two": "two owners", "nobody": "no owner"}
"""What the badge says where the virtual IPs are not on one router."""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One sentence; `kind` is a note's and `word` a badge's. `is_banner`: every page shows it."""

    kind: str
    word: str
    text: str
    is_banner: bool = True


@dataclass(frozen=True, slots=True)
class PartnerMessage:
    """Something that happened, as one router told it; `at` by the clock of that one."""

    at: float
    who: str
    text: str


def told_by_both(ours: OneRouter, theirs: OneRouter | None) -> list[PartnerMessage]:
    """Return what happened to the pair, the last first; the same on both routers while they hear each other."""
    told = [
        PartnerMessage(line["at"], version["name"], line["text"])
        for version in (ours, theirs)
        if version is not None
        for line in version["story"]
    ]
    return sorted(told, key=lambda line: (line.at, line.who), reverse=True)


def is_live(report: PartnerReport) -> bool:
    """Whether what the report says of the other router is how it is now."""
    return report["heard_at"] is not None and report["now"] - report["heard_at"] < LIVE_S


def lines(seen: PartnerSeen) -> list[MessageLine]:
    """Return what is to be said, the gravest first; nothing where there is no partner."""
    partner, report = seen.partner, seen.report
    if partner is None:
        return []
    if report is None:
        return [
            MessageLine(
                "warn",
                "not known",
                f"Changes do not go to {partner.name}, and nothing is known of it. {seen.silence}.",
            )
        ]
    said = [*_apart(partner.name, report), *_unheard(partner.name, report)]
    if is_live(report):
        said += _differing(partner.name, report)
    return said or [_agreed(partner.name, report)]


def owners_line(pair: PairReport | None) -> list[MessageLine]:
    """Return what is wrong with who has the virtual IPs, as pulse sees it; nothing: one router has them."""
    if pair is None or not pair["owners"]["dispute"]:
        return []
    return [MessageLine("error", OWNERS[pair["owners"]["dispute"]], pair["owners"]["sentence"])]


def _apart(name: str, report: PartnerReport) -> list[MessageLine]:
    if report["standing"] == "diverged":
        text = (
            f"This router and {name} were both edited while they did not hear each other. Neither "
            "configuration is "
            "overwritten: choose one."
        )
        return [MessageLine("error", "two configurations", text)]
    theirs = report["theirs"]
    if is_live(report) and theirs is not None and theirs["dispute"] in OWNERS and not report["ours"]["dispute"]:
        what = "another machine has them too" if theirs["dispute"] == "two" else "nobody has them"
        text = f"{name} says of the virtual IPs that {what}; this router does not see that."
        return [MessageLine("error", OWNERS[theirs["dispute"]], text)]
    if report["refused"]:
        return [
            MessageLine(
                "error", "not the same", f"The last change is on one of the two routers only. {report['refused']}"
            )
        ]
    return []


def _unheard(name: str, report: PartnerReport) -> list[MessageLine]:
    there, here = report["there"], report["here"]
    if not is_live(report):
        heard_at = report["heard_at"]
        ago = f"for {duration(report['now'] - heard_at)}" if heard_at is not None else "since this process started"
        text = f"{name} has not been heard {ago}; a change is sent when it is back. {there['why']}"
        return [MessageLine("warn", "not heard", text)]
    if not there["is_up"]:
        return [
            MessageLine(
                "warn", "one way", f"{name} reaches this router, but not the other way round. {there['why']}"
            )
        ]
    if not here["is_up"]:
        return [
            MessageLine(
                "warn", "one way", f"This router reaches {name}, but not the other way round. {here['why']}"
            )
        ]
    return []


def _differing(name: str, report: PartnerReport) -> list[MessageLine]:
    said: list[MessageLine] = []
    theirs, ours, clock_s = report["theirs"], report["ours"], report["clock_s"]
    if report["standing"] in ("ahead", "behind") and not report["refused"]:
        where = f"to {name}" if report["standing"] == "ahead" else f"from {name}"
        said.append(MessageLine("info", "on its way", f"A change is on its way {where}.", is_banner=False))
    if theirs is not None and theirs["applied"] is None:
        said.append(
            MessageLine("warn", "pulse silent", f"pulse does not answer on {name}: it could not take over.")
        )
    if clock_s is not None and abs(clock_s) >= CLOCKS_APART_S:
        said.append(
            MessageLine(
                "warn",
                "clocks apart",
                f"The clocks of the two routers are {duration(abs(clock_s))} apart.",
                is_banner=False,
            )
        )
    if report["different"]:
        count = report["different"]
        servers = "real server is" if count == 1 else "real servers are"
        text = f"{count} {servers} judged differently by {name}."
        said.append(MessageLine("info", "other verdicts", text, is_banner=False))
    if theirs is not None and theirs["version"] != ours["version"]:
        text = f"{name} runs Palometa {theirs['version']}, this router {ours['version']}."
        said.append(MessageLine("info", "two versions", text, is_banner=False))
    return said


def _agreed(name: str, report: PartnerReport) -> MessageLine:
    if report["standing"] == "agreed":
        return MessageLine("ok", "agreed", f"{name} has the same configuration.", is_banner=False)
    return MessageLine("info", "asking", f"{name} is being asked what it has.", is_banner=False)
