"""A service somebody made with ipvsadm is adopted in the pages: nothing in the kernel changes, and it is ours."""

from pathlib import Path

import pytest
from flask import Flask

from app.lvs.model.check_kinds import CheckKind
from app.settings import Settings
from app.store import migrate, open_store
from app.web.factory import create_app
from app.web.frame.security import cookie_name
from lab.cluster import Cluster
from lab.network import VIRTUAL4
from tests.pulse.director import Director
from tests.web.browsing import ADMIN, PASSWORD
from tests.web.filled_form import press
from tests.web.person import Person

pytestmark = pytest.mark.kernel

MADE = (
    f"-A -t {VIRTUAL4}:80 -s sh -b sh-port -p 300 -M 255.255.255.0",
    f"-a -t {VIRTUAL4}:80 -r 10.36.0.11 -g -w 3 -x 1000 -y 800",
    f"-a -t {VIRTUAL4}:80 -r 10.36.0.12:8080 -m -w 1",
    f"-a -t {VIRTUAL4}:80 -r 10.36.0.13 -i -w 0 --tun-type gue --tun-port 6080 --tun-nocsum",
)


def person_at(director: Director, directory: Path) -> tuple[Person, Settings]:
    """Return the administrator before a web part that writes the director's lvs.cf."""
    settings = Settings(
        lvs_cf=director.installation.lvs_cf,
        state_directory=directory,
        runtime_directory=director.installation.runtime_directory,
        database_url=f"sqlite:///{directory / 'palometa.db'}",
    )
    migrate(settings.database_url)
    store = open_store(settings.database_url)
    store.users.create(ADMIN, PASSWORD)
    user = store.users.verify(ADMIN, PASSWORD)
    assert user
    app: Flask = create_app(settings, store)
    client = app.test_client()
    client.set_cookie(cookie_name(settings, "session"), store.sessions.open(user, "127.0.0.1"))
    return Person(client), settings


def test_adopting_changes_nothing_in_the_kernel_and_makes_the_service_ours(
    cluster: Cluster, director: Director, tmp_path: Path
) -> None:
    for line in MADE:
        director.run("ipvsadm", *line.split())
    # As whoever made the service brought its address up.
    director.run("ip", "address", "add", f"{VIRTUAL4}/32", "dev", "eth0")
    addresses = director.run("ip", "-4", "address", "show", "eth0")
    before = director.run("ipvsadm", "-Sn"), director.run("ipvsadm", "-Ln", "--thresholds")
    director.start()
    person, settings = person_at(director, tmp_path)
    page = f"/drift/adopt?service=tcp+{VIRTUAL4}:80"
    opened = person.get(page)
    assert "Everything is kept" in opened.text, opened.text
    answer = press(person, opened, "ACCEPT", {"name": "found", "device": "eth0:1"})
    assert answer.status_code == 303, answer.text
    status = director.wait(lambda status: status["applied"] is not None)
    assert status["applied"] is not None
    assert (status["applied"]["serial_no"], status["applied"]["changes"]) == (1, 0)
    assert (director.run("ipvsadm", "-Sn"), director.run("ipvsadm", "-Ln", "--thresholds")) == before
    assert [(service["owner"], service["position"]) for service in status["services"]] == [("found", 0)]
    assert "no drift" in person.get("/drift").text
    assert CheckKind.NONE in settings.lvs_cf.read_text()
    assert director.run("ip", "-4", "address", "show", "eth0") == addresses
    assert [address["state"] for address in status["addresses"]] == ["up"]

    director.run("ipvsadm", "-D", "-t", f"{VIRTUAL4}:80")
    director.wait(lambda status: status["repairs"])
    assert director.run("ipvsadm", "-Sn") == before[0]
