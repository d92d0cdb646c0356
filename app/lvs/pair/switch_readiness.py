"""Whether a router that stands by knows the connections of the one that has the virtual IPs, by their numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.lvs.reports.partner import PartnerSummary


TOLERATED_OF = 10
"""One connection in so many may be missing: the kernel reports none before it has had a few packets, and within
two seconds, and each of the two forgets by its own timers."""
TOLERATED = 3


def is_in_step(standby: int | None, owner: int | None) -> bool | None:
    """Return whether `standby` connections are as good as those of the `owner`; None: one of them is not known."""
    if standby is None or owner is None:
        return None
    return standby >= owner - max(TOLERATED, owner // TOLERATED_OF)


def how_far(standby: int | None, owner: int | None) -> str:
    """Return in words how far it is."""
    if standby is None or owner is None:
        return "an unknown number of connections"
    return f"{standby:,} of {owner:,} connections"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason not to switch. `is_final`: with it nobody would have the virtual IPs."""

    text: str
    is_final: bool = False


def obstacles(
    word: "PartnerSummary | None", partner: str, connections: int | None, *, syncs: bool
) -> list[Obstacle]:
    """Return what keeps the router at address `partner` from taking over well; `word` None: it is not heard.

    `connections` are those this router knows; with `syncs` the partner is to know them too.
    """
    if word is None:
        return [Obstacle(f"{partner} is not reachable over the partner connection: its state is unknown.")]
    if word["applied"] is None:
        return [
            Obstacle(f"pulse on {partner} does not answer: no router would own the virtual IPs.", is_final=True)
        ]
    if word["role"] != "standby":
        return [Obstacle(f"{partner} is not on standby: its role is {word['role'] or 'none'}.", is_final=True)]
    if word["hears_owner"] is False:
        text = (
            f"{partner} does not receive this router's advertisements and would not notice that "
            "it should take over."
        )
        return [Obstacle(text, is_final=True)]
    found = []
    if not word["is_same"]:
        found.append(Obstacle(f"{partner} has a different configuration."))
    if syncs and word["sync"] != "backup":
        found.append(Obstacle(f"The sync daemon of {partner} does not receive connections: they would be lost."))
    elif syncs and not is_in_step(word["connections"], connections):
        found.append(
            Obstacle(f"{partner} knows {how_far(word['connections'], connections)}: the others would be lost.")
        )
    return found
