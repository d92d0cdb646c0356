"""For monitoring of the web part itself: it answers. Reports nothing about the cluster."""

from flask import Blueprint, Response

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def page() -> Response:
    """Answer "ok" to anybody."""
    return Response("ok\n", mimetype="text/plain")
