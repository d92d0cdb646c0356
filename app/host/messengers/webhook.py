"""Messages as JSON by HTTP POST. No redirect is followed, and no answer is read but its status."""

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from functools import partial

from app.host.messengers.messenger import LIMIT_S, Undelivered
from app.host.messengers.wire import CancellableSocket, run_blocking, words
from app.lvs.ipvs.service_names import bracketed, host_port
from app.lvs.model.printable import plain
from app.lvs.notify.message import Message
from app.lvs.notify.recipients import WebhookAddress as Address


@dataclass(frozen=True, slots=True)
class WebhookMessenger:
    """Posts to `address`; the path may be a secret, so it is in no sentence."""

    address: Address
    limit_s: float = LIMIT_S

    @property
    def name(self) -> str:
        return "webhook"

    async def send(self, message: Message) -> str:
        """Deliver `message`; raise Undelivered unless the answer is one of success (200 to 299)."""
        return await run_blocking(self._where, partial(self._send, message), self.limit_s)

    @property
    def _where(self) -> str:
        return f"webhook {self.address.host} port {self.address.port}"

    def _send(self, message: Message, wire: CancellableSocket) -> str:
        address, where = self.address, self._where
        connection = http.client.HTTPConnection(address.host, address.port)
        try:
            connection.sock = wire.connect(address.host, address.port)
            if address.is_tls:
                connection.sock = wrapped = self._wrapped(connection.sock)
                # What was held is an empty shell now, and cutting it off would end nothing.
                wire.hold(wrapped)
                wrapped.do_handshake()
            connection.request("POST", address.path, json.dumps(message.document()), self._headers())
            status = connection.getresponse().status
        except ssl.SSLCertVerificationError as error:
            raise Undelivered(f"{where}: its certificate is refused: {error.verify_message}") from error
        except OSError as error:
            raise Undelivered(f"{where}: {words(error)}") from error
        except (http.client.HTTPException, ValueError) as error:
            raise Undelivered(f"{where}: {type(error).__name__}: {plain(str(error), 200)}") from error
        finally:
            connection.close()
        if 300 <= status < 400:
            raise Undelivered(f"{where} answered {status}: redirects are not followed, so write where it leads to")
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
            # Given here, because the library takes every connection for one to port 80.
            "Host": name if port == usual else host_port(host, port),
            "Content-Type": "application/json",
            "User-Agent": "palometa",
            "Connection": "close",
        }
