"""The command line: which commands there are, and where each of them is done."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from app import __version__
from app.commands.failure import CommandFailed
from app.exit_codes import ExitCode
from app.settings import SettingRefused, Settings

_EPILOGUE = """exit codes: 0 done; 1 refused or impossible, standard error says why; 2 wrong command line;
3 the kernel differs from the configuration (plan: before; apply, status: still).
Settings come from PALOMETA_ variables: README.md lists them."""


Command = Callable[[Settings, argparse.Namespace], ExitCode]


def main(arguments: list[str] | None = None) -> int:
    """Run `palometa` with `arguments` (None: those of the process) and return its exit code."""
    options = command_line().parse_args(arguments)
    try:
        settings = Settings.from_environment(os.environ)
        return int(_command(options.command)(settings, options))
    except CommandFailed as failed:
        print(f"palometa {options.command}: {failed}", file=sys.stderr)
    except SettingRefused as refused:
        print(f"palometa: {refused}", file=sys.stderr)
    except BrokenPipeError:
        # The reader (head, less) has seen enough; what Python still wants to flush has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return ExitCode.FAILED


def _command(name: str) -> Command:
    # Loaded when it is run, so that `pulse` does not carry the web part in its memory, nor `web` the netlink one.
    name = {"import": "take"}.get(name, name.replace("-", "_"))
    module = {"plan": "kernel", "apply": "kernel", "take": "import_config"}.get(name, name)
    command: Command = getattr(importlib.import_module(f"app.commands.{module}"), name)
    return command


def _add_status_options(status: argparse.ArgumentParser) -> None:
    status.add_argument("--json", action="store_true", help="all that pulse knows of it, as JSON")
    status.add_argument(
        "--watch",
        nargs="?",
        type=_interval,
        const=2.0,
        metavar="SECONDS",
        help="again and again (default: every 2 s)",
    )
    table = status.add_mutually_exclusive_group()
    for option, name, words in (
        ("--stats", "stats", "connections, packets and bytes since each entry was made"),
        ("--rate", "rate", "the same per second"),
        ("--thresholds", "thresholds", "the connections at which a server gets no more"),
        ("--persistent-conn", "persistent", "persistence templates of each server"),
        ("--timeouts", "timeouts", "how long a silent connection is remembered, in seconds"),
        ("--daemon", "daemon", "the kernel's sync daemons"),
        ("-c", "connections", "the connections, at most 1,000 of those asked for"),
    ):
        more = {"-c": ["--connections"], "--timeouts": ["--timeout"]}.get(option, [])
        help_text = f"{words}, as ipvsadm prints it"
        table.add_argument(option, *more, dest="table", action="store_const", const=name, help=help_text)
    asked = status.add_argument_group("connections")
    asked.add_argument("--service", default="", help="of one service: 'tcp 192.0.2.1:80', 'fwm 5'")
    asked.add_argument("--server", default="", help="to one real server: ADDRESS or ADDRESS:PORT")
    asked.add_argument(
        "--client", default="", help="from an address or network; of an address, also where it goes"
    )
    asked.add_argument("--state", default="", help="in one state: ESTABLISHED, FIN_WAIT, ...")


def _interval(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.2 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no interval: give seconds from 0.2 to 3600")
    return seconds


def command_line() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser(
        prog="palometa",
        description="Web administration of Linux Virtual Server (IPVS) clusters.",
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"palometa {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("web", help="serve the pages")
    commands.add_parser("pulse", help="run the daemon that keeps the kernel equal to lvs.cf")
    commands.add_parser("partner", help="keep this router and a second one at one configuration")
    passwd = commands.add_parser("passwd", help="set a password; makes the user if there is none of that name")
    passwd.add_argument("name", nargs="?", default="admin", help="the user (default: admin)")
    token = commands.add_parser("token", help="make, list and revoke the tokens of the API")
    actions = token.add_subparsers(dest="action", required=True, metavar="ACTION")
    make = actions.add_parser("make", help="make a token and print it, this once")
    make.add_argument("name", help="what uses it")
    make.add_argument("--scope", choices=("read", "operate", "admin"), default="read", help="default: read")
    make.add_argument("--days", type=int, help="how long it is good for (default: until it is revoked)")
    actions.add_parser("list", help="print those there are, with their last use")
    actions.add_parser("revoke", help="make one good for nothing").add_argument("name", help="its name")
    export = commands.add_parser("export", help="print the configuration")
    export.add_argument("--json", action="store_true", help="as JSON instead of lvs.cf")
    export.add_argument("file", nargs="?", type=Path, help="an lvs.cf (default: the installed one)")
    plan = commands.add_parser("plan", help="print, as ipvsadm commands, what would change in the kernel")
    plan.add_argument("file", nargs="?", type=Path, help="an lvs.cf (default: the installed one)")
    apply = commands.add_parser("apply", help="bring the kernel's table to a configuration, once")
    apply.add_argument("file", type=Path, help="an lvs.cf")
    check = commands.add_parser("check", help="say what is wrong with a file, or will bite")
    check.add_argument("file", nargs="+", type=Path, help="an lvs.cf")
    check.add_argument("--piranha", action="store_true", help="judge as Piranha's own parser did")
    check.add_argument("--json", action="store_true", help="as JSON")
    convert = commands.add_parser("convert", help="print a configuration in another form")
    convert.add_argument("file", type=Path, help="an lvs.cf, or its JSON")
    convert.add_argument("--to", required=True, choices=("lvs.cf", "json", "ipvsadm"), help="the form")
    imported = commands.add_parser("import", help="make a file the configuration, in database and lvs.cf")
    imported.add_argument("file", type=Path, help="an lvs.cf, or its JSON")
    status = commands.add_parser("status", help="print pulse's state and the table as ipvsadm -Ln does")
    _add_status_options(status)
    top = commands.add_parser("top", help="show the services by their rates, live in the terminal")
    top.add_argument("seconds", nargs="?", type=_interval, default=2.0, help="between two looks (default: 2)")
    switching = commands.add_parser("switch", help="hand the virtual IPs to the other router of the pair")
    switching.add_argument(
        "--anyway", action="store_true", help="to one that is not ready, too: connections may break"
    )
    notify_test = commands.add_parser("notify-test", help="send a test message to everybody lvs.cf names")
    notify_test.add_argument("file", nargs="?", type=Path, help="an lvs.cf (default: the installed one)")
    return parser
