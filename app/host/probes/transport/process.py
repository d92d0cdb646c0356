"""One process of a check, from its start to the end of its whole process group."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

OUTPUT_MAX = 4095
"""The most of a program's output that is read, in bytes: Piranha's buffer."""
_DYING_S = 2.0


class Process:
    """A command in a session of its own, without environment or error output; `given` is its input.

    It is tracked by a descriptor and reaped only after its group is killed, so the number of the group cannot have
    been reused by then.
    """

    def __init__(self, command: Sequence[str | bytes], given: bytes = b"") -> None:
        self._command = command
        self._given = given
        self._output = bytearray()
        self._ended = asyncio.Event()
        self._stopped = asyncio.Event()

    async def run(self) -> tuple[bytes, int | None]:
        """Return its output and its exit status (negative: a signal), None when it printed too much.

        When cancelled or finished, it is killed with everything it started.
        """
        loop = asyncio.get_running_loop()
        with _file_of(self._given) as given:
            process = subprocess.Popen(  # noqa: S603 - argv of a program approved by root
                self._command,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        assert process.stdout is not None  # noqa: S101 - it was asked for
        output_fd = process.stdout.fileno()
        try:
            pid_fd = os.pidfd_open(process.pid)
        except OSError:
            # Without a descriptor its end would not be noticed, and nobody would kill it.
            os.killpg(process.pid, signal.SIGKILL)
            process.stdout.close()
            process.wait()
            raise
        os.set_blocking(output_fd, False)
        loop.add_reader(output_fd, self._read, loop, output_fd)
        loop.add_reader(pid_fd, self._end, loop, pid_fd)
        try:
            await self._stopped.wait()
            if self._ended.is_set():
                self._read(loop, output_fd)
        finally:
            loop.remove_reader(output_fd)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            with suppress(TimeoutError):
                async with asyncio.timeout(_DYING_S):
                    await self._ended.wait()
            loop.remove_reader(pid_fd)
            os.close(pid_fd)
            process.stdout.close()
            process.poll()
        return bytes(self._output), None if len(self._output) > OUTPUT_MAX else process.returncode

    def _read(self, loop: asyncio.AbstractEventLoop, output_fd: int) -> None:
        """Read what is available; stop at the end of the output or when there is too much."""
        with suppress(BlockingIOError):
            while len(self._output) <= OUTPUT_MAX:
                data = os.read(output_fd, OUTPUT_MAX + 1 - len(self._output))
                if not data:
                    loop.remove_reader(output_fd)
                    return
                self._output += data
            loop.remove_reader(output_fd)
            self._stopped.set()

    def _end(self, loop: asyncio.AbstractEventLoop, pid_fd: int) -> None:
        loop.remove_reader(pid_fd)
        self._ended.set()
        self._stopped.set()


@contextmanager
def _file_of(data: bytes) -> Iterator[int]:
    """Yield a file in memory with `data`: a pipe would block on a program that does not read."""
    if not data:
        yield subprocess.DEVNULL
        return
    descriptor = os.memfd_create("input", os.MFD_CLOEXEC)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(data)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)
