"""What the running application was made with, for the view functions: settings, store, pulse's status."""

from dataclasses import dataclass

from flask import Flask, current_app

from app.settings import Settings
from app.store import Store
from app.web.judge import Judge
from app.web.on_disk import OnDisk, Watched
from app.web.pulse_status import PulseStatus, Seen

_KEY = "palometa"


@dataclass(frozen=True, slots=True)
class _Parts:
    settings: Settings
    store: Store
    pulse: PulseStatus
    judge: Judge
    lvs_cf: Watched


def attach(app: Flask, settings: Settings, store: Store) -> None:
    """Give `app` what its views need."""
    app.extensions[_KEY] = _Parts(
        settings, store, PulseStatus(settings.pulse_socket), Judge(), Watched(settings, store)
    )


def settings() -> Settings:
    """Return the settings of this installation."""
    return _parts().settings


def store() -> Store:
    """Return the store the pages edit."""
    return _parts().store


def pulse(serial_no: int | None = None) -> Seen:
    """Return what pulse says of itself, at most a second old, and of after `serial_no` was applied if it was."""
    return _parts().pulse.look(serial_no)


def judge() -> Judge:
    """Return who asks the rules, and remembers what they said."""
    return _parts().judge


def lvs_cf() -> OnDisk:
    """Return how lvs.cf stands to what was last written there."""
    return _parts().lvs_cf.look()


def _parts() -> _Parts:
    parts = current_app.extensions[_KEY]
    if not isinstance(parts, _Parts):
        raise TypeError("the application was not made by create_app")
    return parts
