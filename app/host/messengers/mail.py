"""Messages by mail, through an SMTP server. Text reaches a header only through the mail library."""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid
from functools import partial
from typing import Any

from app.host.messengers.cancellable_socket import CancellableSocket, describe_error, run_blocking
from app.host.messengers.messenger import LIMIT_S, Undelivered
from app.host.own_name import introduction
from app.lvs.model.printable import plain
from app.lvs.notify.message import Message

ANSWERS_MAX = 1 << 18
"""The most bytes an SMTP server may answer in total; usually it is a few hundred."""
_SAID_MAX = 200
# Every relay accepts it, whatever characters a name in lvs.cf contains.
_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Mail:
    """Mails from `sender` to `recipients` through the server at `host`, to which this machine is `helo_name`.

    Blank, the name is what this machine can be called, and the sender is palometa at that name.
    """

    recipients: tuple[str, ...]
    sender: str
    host: str
    port: int
    helo_name: str = ""
    limit_s: float = LIMIT_S

    @property
    def name(self) -> str:
        return "mail"

    async def send(self, message: Message) -> str:
        """Deliver `message` to all recipients the server accepts; raise Undelivered if it accepts none."""
        return await run_blocking(self._server, partial(self._send, message), self.limit_s)

    @property
    def _server(self) -> str:
        return f"mail server {self.host} port {self.port}"

    def _send(self, message: Message, cancellable: CancellableSocket) -> str:
        server = self._server
        try:
            connected = cancellable.connect(self.host, self.port, is_local_meant=True)
            own_name = introduction(self.helo_name, connected.getsockname()[0])
            sender = self.sender or f"palometa@{own_name}"
            with _Conversation(connected, own_name) as smtp:
                refused = smtp.sendmail(sender, self.recipients, self._mail(message, sender, own_name).as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            raise Undelivered(f"{server} rejected all recipients: {_refusals(error.recipients)}") from error
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"{server}: {_answer(error.smtp_code, error.smtp_error)}") from error
        except smtplib.SMTPException as error:
            raise Undelivered(f"{server}: {plain(str(error), _SAID_MAX)}") from error
        except OSError as error:
            raise Undelivered(f"{server}: {describe_error(error)}") from error
        except ValueError as error:
            raise Undelivered(
                f"{server}: the mail could not be composed: {plain(str(error), _SAID_MAX)}"
            ) from error
        taken = [address for address in self.recipients if address not in refused]
        accepted = f"{server} accepted it for {', '.join(taken)}"
        return f"{accepted}, but not for {_refusals(refused)}" if refused else accepted

    def _mail(self, message: Message, sender: str, own_name: str) -> EmailMessage:
        mail = EmailMessage(_POLICY)
        mail["From"] = sender
        mail["To"] = ", ".join(self.recipients)
        mail["Subject"] = message.subject
        mail["Date"] = format_datetime(localtime())
        mail["Message-ID"] = make_msgid(domain=own_name)
        # Suppresses out-of-office replies.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail


class _Conversation(smtplib.SMTP):
    """SMTP over a socket that is already connected, with a limit on the size of answers."""

    def __init__(self, connected: Any, own_name: str) -> None:
        super().__init__(local_hostname=own_name)
        self.sock = connected
        self.file = _Answers(connected.makefile("rb"))
        try:
            code, answer = self.getreply()
            if code != 220:
                raise smtplib.SMTPConnectError(code, answer)
        except BaseException:
            self.close()
            raise

    def __exit__(self, *raised: object) -> None:
        # The mail has been accepted or rejected; the result of QUIT does not matter.
        try:
            self.quit()
        except (smtplib.SMTPException, OSError):
            self.close()


class _Answers:
    """The lines of a server's answers, up to a limit."""

    def __init__(self, lines: Any) -> None:
        self._lines = lines
        self._left = ANSWERS_MAX

    def readline(self, limit: int) -> bytes:
        line: bytes = self._lines.readline(limit)
        self._left -= len(line)
        if self._left < 0:
            raise OSError(f"answered with more than {ANSWERS_MAX} bytes")
        return line

    def close(self) -> None:
        self._lines.close()


def _refusals(refused: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{address} ({_answer(code, reply)})" for address, (code, reply) in refused.items())


def _answer(code: int, reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return plain(f"{code} {text}", _SAID_MAX)
