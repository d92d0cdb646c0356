"""/metrics for Prometheus: pulse's report of this moment, made into text for each request."""

from collections.abc import Iterable

from flask import request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from werkzeug.wrappers import Response

from app.web.api.http.request_body import whole_argument
from app.web.api.resources.metric_families import Limits, families
from app.web.frame.current import current

SERVICES_OWN = 1_000
SERVERS_OWN = 2_000
SERVERS_MAX = 20_000


class _Collector(Collector):
    def __init__(self, collected: Iterable[Metric]) -> None:
        self._collected = collected

    def collect(self) -> Iterable[Metric]:
        return self._collected


def get_metrics() -> Response:
    """Return the metrics; of the first 1000 services and `servers` real servers each on its own."""
    limits = Limits(SERVICES_OWN, whole_argument("servers", SERVERS_OWN, SERVERS_MAX))
    saved_serial = current.store.snapshot().serial_no
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(families(current.pulse.read().report, saved_serial, limits)))
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    response = Response(encode(registry))
    response.content_type = content_type
    return response
