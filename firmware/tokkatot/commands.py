"""What a command asks for, or why it can not be done. Nothing is clamped: it is done or refused."""

LONGEST_MS = 24 * 3600 * 1000


class Refused(Exception):
    """Why a command can not be done, for people."""


def judge(switches, command, now):
    """The value to set, and when it ends by itself (None: not by itself)."""
    device, action = command["device"], command["action"]
    value, duration = command.get("value"), command.get("duration_ms")
    if device not in switches:
        raise Refused("there is no device %s" % device)
    bounds = switches[device].bounds
    if action == "off":
        return 0, None
    if action == "on":
        if duration is not None and not 0 < duration <= LONGEST_MS:
            raise Refused("duration_ms is 1 to %d" % LONGEST_MS)
        return (bounds[1] if bounds else 1), (None if duration is None else now + duration)
    if action == "set_value" and bounds:
        if not isinstance(value, (int, float)) or not bounds[0] <= value <= bounds[1]:
            raise Refused("value is %s to %s" % bounds)
        return value, None
    raise Refused("%s can not do %s" % (device, action))
