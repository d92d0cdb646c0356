"""The one table of the API: routes, scopes and openapi.json are made from it."""

from app.lvs.reports.connections import ROWS_MAX
from app.store import Scope
from app.web.api import openapi
from app.web.api.endpoint import ApiEndpoint, Parameter
from app.web.api.resources import (
    actions,
    adoption,
    configuration,
    connections,
    live,
    metrics,
    past,
    real_servers,
    virtual_servers,
)
from app.web.live.connections import FILTER_MAX

READ, OPERATE, ADMIN = Scope.READ, Scope.OPERATE, Scope.ADMIN
TEXT = "text/plain"
VIRTUAL = "/api/virtual"
ONE_VIRTUAL = "/api/virtual/{virtual_id}"
REAL = "/api/virtual/{virtual_id}/real"
ONE_REAL = "/api/virtual/{virtual_id}/real/{server_id}"

WRITES = (409, 503, 507)
ADDS = (400, 413, 415, 422, *WRITES)
CHANGES = (*ADDS, 412, 428)

NAME = Parameter(name="name", schema={"type": "string"}, about="The name of a virtual server.")


def _whole(name: str, high: int, about: str) -> Parameter:
    return Parameter(name=name, schema={"type": "integer", "minimum": 0, "maximum": high}, about=about)


def _text(name: str, about: str) -> Parameter:
    return Parameter(name=name, schema={"type": "string", "maxLength": past.TEXT_MAX}, about=about)


def _time(name: str, about: str) -> Parameter:
    return Parameter(name=name, schema={"type": "number"}, about=f"{about}, in seconds since 1970.")


EVENTS = (
    _time("since", "Later than this time"),
    _time("until", "Not later than this time"),
    _text("kind", "Of this kind, such as down."),
    _text("virtual", "Of the virtual server of this name."),
    _text("server", "Of the real server of this name."),
    _text("text", "Containing all of these words."),
)
TRAFFIC = (
    _text("service", "Of this service, as tcp 192.0.2.1:80; without it, of the director."),
    _text("server", "Of this real server of the service, as 192.0.2.2:80."),
    _whole("span_s", past.SPAN_MAX_S, "The period in seconds; longer periods have longer steps."),
)
AT = Parameter(
    name="at",
    schema={"type": "number", "minimum": 0, "maximum": past.AT_MAX},
    about="The time, in seconds since 1970; without it, now.",
)
SERVICES = (
    NAME,
    _whole("offset", live.NUMBER_MAX, "The number of entries to skip."),
    _whole("limit", live.SERVICES_MAX, "The maximum number of entries."),
)
HISTORY = (
    _whole("before", live.NUMBER_MAX, "Older than this serial."),
    _whole("limit", live.HISTORY_MAX, "The maximum number of entries."),
)
CONNECTIONS = (
    *(
        Parameter(name=name, schema={"type": "string", "maxLength": FILTER_MAX}, about=about)
        for name, about in (
            ("service", "Of this service: tcp 192.0.2.1:80, fwm 5."),
            ("server", "To this real server: an address, with or without a port."),
            (
                "client",
                "From this client: an address or a network. For an address, its next server is reported too.",
            ),
            ("state", "In this state, such as ESTABLISHED."),
        )
    ),
    _whole("limit", ROWS_MAX, "The maximum number of entries; totals are over all."),
)
METRICS = (_whole("servers", metrics.SERVERS_MAX, "The number of real servers that get their own series."),)


def _act(path: str, view: actions.View, takes: str = "Nothing", *, is_optional: bool = True) -> ApiEndpoint:
    return ApiEndpoint(
        method="POST",
        path=path,
        scope=OPERATE,
        view=view,
        gives="Saved",
        takes=takes,
        is_optional=is_optional,
        has_tag=True,
        refuses=(404, *ADDS),
    )


