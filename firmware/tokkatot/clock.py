"""The time for people: the node's monotonic milliseconds plus what the server told."""

TOLERANCE_MS = 2000


class Clock:
    def __init__(self):
        self.offset = None

    def is_set(self):
        return self.offset is not None

    def told(self, server_now, now):
        offset = server_now - now
        if self.offset is None or abs(offset - self.offset) > TOLERANCE_MS:
            self.offset = offset

    def wall(self, at):
        """Unix milliseconds of a monotonic instant. Only where the clock is set."""
        return at + self.offset
