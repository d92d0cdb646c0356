"""Messages as JSON on the standard input of a program approved by root."""

import asyncio
import json
from dataclasses import dataclass

from app.host.messengers.messenger import LIMIT_S, Undelivered
from app.host.probes.kinds.program import Programs
from app.host.probes.transport.attempt import CannotAsk
from app.host.probes.transport.process import OUTPUT_MAX, Process
from app.lvs.checks.expect import quoted_bytes
from app.lvs.notify.message import Message


@dataclass(frozen=True, slots=True)
class Program:
    """Runs the program that lvs.cf calls `word`, without arguments, with the limits of a check's program."""

    word: str
    programs: Programs
    limit_s: float = LIMIT_S

    @property
    def name(self) -> str:
        return "program"

    async def send(self, message: Message) -> str:
        """Deliver `message`; raise Undelivered unless the program exits with status 0 in time."""
        who = f"program {self.word}"
        try:
            command = self.programs.command([self.word])
            async with asyncio.timeout(self.limit_s):
                output, status = await Process(command, json.dumps(message.document()).encode()).run()
        except CannotAsk as cannot:
            raise Undelivered(f"{who}: {cannot}") from cannot
        except TimeoutError:
            raise Undelivered(f"{who} did not finish within {self.limit_s:g} s and was killed") from None
        except OSError as error:
            raise Undelivered(f"{who} cannot be run: {error.strerror or error}") from error
        if status is None:
            raise Undelivered(f"{who} printed more than {OUTPUT_MAX} bytes and was killed")
        if status < 0:
            raise Undelivered(f"{who} was killed by signal {-status}")
        if status > 0:
            raise Undelivered(f"{who} exited with status {status} and printed {quoted_bytes(output)}")
        return f"{who} exited with status 0"
