"""Whether a router that stands by knows the connections of the one that has the virtual IPs, by their numbers."""

TOLERATED_OF = 10
"""One connection in so many may be missing: the kernel tells of none before it has had a few packets, and within
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
        return "how many connections each knows is not known"
    return f"{standby:,} of {owner:,} connections"
