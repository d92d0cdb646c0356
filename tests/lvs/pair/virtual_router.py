"""The virtual router of a pair as each of the two gives it to keepalived."""

from dataclasses import replace
from ipaddress import ip_address

from app.lvs.pair.membership import Side
from app.lvs.pair.vrrp import PRIORITIES, Vrrp

PRIMARY = Vrrp(
    router_id=36,
    priority=PRIORITIES[Side.PRIMARY],
    advert_ms=100,
    is_preempting=False,
    preempt_delay_s=0,
    interface="eth0",
    own=ip_address("192.0.2.1"),
    peer=ip_address("192.0.2.2"),
    is_unicast=True,
    tracked=(),
)
BACKUP = replace(PRIMARY, priority=PRIORITIES[Side.BACKUP], own=PRIMARY.peer, peer=PRIMARY.own)
