"""The two directors of a pair with the real `palometa partner` on each, and people who change things on them."""

from datetime import UTC, datetime
from html import unescape
from typing import Any, cast

from app.host.control_client import ask
from app.lvs.reports.partner import PartnerReport
from app.store import Partner
from app.web.partner.messages import is_live, lines, pair_history
from app.web.status.partner_client import PartnerSeen
from lab import programs
from lab.installation import WEB
from tests.pulse.two_directors.pair import PairDirector, PairOfDirectors
from tests.waiting import LIMIT_S

AT_THE_PAGES = "tests.pulse.two_directors.at_the_pages"
PARTNER = Partner("the other", "10.37.0.1", 3637, b"", datetime(2026, 1, 1, tzinfo=UTC))


class LinkedDirector:
    """One of the two, and its end of the link."""

    def __init__(self, director: PairDirector) -> None:
        self.director = director
        self.directory = director.installation.directory

    def start(self) -> programs.Running:
        """Start its end of the link."""
        (self.directory / "state/partner.sock").unlink(missing_ok=True)
        partner = self.director.program("partner", privileges=WEB, errors=self.director.log)
        return self.director.cluster.start_program(partner)

    def is_listening(self) -> bool:
        return (self.directory / "state/partner.sock").exists()

    def ask(self, verb: str, **arguments: Any) -> Any:
        return ask(self.directory / "state/partner.sock", verb, arguments, 45.0, program="partner")

    def status(self) -> PartnerReport:
        return cast(PartnerReport, self.ask("status"))

    def hears(self) -> bool:
        """Return whether the link works both ways."""
        status = self.status()
        return status["there"]["is_up"] and status["here"]["is_up"]

    def applied(self) -> int:
        """Return the serial of what pulse has applied; 0: nothing yet."""
        applied = self.director.status()["applied"]
        return applied["serial_no"] if applied else 0

    def lvs_cf(self) -> bytes:
        return self.director.installation.lvs_cf.read_bytes()

    def accept(self, text: str) -> int:
        """Make `text` the configuration on this router, as its people do; return the serial it has."""
        file = self.directory / "typed.cf"
        file.write_text(text)
        self._as_web("import", str(file))
        return self.status()["ours"]["serial_no"]

    def press(self, page: str, form: str, button: str) -> str:
        """Press a button on a page of this router; return what is said then."""
        return self._as_web(page, form, button, module=AT_THE_PAGES)

    def look(self, page: str) -> str:
        """Return what a page of this router shows."""
        return unescape(self._as_web(page, module=AT_THE_PAGES))

    def told(self, since: float) -> str:
        """Return what its pulse has told of since then."""
        return self.director.told(since)

    def story(self, since: float) -> str:
        """Return what its page PARTNER tells under WHAT HAPPENED, on either router, since then."""
        status = self.status()
        told = pair_history(status["ours"], status["theirs"] if is_live(status) else None)
        return "\n".join(line.text for line in told if line.at >= since)

    def knows_silent_pulse(self) -> bool:
        """Return whether it knows that the partner's pulse does not answer, and says so on every page."""
        seen = PartnerSeen(PARTNER, self.status())
        return any(line.word == "pulse silent" and line.is_banner for line in lines(seen))

    def dispute(self) -> str:
        """Return what its pulse sees wrong with who has the virtual IPs."""
        pair = self.director.status()["pair"]
        return pair["owners"]["dispute"] if pair else ""

    def table(self) -> str:
        """Return the services and real servers, weights and all, as the kernel has them."""
        return self.director.run("ipvsadm", "-S", "-n")

    def _as_web(self, *arguments: str, module: str = programs.PALOMETA) -> str:
        program = self.director.program(*arguments, module=module, privileges=WEB)
        run = programs.run(program, LIMIT_S)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout


class LinkedPair:
    """Both; `first` is the primary, and shows the code."""

    def __init__(self, pair: PairOfDirectors) -> None:
        self.pair = pair
        self.first, self.second = LinkedDirector(pair.first), LinkedDirector(pair.second)
        self.routers = (self.first, self.second)

    def start(self) -> None:
        """Start everything on both at once."""
        for router in self.routers:
            router.start()
        self.pair.start()
        self.until(lambda router: router.is_listening(), "the link's ends are there")

    def couple(self) -> None:
        """Make them partners, by the code that one shows, over the private network."""
        code = self.first.ask("code")
        self.second.ask("pair", code=code, address=str(self.pair.first.node.legs[1].ipv4), port=3637)
        self.until(lambda router: router.hears(), "each hears the other")

    def until(self, condition: Any, what: str) -> None:
        """Return when `condition` holds for both."""
        self.pair.until(lambda: all(condition(router) for router in self.routers), what)

    def until_agreed(self, serial: int) -> None:
        """Return when both have the revision of that serial, and have applied it."""
        self.until(
            lambda router: router.applied() == serial and router.status()["standing"] == "agreed",
            f"both apply {serial}",
        )
        assert self.first.lvs_cf() == self.second.lvs_cf()

    def lose_power(self) -> None:
        """Take both away at once, and all they had in memory; give them back, with nothing running yet."""
        for director in self.pair.directors:
            director.lose_power()
        for director in self.pair.directors:
            director.get_power()
