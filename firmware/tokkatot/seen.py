"""The commands that were taken, so that none is done twice: also after a power cut."""

# A clock that is set back by less does not bring a command to life again.
GRACE_MS = 3600 * 1000
MOST = 64


class Seen:
    def __init__(self, store):
        self.store = store

    def knows(self, command_id):
        return command_id in self.store.get("seen", {})

    def remember(self, command_id, expires_at, wall):
        """Where there is no room, what expired first is forgotten: no command is refused for it."""
        seen = self.store.get("seen", {})
        old = [name for name in seen if seen[name] < wall - GRACE_MS]
        for name in old:
            del seen[name]
        while len(seen) >= MOST:
            del seen[min(seen, key=lambda name: seen[name])]
        seen[command_id] = expires_at
        self.store.put("seen", seen)
