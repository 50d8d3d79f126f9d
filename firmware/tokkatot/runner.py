"""Brings node, board and broker together: one loop that never ends.

The board has `now()` (monotonic milliseconds), `sleep(ms)`, `chance()` (0 to 1), `measure()` (a list of
readings) and `interval_ms`. `connect(work)` makes a connected client or raises OSError; as long as it
takes for that, it calls `work.live()` every `TURN_MS`.
"""

PAUSE_FIRST_MS = 1000
PAUSE_MOST_MS = 30000
PING_MS = 15000
SILENCE_MS = 45000
TURN_MS = 50


def run(node, board, connect):
    work = Work(node, board)
    pause = PAUSE_FIRST_MS
    while True:
        try:
            client = connect(work)
        except OSError:
            work.live_for(shortened(pause, board.chance()))
            pause = min(pause * 2, PAUSE_MOST_MS)
            continue
        pause = PAUSE_FIRST_MS
        node.connected(board.now())
        try:
            work.talk(client)
        except OSError:
            pass  # the link is down: that is what the rest of this loop is for
        client.close()
        node.disconnected(board.now(), list(client.unconfirmed.values()))
        work.live_for(shortened(pause, board.chance()))


def shortened(pause, chance):
    """Half of the pause to all of it, so that a village does not come back all at once."""
    return int(pause * (1 - chance / 2))


class Work:
    def __init__(self, node, board):
        self.node = node
        self.board = board
        self.next_measurement = board.now()

    def live(self):
        """What must happen whether there is a broker or not: switching off in time, measuring."""
        now = self.board.now()
        self.node.tick(now)
        if now >= self.next_measurement:
            self.next_measurement = now + self.interval_ms()
            self.node.measured(self.board.measure(), now)

    def interval_ms(self):
        """As configured, or the board's own where that is no sensible number."""
        seconds = self.node.parameter("air", "polling_interval", None)
        is_sensible = isinstance(seconds, (int, float)) and 1 <= seconds <= 86400
        return int(seconds * 1000) if is_sensible else self.board.interval_ms

    def live_for(self, span):
        until = self.board.now() + span
        while self.board.now() < until:
            self.live()
            self.board.sleep(TURN_MS)

    def talk(self, client):
        said = heard = self.board.now()
        while True:
            self.live()
            message = self.node.next_message()
            while message:
                client.publish(message)
                said = self.board.now()
                message = self.node.next_message()
            for kind, payload in client.receive(TURN_MS):
                self.node.received(kind, payload, self.board.now())
            now = self.board.now()
            if client.has_heard():
                heard = now
            if now - said > PING_MS:
                client.ping()
                said = now
            if now - heard > SILENCE_MS:
                raise OSError("the broker has fallen silent")
