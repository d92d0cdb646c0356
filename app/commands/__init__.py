"""What `palometa` does on the command line: one file a command, joined in `app/cli.py`."""
