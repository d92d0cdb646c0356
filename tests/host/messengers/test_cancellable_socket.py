"""A conversation that hangs is cut off, thread and all."""

import asyncio

import pytest

from app.host.messengers.cancellable_socket import CancellableSocket, run_blocking
from app.host.messengers.messenger import Undelivered
from tests.host.messengers.threads import all_end
from tests.host.probes.hostile import a_byte_a_second, silent
from tests.tcp_server import serving


@pytest.mark.parametrize("handler", [silent, a_byte_a_second])
def test_a_thread_that_listens_to_a_server_that_hangs_or_drips_ends(handler: object) -> None:
    def listen(wire: CancellableSocket, port: int) -> str:
        with wire.connect("127.0.0.1", port, is_local_meant=True) as connected:
            connected.settimeout(60)
            while connected.recv(1):
                pass
        return "over"

    async def story() -> None:
        async with serving(handler) as port:  # type: ignore[arg-type]
            with pytest.raises(Undelivered, match=r"^it: no answer within 0\.3 s$"):
                await run_blocking("it", lambda wire: listen(wire, port), 0.3)
            # The server is still there: only the cut ends the thread.
            assert await asyncio.to_thread(all_end)

    asyncio.run(story())


def test_a_conversation_that_begins_after_the_cut_ends_at_once() -> None:
    async def story() -> bytes:
        async with serving(silent) as port:
            wire = CancellableSocket(5)
            wire.cut()
            with await asyncio.to_thread(wire.connect, "127.0.0.1", port, is_local_meant=True) as connected:
                connected.settimeout(5)
                return await asyncio.to_thread(connected.recv, 1)

    assert asyncio.run(story()) == b""


def test_what_the_work_raises_is_raised_and_what_it_says_is_said() -> None:
    def broken(wire: CancellableSocket) -> str:
        raise ZeroDivisionError("odd")

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run_blocking("it", broken, 5))
    assert asyncio.run(run_blocking("it", lambda wire: "well", 5)) == "well"
    assert all_end()
