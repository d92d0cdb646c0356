"""What the programs of a cluster import, loaded at once: `lab.programs` forks them from a process that has it."""

import gc
import importlib

# Not gunicorn, which takes its user to be that of the process that loads it.
_MODULES = (
    "app.cli",
    "app.commands.import_config",
    "app.commands.kernel",
    "app.commands.partner",
    "app.commands.pulse",
    "app.commands.status",
    "app.host.file_watch",
    "app.host.messengers.program",
    "app.host.network.interface_socket",
    "app.lvs.reports.document",
    "app.lvs.reports.partner",
    "app.web.factory",
    "lab.asker",
    "lab.webserver",
)

for _name in _MODULES:
    importlib.import_module(_name)
# What is loaded is not looked through again by each that is forked, which would copy its memory.
gc.collect()
gc.freeze()
