"""The JSON objects the API answers with, as types; openapi.json is made from them. Times are epoch seconds."""

from typing import Literal, NotRequired, TypedDict

from app.lvs.reports.drift import KernelServiceReport, StepReport
from app.lvs.reports.status import RepairReport, ServerReport, ServiceReport


class ProblemDocument(TypedDict):
    """A problem found by the rules; `path` is its place in the JSON of the configuration."""

    severity: str
    path: list[str | int]
    message: str


class ErrorDocument(TypedDict):
    """What is wrong and what to do. `problems` comes with 422, `serial_no` with 412, `id` names a log line."""

    error: str
    advice: str
    problems: NotRequired[list[ProblemDocument]]
    serial_no: NotRequired[int]
    id: NotRequired[str]


class SavedDocument(TypedDict):
    """The outcome of a change: its serial, and in `said` what pulse did with it within a second.

    `is_changed` false: nothing differed, and the serial is unchanged. `outcome` ok: applied; info: not yet;
    warn: pulse is stopped; error: saved but not applied, see `said`. `id` is that of the new object.
    """

    serial_no: int
    is_changed: bool
    outcome: Literal["ok", "info", "warn", "error"]
    said: str
    id: NotRequired[int]


class ServiceDocument(ServiceReport):
    """A service in the kernel; `virtual_id` is null if it is unmanaged, or while saved and applied differ."""

    virtual_id: int | None


class ServicesDocument(TypedDict):
    """`found` is the number of matching services; `services` are those from `offset` on."""

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
    """An unmanaged service: no configuration of ours has named it; `service` is its name for POST /api/adopt."""

    service: str


class PlanDocument(TypedDict):
    """What pulse would change in the kernel now: `steps` as text and ipvsadm commands, `commands` the latter.

    Both are empty when there is nothing to do. `repairs` are changes already made.
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
    """Newest first; `older` is the value of `before` for the next page, null at the end."""

    revisions: list[RevisionDocument]
    older: int | None
