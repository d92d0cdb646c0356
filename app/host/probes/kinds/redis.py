"""Redis: answers PING, after AUTH if there is a login."""

from app.host.probes.transport.attempt import Attempt, Unexpected
from app.host.probes.transport.sockets import target
from app.host.probes.transport.streams import streamed
from app.lvs.checks.check import Check, Login
from app.lvs.checks.expect import quoted_bytes

_PONG = b"+PONG"
# A server that requires a login, or does not permit us to PING, still serves its clients.
_FORBIDDEN = (b"-NOAUTH", b"-NOPERM")


async def probe(check: Check, attempt: Attempt) -> None:
    """Require an answer to PING from a server in service, not one that is loading or has lost its master."""
    protocol = "Redis over TLS" if check.tls else "Redis"
    attempt.doing = f"{protocol} connect to {target(check)}"
    async with streamed(check, attempt) as stream:
        if check.login is not None:
            attempt.doing = f"{protocol} AUTH to {target(check)}"
            await stream.send(_auth(check.login), shown_as=f"AUTH {check.login.user} (password)".encode())
            _require(await stream.line(), b"+OK")
        attempt.doing = f"{protocol} PING to {target(check)}"
        await stream.send(_command(b"PING"))
        answer = await stream.line()
        if answer.split(b" ", 1)[0] in _FORBIDDEN:
            attempt.found = f"in service, login refused: {quoted_bytes(answer)}"
            return
        _require(answer, _PONG)
        attempt.found = "answered PONG"


def _require(answer: bytes, wanted: bytes) -> None:
    if answer[:1] not in (b"+", b"-"):
        raise Unexpected(f"answered {quoted_bytes(answer)}, which is not Redis")
    if answer != wanted:
        raise Unexpected(f"answered {quoted_bytes(answer)}")


def _auth(login: Login) -> bytes:
    # Before Redis 6, AUTH took only a password; since then a lone password logs in "default".
    user = () if login.user == "default" else (login.user.encode(),)
    return _command(b"AUTH", *user, login.password.encode())


def _command(*words: bytes) -> bytes:
    """Return `words` as an array of bulk strings (RESP)."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
