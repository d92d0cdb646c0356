"""Messages as JSON by HTTP POST. Redirects are not followed, and only the status of the response is read.

Nothing is sent to a link-local address or another at which clouds give out credentials, whatever name leads there.
"""

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from functools import partial

from app.host.messengers.cancellable_socket import CancellableSocket, describe_error, run_blocking
from app.host.messengers.messenger import LIMIT_S, Undelivered
from app.lvs.ipvs.service_names import bracketed, host_port
from app.lvs.model.printable import plain
from app.lvs.notify.destinations import is_this_machine
from app.lvs.notify.message import Message
from app.lvs.notify.recipients import WebhookAddress as Address


@dataclass(frozen=True, slots=True)
class WebhookMessenger:
    """Posts to `address`; the path may be a secret, so no text contains it."""

    address: Address
    limit_s: float = LIMIT_S

    @property
    def name(self) -> str:
        return "webhook"

    async def send(self, message: Message) -> str:
        """Deliver `message`; raise Undelivered unless the status is 200 to 299."""
        return await run_blocking(self._where, partial(self._send, message), self.limit_s)

    @property
    def _where(self) -> str:
        return f"webhook {self.address.host} port {self.address.port}"

    def _send(self, message: Message, cancellable: CancellableSocket) -> str:
        address, where = self.address, self._where
        connection = http.client.HTTPConnection(address.host, address.port)
        try:
            is_local_meant = is_this_machine(address.host)
            connection.sock = cancellable.connect(address.host, address.port, is_local_meant=is_local_meant)
            if address.is_tls:
                connection.sock = wrapped = self._wrapped(connection.sock)
                # The plain socket has been detached; shutting it down would have no effect.
                cancellable.hold(wrapped)
                wrapped.do_handshake()
            connection.request("POST", address.path, json.dumps(message.document()), self._headers())
            status = connection.getresponse().status
        except ssl.SSLCertVerificationError as error:
            raise Undelivered(f"{where}: certificate not accepted: {error.verify_message}") from error
        except OSError as error:
            raise Undelivered(f"{where}: {describe_error(error)}") from error
        except (http.client.HTTPException, ValueError) as error:
            raise Undelivered(f"{where}: {type(error).__name__}: {plain(str(error), 200)}") from error
        finally:
            connection.close()
        if 300 <= status < 400:
            raise Undelivered(
                f"{where} answered {status}: redirects are not followed, so configure the final address"
            )
        if not 200 <= status < 300:
            raise Undelivered(f"{where} answered {status}")
        return f"{where} answered {status}"

    def _wrapped(self, connected: socket.socket) -> ssl.SSLSocket:
        context = ssl.create_default_context()
        return context.wrap_socket(connected, server_hostname=self.address.host, do_handshake_on_connect=False)

    def _headers(self) -> dict[str, str]:
        host, port = self.address.host, self.address.port
        name = bracketed(host)
        usual = 443 if self.address.is_tls else 80
        return {
            # Set here because the library assumes port 80 for every connection.
            "Host": name if port == usual else host_port(host, port),
            "Content-Type": "application/json",
            "User-Agent": "palometa",
            "Connection": "close",
        }
