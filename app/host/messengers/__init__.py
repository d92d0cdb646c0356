"""Ways to send notifications: one file each. `send` delivers a message or reports why it could not."""
