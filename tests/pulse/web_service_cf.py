"""An lvs.cf of one service on the web servers of the lab."""

from lab.network import VIRTUAL4


def lvs_cf(
    serial: int,
    *more: str,
    address: str = f"{VIRTUAL4} eth0:1",
    network: str = "direct",
    servers: int = 3,
    scheduler: str = "rr",
    subnet: str = "10.36.0.1",
) -> str:
    """Return a configuration with one service on the web servers; `more` are lines of its block."""
    lines = [
        f"serial_no = {serial}",
        f"network = {network}",
        "virtual WEB {",
        "     active = 1",
        f"     address = {address}",
        "     port = 80",
        f"     scheduler = {scheduler}",
        *more,
    ]
    for number in range(1, servers + 1):
        lines += [
            f"     server web{number} {{",
            f"         address = {subnet}{number}",
            "         active = 1",
            "     }",
        ]
    return "\n".join([*lines, "}", ""])
