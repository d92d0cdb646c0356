"""Accepts a revision of the partner: unaltered, like any other change, and only if it is newer than ours."""

from datetime import UTC, datetime

from app.accept.accept import AcceptContext, ChangeResult, EditedByHand, NotSaved, Unchanged, accept, config_of
from app.host.names import PatientNames
from app.lvs.grammar.reader import parse
from app.lvs.grammar.writer import Writer
from app.lvs.model.config import Config
from app.lvs.model.problem import Severity
from app.lvs.rules.rulebook import check, judged_for_running
from app.partner.failures import NotTaken
from app.partner.messages import RevisionMessage, read_content
from app.settings import Settings
from app.store import Edit, PairingOffer, Store

VIA = " via partner"


def take(settings: Settings, store: Store, sent: RevisionMessage, remote: str) -> str:
    """Make the partner's revision ours, with its serial and byte for byte; raise NotTaken.

    Return why lvs.cf could not be written, empty: it was.

    Whether it descends from ours is checked under the lock that every change takes, so an older revision never
    overwrites a newer one, whatever was accepted here meanwhile.
    """
    data = read_content(sent)
    config = _readable(sent, data)

    def change(edit: Edit) -> ChangeResult:
        mine = edit.head
        if mine == sent.version:
            raise Unchanged(mine.serial_no)
        edit.learn(sent.links)
        if not edit.descends(sent.version, mine):
            raise NotTaken(
                f"Serial {sent.version.serial_no} was not made from serial {mine.serial_no}, which was accepted "
                "on the other router meanwhile."
            )
        _refuse_errors(config_of(edit.snapshot), config)
        edit.skip_to(sent.version.serial_no)
        edit.replace(config)
        return ChangeResult(sent.summary, None, parents=(sent.version,), data=data)

    author = sent.author if sent.author.endswith(VIA) else f"{sent.author}{VIA}"
    parts = AcceptContext(settings, store, Writer(), author, remote, None)
    try:
        return accept(parts, change).trouble
    except Unchanged:
        return ""
    except EditedByHand as edited:
        raise NotTaken(
            "lvs.cf was edited by hand on the other router. Import or overwrite that edit there first."
        ) from edited
    except NotSaved as failed:
        raise NotTaken(str(failed)) from failed


def keep(store: Store, sent: RevisionMessage) -> None:
    """Keep the partner's revision, for an administrator to choose from."""
    at = datetime.fromtimestamp(sent.at, UTC)
    store.partners.keep_offer(PairingOffer(sent.version, at, sent.author, sent.summary, read_content(sent)))


def _readable(sent: RevisionMessage, data: bytes) -> Config:
    config = parse(data, PatientNames()).config
    if config is None or config.serial_no != sent.version.serial_no:
        raise NotTaken(
            f"Serial {sent.version.serial_no} cannot be read by the other router. Run the same version of "
            "Palometa on both."
        )
    return config


def _refuse_errors(before: Config, config: Config) -> None:
    """Refuse what pulse would refuse to run, except for errors that are here already and may be being fixed."""
    problems = judged_for_running(config, check(config))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if not errors:
        return
    known = set(judged_for_running(before, check(before)))
    new = [problem for problem in errors if problem not in known]
    if new:
        raise NotTaken(f"The other router rejects this configuration: {new[0].message}")
