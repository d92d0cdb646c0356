"""What a partner reports that is ready to take over."""

from app.lvs.reports.partner import PartnerSummary

READY: PartnerSummary = {
    "name": "lvs2",
    "role": "standby",
    "has_addresses": False,
    "applied": 7,
    "sync": "backup",
    "connections": 95,
    "is_same": True,
    "hears_owner": True,
    "reaches": True,
    "ago_s": 0.5,
}
