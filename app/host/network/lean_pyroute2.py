"""pyroute2's asyncio netlink socket, and its messages about interfaces and addresses, without the rest.

The package's own ``__init__`` imports everything there is, from nftables to an SQL database of the network, and
AsyncIPRoute every message of rtnetlink, such as those about packet schedulers. That takes four times as long as
the part used here. So this part is loaded into an empty package, which is then removed: a later
``import pyroute2`` gets all of it, this part included.
"""

import sys
from importlib.util import find_spec, module_from_spec

_PACKAGE = "pyroute2"


def _bare_package() -> bool:
    """Put a package without contents in place of pyroute2, unless that is loaded; return whether it was done."""
    spec = find_spec(_PACKAGE) if _PACKAGE not in sys.modules else None
    if spec is None:
        return False
    sys.modules[_PACKAGE] = module_from_spec(spec)
    return True


_is_bare = _bare_package()
try:
    from pyroute2 import netlink
    from pyroute2.netlink import nlmsg, rtnl
    from pyroute2.netlink.marshal import Marshal
    from pyroute2.netlink.nlsocket import AsyncNetlinkSocket
    from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
    from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
finally:
    if _is_bare:
        del sys.modules[_PACKAGE]

__all__ = ["AsyncNetlinkSocket", "Marshal", "ifaddrmsg", "ifinfmsg", "netlink", "nlmsg", "rtnl"]
