"""A database that is cut off, empty, rubbish or read-only, under a real web part: sentences, and no traceback."""

import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from app.commands.web import WORKERS
from app.store import StoreFailed, open_store
from app.web.factory import create_app
from lab.programs import Running
from tests.waiting import LIMIT_S, until
from tests.web.served import ServedWeb, serving

PAGE = 4096
FLIPS, STARTS = 100, 5
PAGES = ("/control", "/virtual", "/global", "/history", "/login", "/api/virtual")


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def cut_in_its_header(data: bytes) -> bytes:
    return data[:50]


def rubbish(data: bytes) -> bytes:
    return random.Random(1).randbytes(len(data))


def rubbish_behind_the_header(data: bytes) -> bytes:
    return data[:100] + random.Random(2).randbytes(len(data) - 100)


def a_text(data: bytes) -> bytes:
    return b"[section]\nthis = is not a database\n" * 200


def zeros(data: bytes) -> bytes:
    return bytes(len(data))


DAMAGES = [cut, cut_in_its_header, rubbish, rubbish_behind_the_header, a_text, zeros]


@pytest.fixture
def web(tmp_path: Path, database: Path) -> Iterator[ServedWeb]:
    served = ServedWeb(tmp_path, tmp_path / "lvs.cf", database)
    yield served
    served.stop()


def put(web: ServedWeb, content: bytes) -> None:
    """Put `content` in the place of the database, and nothing beside it."""
    for companion in ("-wal", "-shm"):
        web.database.with_name(f"{web.database.name}{companion}").unlink(missing_ok=True)
    web.database.write_bytes(content)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_start_with_a_damaged_database_ends_with_a_sentence(
    web: ServedWeb, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    before, lvs_cf = damage(web.database.read_bytes()), web.settings.lvs_cf.read_bytes()
    put(web, before)
    log = tmp_path / "log"
    status = web.start(log).wait(LIMIT_S)
    said = log.read_text()
    assert status not in (0, -9), said
    assert "Traceback" not in said
    assert str(web.database) in said
    assert "restore a backup" in said
    assert len(said.splitlines()) == 1
    # What is there may be what somebody can still save.
    assert web.database.read_bytes() == before
    assert web.settings.lvs_cf.read_bytes() == lvs_cf


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_database_damaged_under_it_is_said_on_every_page_and_restored_it_serves_again(
    web: ServedWeb, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    log, sound = tmp_path / "log", web.database.read_bytes()
    with serving(web, log):
        put(web, damage(sound))
        answers = {address: web.look(address) for address in PAGES}
        assert web.ask("GET", "/health").status == 200
        refused = web.set_port(8081)
    # As the sentence says: stop palometa, restore a backup.
    put(web, sound)
    with serving(web, log):
        assert web.set_port(8082).status == 200
    for address, answer in answers.items():
        assert answer.status in (200, 401, 503), f"{address}: {answer.text}"
        if answer.status == 503 and not address.startswith("/api"):
            assert "<h1>" in answer.text
            assert "Nothing was changed" in answer.text
    assert refused.status in (401, 503)
    assert b"port = 8081" not in web.settings.lvs_cf.read_bytes()
    assert "Traceback" not in log.read_text()


def test_workers_that_start_while_the_database_is_damaged_serve(web: ServedWeb, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with serving(web, log):
        until(lambda: len(web.workers) == WORKERS, log.read_text)
        put(web, rubbish(web.database.read_bytes()))
        for worker in web.workers:
            os.kill(worker, signal.SIGKILL)
        web.wait(log)
        assert web.look("/control").status == 503
        assert web.workers, log.read_text()


def test_an_empty_file_is_a_first_start_that_offers_the_lvs_cf_that_is_there(
    web: ServedWeb, tmp_path: Path
) -> None:
    lvs_cf = web.settings.lvs_cf.read_bytes()
    put(web, b"")
    with serving(web, tmp_path / "log"):
        assert "Set the first password" in (tmp_path / "log").read_text()
        # Sessions and tokens of before are nobody's.
        assert web.look("/virtual").status == 303
        assert web.set_port(8081).status == 401
    assert web.settings.lvs_cf.read_bytes() == lvs_cf


def flipped(sound: bytes, chance: random.Random) -> bytes:
    """Return `sound` with some bits flipped: in the schema, in the headers of pages, in what is stored."""
    content = bytearray(sound)
    stored = [at for at, byte in enumerate(sound) if byte]
    for _ in range(chance.randrange(1, 20)):
        header = chance.randrange(len(sound) // PAGE) * PAGE + chance.randrange(12)
        at = chance.choice([chance.randrange(PAGE), header, chance.choice(stored), chance.choice(stored)])
        content[at] ^= 1 << chance.randrange(8)
    return bytes(content)


def test_flipped_bits_are_no_internal_error_of_any_page(web: ServedWeb) -> None:
    """Each page is read by a store that was opened after the damage, and has nothing in memory."""
    sound = web.database.read_bytes()
    chance = random.Random(36)
    seen: Counter[int] = Counter()
    for number in range(FLIPS):
        put(web, flipped(sound, chance))
        try:
            store = open_store(web.settings.database_url)
        except StoreFailed:
            seen[0] += 1
            continue
        client = create_app(web.settings, store).test_client()
        name, _, token = web.cookie.partition("=")
        client.set_cookie(name, token)
        for address in PAGES[:-2]:
            answer = client.get(address)
            seen[answer.status_code] += 1
            assert answer.status_code in (200, 303, 503), f"{number} {address}: {answer.text}"
        store.close()
    # Some flips matter, and some do not.
    assert seen[200]
    assert seen[503] + seen[0]


def has_spoken(process: Running, log: Path) -> bool:
    return process.poll() is not None or (log.exists() and b"\n" in log.read_bytes())


def test_a_start_with_flipped_bits_serves_or_ends_with_a_sentence(web: ServedWeb, tmp_path: Path) -> None:
    sound = web.database.read_bytes()
    chance = random.Random(63)
    for number in range(STARTS):
        put(web, flipped(sound, chance))
        log = tmp_path / f"log{number}"
        until(partial(has_spoken, web.start(log), log))
        web.stop()
        assert "Traceback" not in log.read_text(), f"{number}: {log.read_text()}"


def test_a_copy_that_was_sound_is_sound(web: ServedWeb, tmp_path: Path) -> None:
    """The tests above would prove nothing if a copy put in its place were refused for being one."""
    copy = tmp_path / "copy.db"
    shutil.copy(web.database, copy)
    put(web, copy.read_bytes())
    with serving(web, tmp_path / "log"):
        assert web.set_port(8081).status == 200
