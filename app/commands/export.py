"""`palometa export`: prints the configuration as lvs.cf or JSON."""

import argparse
import json
import sys

from app.commands.load_config import load
from app.exit_codes import ExitCode
from app.lvs.formats.config_json import to_json
from app.lvs.grammar.writer import render
from app.settings import Settings


def export(settings: Settings, options: argparse.Namespace) -> ExitCode:
    """Print the configuration in the given file, by default the installed lvs.cf."""
    config = load(options.file or settings.lvs_cf)
    if options.json:
        print(json.dumps(to_json(config), indent=2))
    else:
        sys.stdout.buffer.write(render(config))
    return ExitCode.DONE
