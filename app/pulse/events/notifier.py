"""Notifies people of events: receives every event, and sends messages when they are due.

Each messenger has a dispatcher with a batch of its own, so that one that hangs delays neither the others nor the
loop. While a message is being delivered, new events are collected for the next; so there is never more than one.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from app.host.messengers.messenger import Messenger, Undelivered
from app.host.own_name import machine_name
from app.host.probes.kinds.program import Programs
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.notify.batching import EventBatch
from app.lvs.notify.message import compose
from app.lvs.notify.recipients import AddressRefused, mail_addresses, mail_server, webhook
from app.lvs.reports.status import EventReport

AGAIN_AFTER_S = (5.0, 20.0, 60.0)
"""How long to wait before each further attempt to deliver a message; after that it is dropped."""

FINISHES_WITHIN_S = 3.0
"""How long pulse, when it is stopped, waits for messages that have not been sent yet."""

log = logging.getLogger("pulse")


def messengers(config: Config, programs: Programs) -> dict[str, Messenger]:
    """Return the messengers in `config` by their names; one with an invalid address is left out and logged."""
    # Each is imported only when it is used: the mail library alone is an eighth of what pulse loads at startup.
    found: list[Messenger] = []
    try:
        if config.mail_to and (recipients := mail_addresses(config.mail_to)):
            sender = (config.mail_from or "").strip()
            mail_addresses(sender)
            host, port = mail_server(effective(config, "mail_server"))
            from app.host.messengers.mail import Mail

            found.append(Mail(recipients, sender, host, port, config.helo_name or ""))
    except AddressRefused as refused:
        log.error("mail notifications are off: %s", refused)
    try:
        if config.webhook:
            from app.host.messengers.webhook import WebhookMessenger

            found.append(WebhookMessenger(webhook(config.webhook)))
    except AddressRefused as refused:
        log.error("webhook notifications are off: %s", refused)
    if config.notify_program:
        from app.host.messengers.program import Program

        found.append(Program(config.notify_program, programs))
    return {messenger.name: messenger for messenger in found}


class Notifier:
    """The owner of the dispatchers. `undelivered` is called with a sentence when a message is dropped."""

    def __init__(self, programs: Programs, undelivered: Callable[[str], object]) -> None:
        self._programs = programs
        self._undelivered = undelivered
        self.dispatchers: dict[str, Dispatcher] = {}

    def apply_config(self, config: Config) -> None:
        """Notify as `config` says from now on; what waits for a messenger that stays is kept."""
        wanted = messengers(config, self._programs)
        gap_s = effective(config, "notify_gap")
        for name in self.dispatchers.keys() - wanted.keys():
            self.dispatchers.pop(name).stop()
        for name, messenger in wanted.items():
            dispatcher = self.dispatchers.get(name)
            if dispatcher is None:
                self.dispatchers[name] = Dispatcher(messenger, gap_s, self._undelivered)
            else:
                dispatcher.deliver_by(messenger, gap_s)

    def on_event(self, event: EventReport) -> None:
        """Pass `event` on to every dispatcher."""
        for dispatcher in self.dispatchers.values():
            dispatcher.on_event(event)

    async def stop(self) -> None:
        """End all dispatchers, after one attempt to deliver what waits."""
        dispatchers = list(self.dispatchers.values())
        self.dispatchers.clear()
        await asyncio.gather(*(dispatcher.finish(FINISHES_WITHIN_S) for dispatcher in dispatchers))


class Dispatcher:
    """Collects events for one messenger and delivers one message after the other."""

    def __init__(self, messenger: Messenger, gap_s: float, undelivered: Callable[[str], object]) -> None:
        self._messenger = messenger
        self._batch = EventBatch(gap_s)
        self._undelivered = undelivered
        self._lost = 0
        self._is_ending = False
        self._news = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def deliver_by(self, messenger: Messenger, gap_s: float) -> None:
        """Deliver by `messenger` from the next attempt on, messages at least `gap_s` apart."""
        self._messenger = messenger
        self._batch.gap_s = gap_s
        self._news.set()

    def on_event(self, event: EventReport) -> None:
        """Collect `event`, if it is of a kind that is notified."""
        if self._batch.take(event, _now()):
            self._news.set()

    def stop(self) -> None:
        """End immediately; what was not sent is dropped."""
        self._task.cancel()

    async def finish(self, limit_s: float) -> None:
        """Deliver what waits immediately, and end, within `limit_s`."""
        self._is_ending = True
        self._news.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._task

    async def _run(self) -> None:
        while await self._something_due():
            try:
                await self._deliver()
            except Exception:
                # A message that its messenger cannot handle must not stop the following ones.
                log.exception("the %s messenger failed unexpectedly", self._messenger.name)
                self._lost += 1

    async def _something_due(self) -> bool:
        """Return True as soon as a message is due; False when no more will be."""
        while not self._is_ending and ((due := self._batch.due) is None or due > _now()):
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._news.wait()
        return self._batch.due is not None

    async def _deliver(self) -> None:
        message = compose(machine_name(), time.time(), self._batch.collect(_now()), clock, self._lost)
        for again_after_s in (*AGAIN_AFTER_S, None):
            try:
                result = await self._messenger.send(message)
            except Undelivered as undelivered:
                log.warning("could not deliver a message: %s", undelivered)
                if again_after_s is None:
                    self._lost += 1
                    self._undelivered(f"a message was dropped ({message.subject}): {undelivered}")
                    return
                await asyncio.sleep(again_after_s)
            else:
                log.info("notified by %s: %s", result, message.subject)
                self._lost = 0
                return


def clock(at: float) -> str:
    """Return `at` (seconds since the epoch) as it appears in messages: local time with its offset."""
    return datetime.fromtimestamp(at).astimezone().isoformat(" ", "seconds")


def _now() -> float:
    return asyncio.get_running_loop().time()
