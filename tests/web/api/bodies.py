"""A valid body for each schema that an endpoint of the API takes."""

from typing import Any

Document = dict[str, Any]
BODIES: dict[str, Document] = {
    "Config": {"virtual": [{"name": "x", "server": []}]},
    "NewVirtualServer": {"name": "x", "server": [{"name": "y"}]},
    "VirtualServer": {"name": "x"},
    "VirtualServerPatch": {"timeout": 9},
    "NewRealServer": {"name": "y"},
    "RealServer": {"name": "y"},
    "RealServerPatch": {"weight": 2},
    "Weight": {"weight": 3},
    "Order": {"reason": "disks"},
    "Adopted": {"service": "tcp 192.168.26.99:99", "name": "found", "address": "192.168.26.99 eth0:1"},
    "Nothing": {},
}
