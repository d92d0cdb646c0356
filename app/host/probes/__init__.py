"""One file for each kind of check: it asks one server once, and tells how far it came. Decides nothing."""
