"""Protocol v1 without a socket and without pins: messages and instants go in, messages come out.

`now` is always monotonic milliseconds. `switches` maps a device's name to an object with `set(value)`,
where value is 0 or 1 for a relay, and `bounds`, which is None for a relay or (least, most) for what takes
a value. See docs/devices.md; each rule there is kept here.
"""

import json

from tokkatot.clock import Clock
from tokkatot.commands import Refused, judge
from tokkatot.ring import Ring
from tokkatot.rules import Rules, Wrong, check
from tokkatot.seen import Seen

FIRMWARE = "example-1.0.0"
LINK_LOSS_MS = 60 * 1000
MOST_WAITING = 32


class Node:
    def __init__(self, switches, store, now, capacity=200, heartbeat_ms=30000, rssi=lambda: None):
        self.switches = switches
        self.store = store
        self.boot = store.next_boot()
        self.booted_at = now
        self.heartbeat_ms = heartbeat_ms
        self.rssi = rssi
        self.clock = Clock()
        self.ring = Ring(capacity)
        self.seen = Seen(store)
        self.outbox = []
        self.is_connected = False
        self.lost_at = now
        self.next_heartbeat = now
        self.states = {}
        self.rules = Rules(self.parameter, self.states)
        for name in switches:
            switches[name].set(0)
            self.states[name] = {"state": "off", "value": None, "cause": "boot", "since": now, "ends": None}

    # The link

    def connected(self, now):
        """Online first, then a heartbeat, then everything that waits, then all states."""
        self.is_connected = True
        self.lost_at = None
        self.outbox.insert(0, ("availability", "online", True))
        self.next_heartbeat = now
        self.ring.rewind()
        self.tell_states(list(self.switches), now)
        self.tick(now)

    def disconnected(self, now, unconfirmed=()):
        """`unconfirmed` are results that may be lost: they are told again."""
        self.is_connected = False
        self.lost_at = now
        kept = [message for message in self.outbox if message[0] in ("result", "config_ack")]
        self.outbox = list(unconfirmed) + kept

    def next_message(self):
        """(kind, payload, retain), or None while there is nothing to say or nobody to say it to."""
        if not self.is_connected:
            return None
        if self.outbox:
            return self.outbox.pop(0)
        if not self.clock.is_set():
            return None  # numbered messages need the time, which the server tells after each connect
        message = self.ring.next()
        return self.numbered(message) if message else None

    def received(self, kind, payload, now):
        try:
            message = json.loads(payload)
            if kind == "ack":
                if message["boot"] == self.boot:
                    self.ring.acknowledge(message["seq"])
            elif kind == "time":
                self.clock.told(message["now"], now)
            elif kind == "command":
                self.commanded(message, now)
            elif kind == "config":
                self.configured(message)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.log("warn", "not understood on down/%s: %s" % (kind, error))

    # What time brings

    def tick(self, now):
        for name in self.states:
            ends = self.states[name]["ends"]
            if ends is not None and now >= ends:
                self.switch(name, 0, None, "timer", now)
            elif self.rules.is_over(name, now):
                self.switch(name, 0, None, "safety", now)
        if self.is_connected and now >= self.next_heartbeat:
            self.next_heartbeat = now + self.heartbeat_ms
            self.beat(now)
        if self.lost_at is not None and now - self.lost_at >= LINK_LOSS_MS:
            self.lost_at = None  # once for each loss
            self.link_lost(now)

    def link_lost(self, now):
        for name in self.switches:
            wish = self.parameter(name, "on_link_loss", "hold")
            if wish in ("on", "off") and self.states[name]["state"] != wish:
                self.switch(name, 1 if wish == "on" else 0, None, "safety", now)

    def beat(self, now):
        beat = {"boot": self.boot, "uptime_s": (now - self.booted_at) // 1000, "firmware": FIRMWARE}
        if self.rssi() is not None:
            beat["rssi_dbm"] = self.rssi()
        if self.clock.is_set():
            beat["ts"] = self.clock.wall(now)
        self.say("heartbeat", beat)

    def measured(self, readings, now):
        """`readings` is a list of (device, sensor, value, unit); what failed is not in it."""
        if readings:
            keys = ("device", "sensor", "value", "unit")
            self.ring.push(now, "readings", [dict(zip(keys, reading)) for reading in readings])

    # Switching

    def commanded(self, command, now):
        command_id, expires_at = command["command_id"], command["expires_at"]
        if not self.clock.is_set():
            return self.result(command_id, "failed", now, error="the clock is not set")
        wall = self.clock.wall(now)
        if wall >= expires_at or self.seen.knows(command_id):
            return None
        self.seen.remember(command_id, expires_at, wall)
        try:
            value, ends = judge(self.switches, command, now)
            why = self.rules.forbids(command["device"], now) if value else None
            if why:
                raise Refused(why)
        except Refused as refused:
            return self.result(command_id, "failed", now, error=str(refused))
        self.result(command_id, "executing", now)
        shown = value if command["action"] == "set_value" else None
        self.switch(command["device"], value, shown, "command", now, ends)
        return self.result(command_id, "completed", now, state=self.states[command["device"]]["state"])

    def switch(self, name, value, shown, cause, now, ends=None):
        self.switches[name].set(value)
        old, state = self.states[name], "on" if value else "off"
        if state == "on" and old["state"] != "on":
            self.rules.started(name, now)
        since = old["since"] if old["state"] == state else now
        self.states[name] = {"state": state, "value": shown, "cause": cause, "since": since, "ends": ends}
        self.tell_states([name], now)

    def tell_states(self, names, now):
        if names:
            self.ring.push(now, "state", [(name, dict(self.states[name])) for name in names])

    # Configuration

    def configured(self, config):
        """The highest version stays in force, and is what is answered; one that can not be kept to is refused."""
        if not all(isinstance(parameters, dict) for parameters in config["devices"].values()):
            raise ValueError("parameters are named")
        answer = {"version": self.store.get("config", {"version": 0})["version"]}
        if config["version"] > answer["version"]:
            try:
                check(config["devices"])
                self.store.put("config", {"version": config["version"], "devices": config["devices"]})
                answer = {"version": config["version"]}
            except Wrong as wrong:
                answer["refused"], answer["error"] = config["version"], str(wrong)
        self.say("config_ack", answer)

    def parameter(self, device, name, otherwise):
        devices = self.store.get("config", {}).get("devices", {})
        return devices.get(device, {}).get(name, otherwise)

    # Words

    def result(self, command_id, status, now, state=None, error=None):
        result = {"command_id": command_id, "status": status, "state": state, "error": error}
        if self.clock.is_set():
            result["ts"] = self.clock.wall(now)
        self.say("result", result)

    def log(self, level, text):
        if len(self.outbox) < MOST_WAITING:
            self.say("log", {"level": level, "message": text[:200]})

    def say(self, kind, content):
        self.outbox.append((kind, json.dumps(content), False))

    def numbered(self, message):
        seq, at, kind, content, ts = message
        if ts is None:
            ts = message[4] = self.clock.wall(at)
        payload = {"boot": self.boot, "seq": seq, "ts": ts}
        if self.ring.first() is not None:
            payload["first"] = self.ring.first()
        if kind == "readings":
            payload["readings"] = content
        else:
            payload["states"] = [self.told(name, state, ts - at) for name, state in content]
        return kind, json.dumps(payload), False

    @staticmethod
    def told(name, state, offset):
        return {
            "device": name,
            "state": state["state"],
            "value": state["value"],
            "cause": state["cause"],
            "since": state["since"] + offset,
        }
