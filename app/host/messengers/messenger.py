"""What all messengers have in common: they deliver one message at a time, or report why they could not."""

from typing import Protocol

from app.lvs.notify.message import Message

LIMIT_S = 15.0
"""How long one delivery may take in all."""


class Undelivered(Exception):
    """A notification that was not delivered; the message says why, without secrets of the address."""


class Messenger(Protocol):
    """One way to send notifications. Equal ones have the same destination."""

    @property
    def name(self) -> str:
        """Its name: mail, webhook or program."""

    async def send(self, message: Message) -> str:
        """Deliver `message` within LIMIT_S and return a text saying who accepted it; raise Undelivered."""