ENDPOINTS = (
    ApiEndpoint(method="GET", path="/api/openapi.json", scope=READ, view=openapi.get_openapi, gives="Anything"),
    ApiEndpoint(
        method="GET", path="/api/config", scope=READ, view=configuration.get_config, gives="Config", has_tag=True
    ),
    ApiEndpoint(
        method="PUT",
        path="/api/config",
        scope=ADMIN,
        view=configuration.put_config,
        gives="Saved",
        takes="Config",
        wants_seen=True,
        has_tag=True,
        refuses=CHANGES,
    ),
    ApiEndpoint(
        method="GET",
        path="/api/lvs.cf",
        scope=READ,
        view=configuration.get_lvs_cf,
        gives=None,
        content_type=TEXT,
        has_tag=True,
    ),
    ApiEndpoint(
        method="GET",
        path="/api/ipvsadm",
        scope=READ,
        view=configuration.get_ipvsadm,
        gives=None,
        content_type=TEXT,
        has_tag=True,
        refuses=(409,),
    ),
    ApiEndpoint(
        method="GET",
        path=VIRTUAL,
        scope=READ,
        view=virtual_servers.get_virtual_servers,
        gives="VirtualServers",
        has_tag=True,
    ),
    ApiEndpoint(
        method="POST",
        path=VIRTUAL,
        scope=ADMIN,
        view=virtual_servers.post_virtual_server,
        gives="Saved",
        code=201,
        takes="NewVirtualServer",
        has_tag=True,
        refuses=ADDS,
    ),
    ApiEndpoint(
        method="GET",
        path=ONE_VIRTUAL,
        scope=READ,
        view=virtual_servers.get_virtual_server,
        gives="VirtualServer",
        has_tag=True,
        refuses=(404,),
    ),
    ApiEndpoint(
        method="PUT",
        path=ONE_VIRTUAL,
        scope=ADMIN,
        view=virtual_servers.put_virtual_server,
        gives="Saved",
        takes="VirtualServer",
        wants_seen=True,
        has_tag=True,
        refuses=(404, *CHANGES),
    ),
    ApiEndpoint(
        method="PATCH",
        path=ONE_VIRTUAL,
        scope=ADMIN,
        view=virtual_servers.patch_virtual_server,
        gives="Saved",
        takes="VirtualServerPatch",
        wants_seen=True,
        has_tag=True,
        refuses=(404, *CHANGES),
    ),
    ApiEndpoint(
        method="DELETE",
        path=ONE_VIRTUAL,
        scope=ADMIN,
        view=virtual_servers.delete_virtual_server,
        gives="Saved",
        wants_seen=True,
        has_tag=True,
        refuses=(404, 412, 428, *WRITES),
    ),
    ApiEndpoint(
        method="GET",
        path=REAL,
        scope=READ,
        view=real_servers.get_real_servers,
        gives="RealServers",
        has_tag=True,
        refuses=(404,),
    ),
    ApiEndpoint(
        method="POST",
        path=REAL,
        scope=ADMIN,
        view=real_servers.post_real_server,
        gives="Saved",
        code=201,
        takes="NewRealServer",
        has_tag=True,
        refuses=(404, *ADDS),
    ),
    ApiEndpoint(
        method="GET",
        path=ONE_REAL,
        scope=READ,
        view=real_servers.get_real_server,
        gives="RealServer",
        has_tag=True,
        refuses=(404,),
    ),
    ApiEndpoint(
        method="PUT",
        path=ONE_REAL,
        scope=ADMIN,
        view=real_servers.put_real_server,
        gives="Saved",
        takes="RealServer",
        wants_seen=True,
        has_tag=True,
        refuses=(404, *CHANGES),
    ),
    ApiEndpoint(
        method="PATCH",
        path=ONE_REAL,
        scope=ADMIN,
        view=real_servers.patch_real_server,
        gives="Saved",
        takes="RealServerPatch",
        wants_seen=True,
        has_tag=True,
        refuses=(404, *CHANGES),
    ),
    ApiEndpoint(
        method="DELETE",
        path=ONE_REAL,
        scope=ADMIN,
        view=real_servers.delete_real_server,
        gives="Saved",
        wants_seen=True,
        has_tag=True,
        refuses=(404, 412, 428, *WRITES),
    ),
    _act(f"{ONE_VIRTUAL}/activate", actions.activate_virtual_server),
    _act(f"{ONE_VIRTUAL}/deactivate", actions.deactivate_virtual_server),
    _act(f"{ONE_REAL}/activate", actions.activate_real_server),
    _act(f"{ONE_REAL}/deactivate", actions.deactivate_real_server),
    _act(f"{ONE_REAL}/drain", actions.drain_real_server, "Order"),
    _act(f"{ONE_REAL}/maintenance", actions.maintain_real_server, "Order"),
    _act(f"{ONE_REAL}/ready", actions.ready_real_server),
    _act(f"{ONE_REAL}/weight", actions.weigh_real_server, "Weight", is_optional=False),
    ApiEndpoint(
        method="POST",
        path="/api/look",
        scope=OPERATE,
        view=actions.look,
        gives="Saved",
        takes="Nothing",
        is_optional=True,
        refuses=(400, 413, 415, 422),
    ),
    ApiEndpoint(method="GET", path="/api/status", scope=READ, view=live.get_status, gives="Status"),
    ApiEndpoint(
        method="GET",
        path="/api/services",
        scope=READ,
        view=live.get_services,
        gives="Services",
        parameters=SERVICES,
        refuses=(400,),
    ),
    ApiEndpoint(
        method="GET", path="/api/servers", scope=READ, view=live.get_servers, gives="Servers", parameters=(NAME,)
    ),
    ApiEndpoint(
        method="GET",
        path="/api/events",
        scope=READ,
        view=past.get_events,
        gives="Events",
        parameters=EVENTS,
        refuses=(400,),
    ),
    ApiEndpoint(
        method="GET",
        path="/api/traffic",
        scope=READ,
        view=past.get_traffic,
        gives="Traffic",
        parameters=TRAFFIC,
        refuses=(400,),
    ),
    ApiEndpoint(
        method="GET",
        path="/api/past",
        scope=READ,
        view=past.get_past_table,
        gives="PastTable",
        parameters=(AT,),
        refuses=(400,),
    ),
    ApiEndpoint(
        method="GET",
        path="/api/connections",
        scope=READ,
        view=connections.get_connections,
        gives="Connections",
        parameters=CONNECTIONS,
        refuses=(400,),
    ),
    ApiEndpoint(method="GET", path="/api/plan", scope=READ, view=live.get_plan, gives="Plan"),
    ApiEndpoint(
        method="POST",
        path="/api/adopt",
        scope=ADMIN,
        view=adoption.post_adoption,
        gives="Saved",
        code=201,
        takes="Adopted",
        has_tag=True,
        refuses=(404, *ADDS),
    ),
    ApiEndpoint(
        method="GET",
        path="/api/history",
        scope=READ,
        view=live.get_history,
        gives="History",
        parameters=HISTORY,
        refuses=(400,),
    ),
    ApiEndpoint(
        method="GET",
        path="/metrics",
        scope=READ,
        view=metrics.get_metrics,
        gives=None,
        content_type=TEXT,
        parameters=METRICS,
        refuses=(400,),
    ),
)
