"""ADOPT for programs: an unmanaged service of the kernel becomes a virtual server as it is."""

from werkzeug.wrappers import Response

from app.lvs.desired.adoption import Unadoptable
from app.lvs.ipvs.service_names import read_service
from app.lvs.ipvs.table import Service
from app.lvs.model.problem import Problem, Severity
from app.web.api.http.refusal import refuse, refuse_problems
from app.web.api.http.request_body import Document, sent_object
from app.web.api.http.saving import save
from app.web.api.resources.block_input import new_virtual
from app.web.api.resources.live import drift
from app.web.live.adoption import adopting
from app.web.live.drift import foreign_services

KEYS = ("service", "name", "address")


def post_adoption() -> Response:
    """Adopt an unmanaged service of the kernel: add it to the configuration as it is."""
    document = sent_object()
    _refuse_keys(document)
    typed = new_virtual({key: found for key, found in document.items() if key != "service"})
    service = _foreign(document["service"])
    made: list[int] = []
    try:
        return save(adopting(service, typed.name, typed.address, made), 201, lambda: {"id": made[-1]})
    except Unadoptable as unadoptable:
        refuse_problems([Problem(Severity.ERROR, ("service",), str(unadoptable))])


def _refuse_keys(document: Document) -> None:
    problems = [
        Problem(Severity.ERROR, (key,), f"{key[:60]!r} is not a key; accepted is {', '.join(KEYS)}")
        for key in document
        if key not in KEYS
    ]
    if not isinstance(document.get("service"), str):
        text = "service is missing or not a string; use one listed by GET /api/plan, such as 'tcp 192.0.2.1:80'"
        problems.append(Problem(Severity.ERROR, ("service",), text))
    if problems:
        refuse_problems(problems)


def _foreign(text: str) -> Service:
    try:
        key = read_service(text)
    except ValueError as error:
        refuse_problems([Problem(Severity.ERROR, ("service",), str(error))])
    found = next((service for service in foreign_services(drift()) if service.key == key), None)
    if found is None:
        why = f"{text[:60]!r} is not an unmanaged service: it no longer exists or was already adopted."
        refuse(404, why, "Nothing was changed. GET /api/plan lists what can be adopted.")
    return found
