"""Taking a revision of the partner: as it came, the way every change goes, and only if it is newer than ours."""

from datetime import UTC, datetime

from app.accept.accept import AcceptContext, ChangeResult, EditedByHand, NotSaved, Unchanged, accept, config_of
from app.host.names import PatientNames
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import Writer
from app.lvs.model.config import Config
from app.lvs.model.problem import Severity
from app.lvs.rules.rulebook import check, judged_for_running
from app.partner.failures import NotTaken
from app.partner.messages import SentRevision
from app.settings import Settings
from app.store import Edit, PairingOffer, Store

VIA = " via partner"


def take(settings: Settings, store: Store, sent: SentRevision, remote: str) -> str:
    """Make the partner's revision ours, with its serial and byte for byte; raise NotTaken.

    Return why lvs.cf could not be written, empty: it was.

    Whether it descends from what we have is looked at with everything else locked out: the older never overwrites
    the newer, whatever was accepted here meanwhile.
    """
    config = _readable(sent)

    def change(edit: Edit) -> ChangeResult:
        mine = edit.head
        if mine == sent.version:
            raise Unchanged(mine.serial_no)
        edit.learn(sent.links)
        if not edit.descends(sent.version, mine):
            raise NotTaken(
                f"Serial {sent.version.serial_no} was not made from serial {mine.serial_no}, which was "
                "accepted on the "
                "other router meanwhile."
            )
        _refuse_errors(config_of(edit.snapshot), config)
        edit.skip_to(sent.version.serial_no)
        edit.replace(config)
        return ChangeResult(sent.summary, None, parents=(sent.version,), data=sent.data)

    author = sent.author if sent.author.endswith(VIA) else f"{sent.author}{VIA}"
    parts = AcceptContext(settings, store, Writer(), author, remote, None)
    try:
        return accept(parts, change).trouble
    except Unchanged:
        return ""
    except EditedByHand as edited:
        raise NotTaken(
            "lvs.cf was edited by hand on the router that should take it: import or overwrite that edit "
            "there first."
        ) from edited
    except NotSaved as failed:
        raise NotTaken(str(failed)) from failed


def keep(store: Store, sent: SentRevision) -> None:
    """Keep what the partner has, for a person to choose from."""
    at = datetime.fromtimestamp(sent.at, UTC)
    store.partners.keep_offer(PairingOffer(sent.version, at, sent.author, sent.summary, sent.data))


def _readable(sent: SentRevision) -> Config:
    config = parse(sent.data, PatientNames()).config
    if config is None or config.serial_no != sent.version.serial_no:
        raise NotTaken(
            f"Serial {sent.version.serial_no} cannot be read by the other router: are both of one version "
            "of Palometa?"
        )
    return config


def _refuse_errors(before: Config, config: Config) -> None:
    """Refuse what pulse would refuse to run, but for what is wrong here already: then the partner mends it."""
    problems = judged_for_running(config, check(config))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if not errors:
        return
    known = set(judged_for_running(before, check(before)))
    new = [problem for problem in errors if problem not in known]
    if new:
        raise NotTaken(f"The rules of the other router refuse it: {new[0].message}")
