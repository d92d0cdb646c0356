"""`palometa convert`: prints a configuration as lvs.cf, as JSON, or in ipvsadm-save format."""

import argparse
import json
import sys

from app.commands.failure import CommandFailed
from app.commands.load_config import load, understand
from app.exit_codes import ExitCode
from app.lvs.desired.table import desired
from app.lvs.formats.config_json import to_json
from app.lvs.grammar.value_writer import Unwritable
from app.lvs.grammar.writer import render
from app.lvs.ipvs.ipvsadm import saved
from app.settings import Settings


def convert(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Print the file in the requested format; its own format is detected."""
    if options.to == "json":
        print(json.dumps(to_json(understand(options.file)), indent=2))
    elif options.to == "lvs.cf":
        try:
            sys.stdout.buffer.write(render(understand(options.file)))
        except Unwritable as unwritable:
            raise CommandFailed(f"{options.file} cannot be written as lvs.cf: {unwritable}") from unwritable
    else:
        for line in saved(desired(load(options.file))):
            print(line)
    return ExitCode.DONE
