"""What a partner reports."""

from app.lvs.reports.partner import PartnerSummary

WORD: PartnerSummary = {
    "name": "lvs2",
    "role": "standby",
    "has_addresses": False,
    "applied": 7,
    "sync": "backup",
    "connections": 12,
    "is_same": True,
    "hears_owner": False,
    "reaches": True,
    "ago_s": 0.5,
}
