"""`palometa import`: a file becomes the configuration, as if it had been accepted on the pages."""

import argparse
import sys

from app.accept.accept import AcceptContext, ChangeResult, EditedByHand, NotSaved, Refused, Unchanged, accept
from app.accept.on_disk import digest
from app.commands.author import author
from app.commands.failure import CommandFailed
from app.commands.load_config import load, problem_line, read_file
from app.exit_codes import ExitCode
from app.host.lvs_cf_file import read
from app.lvs.grammar.positions import located
from app.lvs.grammar.writer import Writer
from app.lvs.rules.rulebook import check
from app.settings import Settings
from app.store import StoreBusy, StoreFailed, migrate, open_store
from app.store.config.edit import Edit


def take(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Save the file as a new revision and write lvs.cf; the one before stays in the history."""
    config = load(options.file)
    for problem in located(config, check(config)):
        print(problem_line(options.file, problem), file=sys.stderr)

    data = read_file(options.file)

    def change(edit: Edit) -> ChangeResult:
        # The file that is installed has this router's own names of interfaces; any other has the shared ones.
        is_installed = data == read(settings.lvs_cf)
        edit.replace(edit.device_names.taken_out(config) if is_installed else config)
        return ChangeResult(f"imported {options.file.name}", ())

    try:
        migrate(settings.database_url)
        store = open_store(settings.database_url)
        parts = AcceptContext(settings, store, Writer(), author(), None, None)
        # A file edited by hand is given up only for itself: importing it is how that edit is kept.
        accepted = accept(parts, change, digest(data))
    except Unchanged as unchanged:
        print(f"Nothing differs from {unchanged.serial_no}: nothing is changed.")
        return ExitCode.DONE
    except EditedByHand as edited:
        raise CommandFailed(
            f"{settings.lvs_cf} was edited by hand since {edited.serial_no}: import that file first, or overwrite "
            "it on the pages. Nothing is changed."
        ) from edited
    except (Refused, NotSaved, StoreBusy, StoreFailed) as failed:
        raise CommandFailed(str(failed)) from failed
    if accepted.trouble:
        raise CommandFailed(f"saved {accepted.serial_no}, but lvs.cf is not written: {accepted.trouble}")
    print(f"saved {accepted.serial_no}")
    return ExitCode.DONE
