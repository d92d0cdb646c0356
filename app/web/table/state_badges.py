"""The states of the routing table's rows in words: which badge each has, and what it means."""

BADGES = {
    "up": ("up", "up", "may have clients"),
    "part": ("warn", "part", "some of its servers do not serve"),
    "down": ("down", "down", "its checks fail"),
    "held": ("warn", "held out", "it is well, and kept out"),
    "drain": ("info", "drain", "no new clients; open connections go on"),
    "maintenance": ("warn", "maintenance", "taken out by hand"),
    "unknown": ("off", "not known yet", "no check has ended yet"),
    "stale": ("off", "stale", "a check has not been run for too long"),
    "unchecked": ("off", "not checked", "nothing can be asked of it, so it counts as up"),
    "empty": ("warn", "empty", "no active server"),
    "missing": ("down", "missing", "it ought to be in the kernel and is not; see CONTROL above"),
    "off": ("off", "deactivated", "it is down in the configuration"),
    "sorry": ("warn", "sorry server", "it serves while the quorum is lost"),
    "foreign": ("off", "not ours", "No configuration of this director named it: it is shown and left alone."),
}
"""Kind, text and meaning of the badge of each state."""

DOWN_OF_SERVICE = "none of its servers serves"


def state_badge(state: str, *, is_service: bool = False) -> tuple[str, str, str]:
    """Return kind, text and meaning of a state's badge; one of a newer pulse is shown as it is."""
    if is_service and state == "down":
        return "down", "down", DOWN_OF_SERVICE
    return BADGES.get(state, ("off", state, ""))
