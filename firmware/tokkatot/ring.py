"""What was measured or switched and is not acknowledged yet: numbered, in order, bounded.

A message is a list [seq, at, kind, content, ts]. `at` is the node's monotonic time of it; `ts`, the time
for people, is worked out once, when it is sent for the first time, and never changes afterwards: the
server tells messages apart by boot and seq and keeps what came first.
"""


class Ring:
    def __init__(self, capacity):
        self.capacity = capacity
        self.held = []
        self.next_seq = 1
        self.acked = 0  # everything up to here is durable on the server
        self.sent = 0  # everything up to here was sent in this connection

    def push(self, at, kind, content):
        self.held.append([self.next_seq, at, kind, content, None])
        self.next_seq += 1
        if len(self.held) > self.capacity:
            self.held.pop(0)  # the oldest is given up; `first` tells it

    def rewind(self):
        """A new connection: everything that is held is sent again."""
        self.sent = 0

    def acknowledge(self, seq):
        if self.acked < seq < self.next_seq:
            self.acked = seq
            while self.held and self.held[0][0] <= seq:
                self.held.pop(0)

    def next(self):
        """The next message to send, or None."""
        for message in self.held:
            if message[0] > self.sent:
                self.sent = message[0]
                return message
        return None

    def first(self):
        """The oldest number held, if something unacknowledged before it was given up; else None."""
        if self.held and self.held[0][0] > self.acked + 1:
            return self.held[0][0]
        return None
