"""The web servers of the lab as pulse reports them."""

from app.lvs.reports.status import ServerReport, StatusReport

QUICK = ("     timeout = 2", "     reentry = 2")


WEB = ("web1", "web2", "web3")


def found(status: StatusReport, name: str) -> ServerReport:
    return next(server for server in status["servers"] if server["name"] == name)


def states(status: StatusReport) -> dict[str, str]:
    return {server["name"]: server["state"] for server in status["servers"]}


def weights(status: StatusReport) -> dict[str, int]:
    """Return the weight of each destination by the last part of its address."""
    return {
        destination["address"].replace(":", ".").rpartition(".")[2]: destination["weight"]
        for service in status["services"]
        for destination in service["destinations"]
    }
