"""Every badge of the pages: the look, the text and the meaning of each state, role and kind of event.

A word that a newer pulse sends and this table does not know gets a grey badge with that word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask import Flask

UNKNOWN = "–"


class BadgeKind(StrEnum):
    """The look of a badge; the value is its CSS class."""

    UP = "up"
    DOWN = "down"
    WARN = "warn"
    INFO = "info"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Badge:
    """A short text with a look; `meaning` is its tooltip."""

    kind: BadgeKind
    text: str
    meaning: str = ""


UP, DOWN, WARN, INFO, OFF = BadgeKind

STATES: Mapping[str, Badge] = {
    "up": Badge(UP, "up", "in rotation"),
    "part": Badge(WARN, "partly up", "some of its servers are out of rotation"),
    "down": Badge(DOWN, "down", "its health checks fail"),
    "held": Badge(WARN, "held out", "healthy, but held out by a policy"),
    "drain": Badge(INFO, "drain", "no new clients; open connections continue"),
    "maintenance": Badge(WARN, "maintenance", "taken out of rotation by an administrator"),
    "unknown": Badge(OFF, "not known yet", "no health check has finished yet"),
    "stale": Badge(OFF, "stale", "a health check has not run, or could not be run, for too long"),
    "idle": Badge(OFF, "weight 0", "its checks pass, but its weight in the kernel is 0: it gets no new clients"),
    "unchecked": Badge(OFF, "not checked", "no health check applies, so it counts as up"),
    "standby": Badge(INFO, "standby", "ready here; its virtual IP is on the other router, or should be"),
    "unreachable": Badge(DOWN, "unreachable", "its virtual IP is not up; see below"),
    "empty": Badge(WARN, "empty", "no real server is active"),
    "missing": Badge(DOWN, "missing", "it should be in the kernel but is not; see CONTROL above"),
    "off": Badge(OFF, "deactivated", "deactivated in the configuration"),
    "sorry": Badge(WARN, "sorry server", "it serves clients while the quorum is lost"),
    "foreign": Badge(OFF, "unmanaged", "not from a configuration of this director; displayed and left alone"),
}
"""Of a service, a real server, a health check: what is stale or not known is grey, never green."""
SERVICE_DOWN = Badge(DOWN, "down", "none of its servers is in rotation")

EVENTS: Mapping[str, Badge] = {
    "up": Badge(UP, "in rotation"),
    "down": Badge(DOWN, "out of rotation"),
    "suspicion": Badge(WARN, "isolated"),
    "trust": Badge(INFO, "recovered"),
    "degraded": Badge(WARN, "slow"),
    "normal": Badge(UP, "responsive again"),
    "quorum-lost": Badge(DOWN, "quorum lost"),
    "quorum": Badge(UP, "quorum regained"),
    "held": Badge(WARN, "held"),
    "admin": Badge(INFO, "administrator"),
    "unasked": Badge(WARN, "not checked"),
    "asked": Badge(INFO, "checked again"),
    "missing": Badge(DOWN, "not in the kernel"),
    "entered": Badge(UP, "in the kernel"),
    "address": Badge(WARN, "address"),
    "pair": Badge(INFO, "pair"),
    "undelivered": Badge(WARN, "notification failed"),
}
OTHER_EVENT = Badge(OFF, "event")

ROLES: Mapping[str, Badge] = {
    "owner": Badge(UP, "owns the virtual IPs"),
    "standby": Badge(INFO, "on standby"),
    "fault": Badge(DOWN, "cannot take over"),
    "starting": Badge(WARN, "starting"),
    "alone": Badge(WARN, "without keepalived"),
    "off": Badge(OFF, "second router, disabled"),
    "unplaced": Badge(DOWN, "not part of the pair"),
}
RELATIONS: Mapping[str, Badge] = {
    "agreed": Badge(UP, "the same on both"),
    "ahead": Badge(INFO, "ours is newer"),
    "behind": Badge(INFO, "theirs is newer"),
    "diverged": Badge(DOWN, "diverged", "both were edited, and neither is newer"),
}
"""How the configurations of the two routers of a pair relate."""
SYNC_DAEMONS: Mapping[str, Badge] = {
    "master": Badge(UP, "sends"),
    "backup": Badge(UP, "receives"),
    "failed": Badge(DOWN, "not running"),
}
ADDRESSES: Mapping[str, BadgeKind] = {"up": UP, "standby": INFO, "unknown": OFF}
"""Of a virtual IP; any other state is a problem, and what is not known is grey."""
DECIDERS: Mapping[str, Badge] = {
    "template": Badge(INFO, "template"),
    "hash": Badge(INFO, "hash"),
    "scheduler": Badge(OFF, "scheduler"),
    "nobody": Badge(DOWN, "no server"),
}
"""What decides which server gets the next connection of a client."""


def state_badge(state: str, *, is_service: bool = False) -> Badge:
    """Return the badge of a state of a service, a real server or a health check; empty: not known."""
    if is_service and state == "down":
        return SERVICE_DOWN
    return STATES.get(state, Badge(OFF, state or UNKNOWN))


def event_badge(kind: str) -> Badge:
    """Return the badge of a kind of event."""
    return EVENTS.get(kind, OTHER_EVENT)


def role_badge(role: str) -> Badge:
    """Return the badge of a router's role in its pair."""
    return ROLES.get(role, Badge(OFF, role))


def relation_badge(relation: str) -> Badge:
    """Return the badge of how the configuration here relates to the partner's."""
    return RELATIONS.get(relation, Badge(OFF, relation))


def sync_badge(role: str) -> Badge:
    """Return the badge of a sync daemon: its role in the kernel, "failed", or empty where none should run."""
    return SYNC_DAEMONS.get(role, Badge(OFF, role or UNKNOWN))


def address_badge(state: str) -> Badge:
    """Return the badge of a virtual IP's state."""
    return Badge(ADDRESSES.get(state, DOWN), state)


def decider_badge(why: str) -> Badge:
    """Return the badge of what decides where a client goes next."""
    return DECIDERS.get(why, Badge(OFF, why))


def verdict_badge(verdict: str) -> Badge:
    """Return the badge of a router's verdict on a real server: "up", "down, ...", or another word; empty: none."""
    if verdict == "up":
        return Badge(UP, verdict)
    return Badge(DOWN if verdict.startswith("down") else OFF, verdict or UNKNOWN)


def install(app: Flask) -> None:
    """Make the badges known to the templates of `app`."""
    for function in (
        state_badge,
        event_badge,
        role_badge,
        relation_badge,
        sync_badge,
        address_badge,
        decider_badge,
        verdict_badge,
    ):
        app.add_template_global(function)
