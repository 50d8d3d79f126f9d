"""What the configuration says a switch must keep to, and whether a configuration can be kept to at all.

The server asks the same before it sends a command; here it holds too when nobody can ask the server.
"""

HOUR_MS = 3600 * 1000
LINK_LOSS = ("hold", "off", "on")


class Wrong(Exception):
    """Why a configuration is refused, for people."""


def check(devices):
    """Raises Wrong for what this firmware knows and can not do. What it does not know it passes over."""
    for device in devices:
        rules = devices[device]
        if rules.get("on_link_loss", "hold") not in LINK_LOSS:
            raise Wrong("%s: on_link_loss is hold, off or on" % device)
        for name in ("polling_interval", "max_on_s", "min_off_s", "max_starts_per_hour"):
            value = rules.get(name)
            if value is not None and not (isinstance(value, (int, float)) and 1 <= value <= 86400):
                raise Wrong("%s: %s is 1 to 86400" % (device, name))
        if not isinstance(rules.get("exclusive_group", ""), str):
            raise Wrong("%s: exclusive_group is a text" % device)


class Rules:
    """`parameter(device, name, otherwise)` looks a parameter up; `states` are the node's."""

    def __init__(self, parameter, states):
        self.parameter = parameter
        self.states = states
        self.starts = {}

    def started(self, device, now):
        recent = [at for at in self.starts.get(device, []) if now - at < HOUR_MS]
        self.starts[device] = recent + [now]

    def forbids(self, device, now):
        """Why it may not start now, or None."""
        state = self.states[device]
        if state["state"] == "on":
            return None
        rest = self.parameter(device, "min_off_s", None)
        if rest is not None and now - state["since"] < rest * 1000:
            return "it has to rest a little longer"
        most = self.parameter(device, "max_starts_per_hour", None)
        recent = [at for at in self.starts.get(device, []) if now - at < HOUR_MS]
        if most is not None and len(recent) >= most:
            return "it has started often enough within an hour"
        group = self.parameter(device, "exclusive_group", None)
        for other in self.states:
            runs = other != device and self.states[other]["state"] == "on"
            if runs and group is not None and self.parameter(other, "exclusive_group", None) == group:
                return "something else of its group runs"
        return None

    def is_over(self, device, now):
        """Whether it has run for as long as it may."""
        most = self.parameter(device, "max_on_s", None)
        state = self.states[device]
        return most is not None and state["state"] == "on" and now - state["since"] >= most * 1000
