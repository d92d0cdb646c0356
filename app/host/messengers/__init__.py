"""Ways to tell somebody outside: one file each. `send` delivers a message or says why not."""
