"""Tells the outside what happened: hears every event, and sends messages in their own time.

Each messenger has a courier with a gathering of its own, so that one that hangs holds up neither another nor the
loop. While a message is under way, what happens is gathered for the next; so there is never more than one.
"""

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from app.host.messengers.messenger import Messenger, Undelivered
from app.host.probes.kinds.program import Programs
from app.lvs.keywords.table import effective
from app.lvs.model.config import Config
from app.lvs.notify.batching import EventBatch
from app.lvs.notify.message import compose
from app.lvs.notify.recipients import AddressRefused, mail_addresses, mail_server, webhook
from app.lvs.reports.status import EventReport

AGAIN_AFTER_S = (5.0, 20.0, 60.0)
"""How long a message that could not be delivered waits before each further attempt; then it is given up."""

FAREWELL_S = 3.0
"""How long pulse, told to stop, waits for messengers to tell what they have not told yet."""

log = logging.getLogger("pulse")


def messengers(config: Config, programs: Programs) -> dict[str, Messenger]:
    """Return those `config` names, by their words; one whose address is not understood is left out and logged."""
    # Each is loaded when it is named: the mail library alone is an eighth of what pulse loads at its start.
    found: list[Messenger] = []
    own_name = machine_name()
    try:
        if config.mail_to and (recipients := mail_addresses(config.mail_to)):
            sender = config.mail_from or f"palometa@{own_name}"
            mail_addresses(sender)
            host, port = mail_server(effective(config, "mail_server"))
            from app.host.messengers.mail import Mail

            found.append(Mail(recipients, sender.strip(), host, port, own_name))
    except AddressRefused as refused:
        log.error("no mail is sent: %s", refused)
    try:
        if config.webhook:
            from app.host.messengers.webhook import WebhookMessenger

            found.append(WebhookMessenger(webhook(config.webhook)))
    except AddressRefused as refused:
        log.error("no webhook is called: %s", refused)
    if config.notify_program:
        from app.host.messengers.program import Program

        found.append(Program(config.notify_program, programs))
    return {messenger.name: messenger for messenger in found}


def machine_name() -> str:
    """Return the name of this machine, as a mail server takes it."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", os.uname().nodename)[:200].strip(".-") or "localhost"


class Notifier:
    """The owner of the couriers. `undelivered` is called with a sentence when a message is given up."""

    def __init__(self, programs: Programs, undelivered: Callable[[str], object]) -> None:
        self._programs = programs
        self._undelivered = undelivered
        self._couriers: dict[str, Dispatcher] = {}

    def apply_config(self, config: Config) -> None:
        """Tell those whom `config` names from now on; what waits for one that stays is kept."""
        wanted = messengers(config, self._programs)
        gap_s = effective(config, "notify_gap")
        for name in self._couriers.keys() - wanted.keys():
            self._couriers.pop(name).stop()
        for name, messenger in wanted.items():
            courier = self._couriers.get(name)
            if courier is None:
                self._couriers[name] = Dispatcher(messenger, gap_s, self._undelivered)
            else:
                courier.deliver_by(messenger, gap_s)

    def on_event(self, event: EventReport) -> None:
        """Take `event` in, for every messenger."""
        for courier in self._couriers.values():
            courier.on_event(event)

    async def stop(self) -> None:
        """End all couriers, after one attempt to tell what waits."""
        couriers = list(self._couriers.values())
        self._couriers.clear()
        await asyncio.gather(*(courier.finish(FAREWELL_S) for courier in couriers))


class Dispatcher:
    """Gathers events for one messenger and delivers one message after the other."""

    def __init__(self, messenger: Messenger, gap_s: float, undelivered: Callable[[str], object]) -> None:
        self._messenger = messenger
        self._gathering = EventBatch(gap_s)
        self._undelivered = undelivered
        self._lost = 0
        self._is_ending = False
        self._news = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def deliver_by(self, messenger: Messenger, gap_s: float) -> None:
        """Deliver by `messenger` from the next attempt on, messages at least `gap_s` apart."""
        self._messenger = messenger
        self._gathering.gap_s = gap_s
        self._news.set()

    def on_event(self, event: EventReport) -> None:
        """Gather `event`, if it is one that is told."""
        if self._gathering.take(event, _now()):
            self._news.set()

    def stop(self) -> None:
        """End at once; what was not told is not told."""
        self._task.cancel()

    async def finish(self, limit_s: float) -> None:
        """Tell at once what waits, and end; within `limit_s`."""
        self._is_ending = True
        self._news.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._task

    async def _run(self) -> None:
        while await self._something_due():
            try:
                await self._tell()
            except Exception:
                # A message that breaks its messenger must not end the telling of all that follow.
                log.exception("the %s messenger broke", self._messenger.name)
                self._lost += 1

    async def _something_due(self) -> bool:
        """Return True when a message is due; False when there is none and there will be none."""
        while not self._is_ending and ((due := self._gathering.due) is None or due > _now()):
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._news.wait()
        return self._gathering.due is not None

    async def _tell(self) -> None:
        message = compose(machine_name(), time.time(), self._gathering.collect(_now()), clock, self._lost)
        for again_after_s in (*AGAIN_AFTER_S, None):
            try:
                said = await self._messenger.send(message)
            except Undelivered as undelivered:
                log.warning("a message was not delivered: %s", undelivered)
                if again_after_s is None:
                    self._lost += 1
                    self._undelivered(f"a message was given up ({message.subject}): {undelivered}")
                    return
                await asyncio.sleep(again_after_s)
            else:
                log.info("told by %s: %s", said, message.subject)
                self._lost = 0
                return


def clock(at: float) -> str:
    """Return `at` (seconds since the epoch) as a message writes it: local, with its offset."""
    return datetime.fromtimestamp(at).astimezone().isoformat(" ", "seconds")


def _now() -> float:
    return asyncio.get_running_loop().time()
