"""The API for programs, under /api/, and /metrics: closed to cookies, open to tokens of the right scope."""
