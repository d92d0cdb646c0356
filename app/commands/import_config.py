"""`palometa import`: makes a file the current configuration, as ACCEPT on the pages does."""

import argparse
import sys

from app.accept.accept import AcceptContext, ChangeResult, EditedByHand, NotSaved, Refused, Unchanged, accept
from app.accept.on_disk import digest
from app.commands.as_owner import read_and_become_owner
from app.commands.author import author
from app.commands.failure import CommandFailed
from app.commands.load_config import load_data, problem_line
from app.exit_codes import ExitCode
from app.host.files.atomic_file import read
from app.lvs.grammar.positions import located
from app.lvs.grammar.writer import Writer
from app.lvs.rules.rulebook import check
from app.settings import Settings
from app.store import StoreBusy, StoreFailed, migrate, open_store
from app.store.config.edit import Edit


def import_config(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Save the file as a new revision and write lvs.cf; the previous revision stays in the history."""
    data = read_and_become_owner(settings, options.file)
    config = load_data(options.file, data)
    for problem in located(config, check(config)):
        print(problem_line(options.file, problem), file=sys.stderr)

    def change(edit: Edit) -> ChangeResult:
        # Only the installed file uses this router's local interface names; any other uses the shared ones.
        is_installed = data == read(settings.lvs_cf)
        edit.replace(edit.device_names.taken_out(config) if is_installed else config)
        return ChangeResult(f"imported {options.file.name}", ())

    try:
        migrate(settings.database_url)
        store = open_store(settings.database_url)
        parts = AcceptContext(settings, store, Writer(), author(), None, None)
        # An lvs.cf edited by hand may be overwritten only by itself: importing it keeps the edit.
        accepted = accept(parts, change, digest(data))
    except Unchanged as unchanged:
        print(f"No changes: the file is the same as {unchanged.serial_no}.")
        return ExitCode.DONE
    except EditedByHand as edited:
        raise CommandFailed(
            f"{settings.lvs_cf} was edited by hand since {edited.serial_no}. Nothing was changed. Import "
            "that file first, or overwrite it on the IMPORT/EXPORT page."
        ) from edited
    except (Refused, NotSaved, StoreBusy, StoreFailed) as failed:
        raise CommandFailed(str(failed)) from failed
    if accepted.trouble:
        raise CommandFailed(f"saved as {accepted.serial_no}, but lvs.cf could not be updated. {accepted.trouble}")
    if accepted.remark:
        print(f"{accepted.remark}.", file=sys.stderr)
    print(f"saved as {accepted.serial_no}")
    return ExitCode.DONE
