"""What pulse says of a pair."""

from app.lvs.reports.pair import PairReport


def owner() -> PairReport:
    """Return what it says on the router that has the virtual IPs, while all is well."""
    return {
        "role": "owner",
        "side": "primary",
        "own": "192.168.26.2",
        "partner": "192.168.26.3",
        "since": 1764000000.0,
        "last": "this router has the virtual IPs: no other router claims them",
        "trouble": "",
        "heard_at": None,
        "takes_over_ms": 360,
        "has_stepped_back": False,
        "reaches": True,
        "strangers": [],
        "sync": {"role": "master", "trouble": ""},
        "owners": {
            "dispute": "",
            "since": 1764000000.0,
            "sentence": "",
            "own": True,
            "vrrp": False,
            "partner": None,
            "probe": False,
        },
        "story": [],
        "take_back": None,
        "switchable": {
            "is_checked": True,
            "obstacles": [],
            "is_final": False,
            "far": "1,290 of 1,300 connections",
        },
    }
