"""The protocol's rules without a socket: run by `python3 -m unittest` in this folder."""

import json
import os
import tempfile
import unittest

from tokkatot.node import Node
from tokkatot.store import Store

NOW = 1_800_000_000_000


class Relay:
    bounds = None

    def __init__(self):
        self.value = None

    def set(self, value):
        self.value = value


class Pwm(Relay):
    bounds = (0, 100)


class NodeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "flash")
        self.node = self.start()
        self.online()

    def start(self):
        self.relay, self.pwm = Relay(), Pwm()
        return Node({"fan1": self.relay, "dimmer": self.pwm}, Store(self.path), 0, capacity=5)

    def online(self, now=0):
        self.node.connected(now)
        self.node.received("time", json.dumps({"now": NOW + now}), now)
        return self.said()

    def said(self):
        said = []
        message = self.node.next_message()
        while message:
            kind, payload, retain = message
            said.append((kind, payload if kind == "availability" else json.loads(payload)))
            message = self.node.next_message()
        return said

    def order(self, now=0, **fields):
        command = {"command_id": "c1", "device": "fan1", "action": "on", "expires_at": NOW + 60000}
        command.update(fields)
        self.node.received("command", json.dumps(command), now)
        return [message for kind, message in self.said() if kind == "result"]

    def seqs(self):
        return [message["seq"] for kind, message in self.said() if kind in ("readings", "state")]

    def test_numbered_messages_wait_for_the_time(self):
        self.node = self.start()
        self.node.connected(1000)
        self.assertEqual([kind for kind, _ in self.said()], ["availability", "heartbeat"])
        self.node.received("time", json.dumps({"now": NOW}), 2000)
        [(kind, state)] = self.said()
        self.assertEqual((kind, state["ts"]), ("state", NOW - 1000))

    def test_a_command_is_done_once_and_also_after_a_power_cut(self):
        results = self.order()
        self.assertEqual([result["status"] for result in results], ["executing", "completed"])
        self.assertEqual((results[1]["state"], self.relay.value), ("on", 1))
        self.assertEqual(self.order(), [])
        self.node = self.start()
        self.online()
        self.assertEqual((self.order(), self.relay.value), ([], 0))

    def test_no_number_of_commands_makes_it_refuse_one(self):
        for number in range(70):
            results = self.order(number * 50000, command_id=str(number), expires_at=NOW + number * 50000 + 60000)
            self.assertEqual([result["status"] for result in results], ["executing", "completed"], number)
        self.assertEqual(self.order(69 * 50000, command_id="69", expires_at=NOW + 10**7), [])
        flash = Store(self.path).get("seen", {})
        self.assertEqual((len(flash), "69" in flash, "0" in flash), (64, True, False))

    def test_a_flood_of_commands_does_not_keep_it_from_switching_off(self):
        for number in range(70):
            self.order(command_id=str(number), expires_at=NOW + 60000 + number)
        self.assertEqual(self.relay.value, 1)
        self.order(command_id="last", action="off")
        self.assertEqual(self.relay.value, 0)

    def test_an_expired_command_is_dropped(self):
        self.assertEqual(self.order(expires_at=NOW), [])
        self.assertEqual(self.relay.value, 0)

    def test_what_can_not_be_done_says_why(self):
        for number, (fields, error) in enumerate(
            [
                ({"device": "fan9"}, "there is no device fan9"),
                ({"action": "explode"}, "fan1 can not do explode"),
                ({"action": "set_value", "value": 1}, "fan1 can not do set_value"),
                ({"device": "dimmer", "action": "set_value", "value": 101}, "value is 0 to 100"),
                ({"device": "dimmer", "action": "set_value", "value": None}, "value is 0 to 100"),
                ({"duration_ms": -5}, "duration_ms is 1 to 86400000"),
                ({"duration_ms": 86400001}, "duration_ms is 1 to 86400000"),
            ]
        ):
            [result] = self.order(command_id=str(number), **fields)
            self.assertEqual((result["status"], result["error"]), ("failed", error))
        self.assertEqual((self.relay.value, self.pwm.value), (0, 0))

    def test_a_timed_on_ends_also_without_a_broker(self):
        self.order(duration_ms=5000)
        self.node.disconnected(1000)
        self.node.tick(4999)
        self.assertEqual(self.relay.value, 1)
        self.node.tick(5000)
        self.assertEqual((self.relay.value, self.node.states["fan1"]["cause"]), (0, "timer"))

    def test_a_lost_link_switches_as_configured_and_only_after_a_minute(self):
        config = {"version": 1, "devices": {"fan1": {"on_link_loss": "on"}}}
        self.node.received("config", json.dumps(config), 0)
        self.node.disconnected(0)
        self.node.tick(59999)
        self.assertEqual((self.relay.value, self.pwm.value), (0, 0))
        self.node.tick(60000)
        self.assertEqual((self.relay.value, self.pwm.value), (1, 0))

    def test_what_is_unacknowledged_comes_again_unchanged(self):
        self.node.received("ack", json.dumps({"boot": self.node.boot, "seq": 1}), 0)
        for second in range(3):
            self.node.measured([("air", "temperature", 28.5, "°C")], second)
        before = self.said()
        self.node.received("ack", json.dumps({"boot": "another", "seq": 4}), 0)
        self.node.disconnected(10)
        self.node.connected(20)
        again = [message for message in self.said() if message[0] == "readings"]
        self.assertEqual(again, before)
        self.node.received("ack", json.dumps({"boot": self.node.boot, "seq": 3}), 0)
        self.node.disconnected(30)
        self.online(40)
        self.node.ring.rewind()
        self.assertEqual(self.seqs()[0], 4)

    def test_a_full_memory_says_first(self):
        for second in range(7):
            self.node.measured([("air", "temperature", 28.5, "°C")], second)
        messages = [message for _, message in self.said()]
        self.assertEqual([message["first"] for message in messages], [4] * 5)

    def test_the_highest_configuration_stays_in_force(self):
        answers = []
        for version in (0, 7, 6):
            self.node.received("config", json.dumps({"version": version, "devices": {}}), 0)
            answers += [message["version"] for _, message in self.said()]
        self.assertEqual(answers, [0, 7, 7])

    def test_nonsense_is_passed_over_with_a_word(self):
        for kind, payload in [("command", "{}"), ("ack", "[]"), ("time", "soon"), ("config", "7"), ("ack", b"\xff")]:
            self.node.received(kind, payload, 0)
            [(said, line)] = self.said()
            self.assertEqual((said, line["level"]), ("log", "warn"))

    def test_a_configuration_that_would_break_the_node_is_not_kept(self):
        for devices in ([], {"fan1": 7}, None):
            self.node.received("config", json.dumps({"version": 9, "devices": devices}), 0)
        self.assertEqual({kind for kind, _ in self.said()}, {"log"})
        self.assertEqual(self.node.parameter("fan1", "on_link_loss", "hold"), "hold")

    def configure(self, version, **rules):
        self.node.received("config", json.dumps({"version": version, "devices": {"fan1": rules}}), 0)
        [answer] = [message for kind, message in self.said() if kind == "config_ack"]
        return answer

    def test_a_configuration_that_can_not_be_kept_to_is_refused(self):
        self.assertEqual(self.configure(7, max_on_s=60, of_another_firmware=[1]), {"version": 7})
        for rules in ({"polling_interval": 0}, {"max_on_s": "long"}, {"on_link_loss": "explode"}):
            answer = self.configure(8, **rules)
            self.assertEqual((answer["version"], answer["refused"]), (7, 8))
            self.assertTrue(answer["error"].startswith("fan1: "))
        self.assertEqual(self.node.parameter("fan1", "max_on_s", None), 60)

    def test_a_switch_keeps_to_its_rules_with_and_without_a_broker(self):
        self.configure(1, max_on_s=10, min_off_s=5, max_starts_per_hour=2)
        order = lambda number, action, now: self.order(now, command_id=str(number), action=action, expires_at=NOW + 9999999)
        self.assertIn("rest", order(1, "on", 4999)[0]["error"])
        self.assertEqual(order(2, "on", 5000)[-1]["status"], "completed")
        self.node.disconnected(6000)
        self.node.tick(14999)
        self.assertEqual(self.relay.value, 1)
        self.node.tick(15000)
        self.assertEqual((self.relay.value, self.node.states["fan1"]["cause"]), (0, "safety"))
        self.online(15000)
        self.assertEqual(order(3, "on", 20000)[-1]["status"], "completed")
        self.assertEqual(order(4, "off", 21000)[-1]["status"], "completed")
        self.assertIn("often enough", order(5, "on", 30000)[0]["error"])
        self.assertEqual(order(6, "on", 3605001)[-1]["status"], "completed")

    def test_of_a_group_one_runs_at_a_time(self):
        group = {"fan1": {"exclusive_group": "m"}, "dimmer": {"exclusive_group": "m"}}
        self.node.received("config", json.dumps({"version": 1, "devices": group}), 0)
        self.order(command_id="1")
        [result] = self.order(command_id="2", device="dimmer", action="set_value", value=50)
        self.assertEqual(result["error"], "something else of its group runs")
        self.order(command_id="3", action="off")
        self.assertEqual(self.order(command_id="4", device="dimmer", action="set_value", value=50)[-1]["status"], "completed")

    def test_results_that_nobody_confirmed_are_told_again(self):
        self.node.disconnected(0, [("result", "{}", False)])
        self.assertIn(("result", {}), self.online(5))


if __name__ == "__main__":
    unittest.main()
