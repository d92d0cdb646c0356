"""The command line: the commands of `palometa`, their options, and the module that runs each."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from app import __version__
from app.commands.failure import CommandFailed
from app.exit_codes import ExitCode
from app.lvs.model.printable import visible_lines
from app.settings import SettingRefused, Settings

_EPILOGUE = """exit codes:
  0  success
  1  refused or failed; the reason is on standard error
  2  invalid command line
  3  the kernel differs from the configuration (plan: changes are needed; apply, status: some could not be made)

Settings are read from PALOMETA_* environment variables; README.md lists them."""

_MODULES = {"plan": "kernel", "apply": "kernel"}
"""The module in `app/commands` of each command that has no module of its own name."""
_FUNCTIONS = {"import": "import_config"}
"""The function of each command whose name is a Python keyword; it is in the module of that name."""
_AS_OWNER = frozenset({"web", "partner", "passwd", "token"})
"""The commands that root gives up its rights for; `import` does so itself, after it has read its file."""


Command = Callable[[Settings, argparse.Namespace], ExitCode]


def main(arguments: list[str] | None = None) -> int:
    """Run `palometa` with `arguments` (default: those of the process) and return its exit code."""
    options = command_line().parse_args(arguments)
    try:
        settings = Settings.from_environment(os.environ)
        function = command_function(options.command)
        if options.command in _AS_OWNER:
            _become_owner(settings)
        return int(function(settings, options))
    except CommandFailed as failed:
        print(f"palometa {options.command}: {visible_lines(str(failed))}", file=sys.stderr)
    except SettingRefused as refused:
        print(f"palometa: {visible_lines(str(refused))}", file=sys.stderr)
    except BrokenPipeError:
        # The reader (head, less) closed the pipe; Python's flush at exit must not fail on it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return ExitCode.FAILED


def command_function(name: str) -> Command:
    """Return the function that runs the command `name`."""
    # Imported on demand, so that `pulse` does not keep the web part in memory, nor `web` the netlink code.
    function = _FUNCTIONS.get(name, name.replace("-", "_"))
    module = _MODULES.get(name, function)
    command: Command = getattr(importlib.import_module(f"app.commands.{module}"), function)
    return command


def _become_owner(settings: Settings) -> None:
    # On demand: the other commands need no database.
    from app.commands.as_owner import become_owner

    become_owner(settings)


def _add_status_options(status: argparse.ArgumentParser) -> None:
    status.add_argument("--json", action="store_true", help="print everything pulse knows, as JSON")
    status.add_argument(
        "--watch",
        nargs="?",
        type=_interval,
        const=2.0,
        metavar="SECONDS",
        help="repeat every SECONDS (default: 2)",
    )
    table = status.add_mutually_exclusive_group()
    for option, name, words in (
        ("--stats", "stats", "connections, packets and bytes since each entry was added"),
        ("--rate", "rate", "connections, packets and bytes per second"),
        ("--thresholds", "thresholds", "upper and lower connection thresholds of each server"),
        ("--persistent-conn", "persistent", "persistent connections of each server"),
        ("--timeouts", "timeouts", "timeouts of idle connections, in seconds"),
        ("--daemon", "daemon", "state of the kernel's sync daemons"),
        ("-c", "connections", "connection entries, at most 1,000 of those that match"),
    ):
        more = {"-c": ["--connections"], "--timeouts": ["--timeout"]}.get(option, [])
        help_text = f"print the {words}, in ipvsadm's format"
        table.add_argument(option, *more, dest="table", action="store_const", const=name, help=help_text)
    filters = status.add_argument_group("connection filters", "print only the connection entries that match")
    filters.add_argument("--service", default="", help="service, as 'tcp 192.0.2.1:80' or 'fwm 5'")
    filters.add_argument("--server", default="", help="real server, as ADDRESS or ADDRESS:PORT")
    filters.add_argument(
        "--client",
        default="",
        help="client address or network; for an address, also print which server its next connection goes to",
    )
    filters.add_argument("--state", default="", help="connection state: ESTABLISHED, FIN_WAIT, ...")


def _add_token_options(token: argparse.ArgumentParser) -> None:
    actions = token.add_subparsers(dest="action", required=True, metavar="ACTION")
    make = actions.add_parser("make", help="create a token and print it; it cannot be displayed again")
    make.add_argument("name", help="name of the token, such as the program that uses it")
    make.add_argument(
        "--scope",
        choices=("read", "operate", "admin"),
        default="read",
        help="what the token may do (default: read)",
    )
    make.add_argument("--days", type=int, help="number of days it is valid (default: until revoked)")
    actions.add_parser("list", help="list the tokens and their last use")
    actions.add_parser("revoke", help="revoke a token").add_argument("name", help="name of the token")


def _interval(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.2 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not an interval: use 0.2 to 3600 seconds")
    return seconds


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="palometa",
        description="Web administration of Linux Virtual Server (IPVS) clusters.",
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"palometa {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("web", help="run the web interface")
    commands.add_parser("pulse", help="run the daemon that keeps the kernel in sync with lvs.cf")
    commands.add_parser("partner", help="keep the configuration in sync with the second router")
    passwd = commands.add_parser("passwd", help="set a password, creating the user if necessary")
    passwd.add_argument("name", nargs="?", default="admin", help="user name (default: admin)")
    _add_token_options(commands.add_parser("token", help="create, list and revoke API tokens"))
    export = commands.add_parser("export", help="print the configuration")
    export.add_argument("--json", action="store_true", help="print JSON instead of lvs.cf")
    export.add_argument("file", nargs="?", type=Path, help="path of an lvs.cf (default: the installed one)")
    plan = commands.add_parser("plan", help="print the pending kernel changes as ipvsadm commands")
    plan.add_argument("file", nargs="?", type=Path, help="path of an lvs.cf (default: the installed one)")
    apply = commands.add_parser("apply", help="apply a configuration to the kernel's IPVS table, once")
    apply.add_argument("file", type=Path, help="path of an lvs.cf")
    check = commands.add_parser("check", help="report errors and warnings in configuration files")
    check.add_argument("file", nargs="+", type=Path, help="path of an lvs.cf")
    check.add_argument("--piranha", action="store_true", help="check as Piranha's own parser would")
    check.add_argument("--json", action="store_true", help="print JSON")
    convert = commands.add_parser("convert", help="print a configuration in another format")
    convert.add_argument("file", type=Path, help="path of an lvs.cf or of a configuration in JSON")
    convert.add_argument("--to", required=True, choices=("lvs.cf", "json", "ipvsadm"), help="output format")
    imported = commands.add_parser(
        "import", help="make a file the current configuration, in the database and lvs.cf"
    )
    imported.add_argument("file", type=Path, help="path of an lvs.cf or of a configuration in JSON")
    status = commands.add_parser("status", help="print the state of pulse and the IPVS table, as ipvsadm -Ln")
    _add_status_options(status)
    top = commands.add_parser("top", help="show the traffic rates of the services, live in the terminal")
    top.add_argument(
        "seconds", nargs="?", type=_interval, default=2.0, help="seconds between updates (default: 2)"
    )
    switching = commands.add_parser("switch", help="hand the virtual IPs to the other router of the pair")
    switching.add_argument(
        "--anyway", action="store_true", help="switch even if the partner is not ready; connections may break"
    )
    notify_test = commands.add_parser("notify-test", help="send a test message to every recipient in lvs.cf")
    notify_test.add_argument("file", nargs="?", type=Path, help="path of an lvs.cf (default: the installed one)")
    return parser
