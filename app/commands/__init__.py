"""The commands of `palometa`, one module each; `app/cli.py` holds their options."""
