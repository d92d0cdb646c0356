"""What a person is told of a change that was saved."""

import socket

import pytest

from app.accept import notify_pulse
from app.settings import Settings


def test_a_pulse_that_does_not_answer_is_not_called_stopped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify_pulse, "ANSWER_WITHIN_S", 0.1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(settings.pulse_socket))
        listener.listen()
        outcome = notify_pulse.nudge(settings, 7)
    assert outcome.kind == "warn"
    assert outcome.text.startswith("saved 7 · not confirmed as applied: pulse has not answered within 0.1 s")
