"""The JSON objects the API answers with, as types; openapi.json is made from them. Times are epoch seconds."""

from typing import Literal, NotRequired, TypedDict

from app.lvs.reports.drift import KernelServiceReport, StepReport
from app.lvs.reports.status import RepairReport, ServerReport, ServiceReport


class ProblemDocument(TypedDict):
    """What the rules say; `path` is the place in the JSON of the configuration."""

    severity: str
    path: list[str | int]
    message: str


class ErrorDocument(TypedDict):
    """What was found and what to do. `problems` with 422, `serial_no` with 412, `id` names a line of the log."""

    error: str
    advice: str
    problems: NotRequired[list[ProblemDocument]]
    serial_no: NotRequired[int]
    id: NotRequired[str]


class SavedDocument(TypedDict):
    """What became of a change: the serial it got, and in `said` what pulse made of it within a second.

    `is_changed` false: it was so already, and the serial is the one it was. `outcome` ok: it is applied; info:
    not yet; warn: pulse is stopped; error: saved, but not applied, `said` says why. `id` is of what was added.
    """

    serial_no: int
    is_changed: bool
    outcome: Literal["ok", "info", "warn", "error"]
    said: str
    id: NotRequired[int]


class ServiceDocument(ServiceReport):
    """A service in the kernel; `virtual_id` is null for a foreign one, or while saved and applied differ."""

    virtual_id: int | None


class ServicesDocument(TypedDict):
    """`found` services have the name that was asked for; `services` are those from `offset` on."""

    read_at: float
    found: int
    services: list[ServiceDocument]


class ServerDocument(ServerReport):
    """A real server as its checks see it; the ids are null while saved and applied differ."""

    virtual_id: int | None
    server_id: int | None


class ServersDocument(TypedDict):
    found: int
    servers: list[ServerDocument]


class ForeignDocument(KernelServiceReport):
    """A service that no configuration of ours has named; `service` names it to POST /api/adopt."""

    service: str


class PlanDocument(TypedDict):
    """What pulse would do to the kernel now: `steps` in words and as ipvsadm commands, `commands` these alone.

    Both are empty when there is nothing to do. `repairs` were done.
    """

    commands: list[str]
    steps: list[StepReport]
    foreign: list[ForeignDocument]
    repairs: list[RepairReport]


class RevisionDocument(TypedDict):
    """One ACCEPT; `at` is in ISO 8601."""

    serial_no: int
    at: str
    author: str
    summary: str
    sha256: str


class HistoryDocument(TypedDict):
    """Newest first; `older` is what to ask as `before` for the next ones, null when there are none."""

    revisions: list[RevisionDocument]
    older: int | None
