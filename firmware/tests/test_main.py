"""What main.py does on the ESP32 when something fails: its modules of the chip are stood in for."""

import runpy
import sys
import unittest
from types import SimpleNamespace
from unittest import mock

from tests.test_link import Board, Done


class Chip(Board):
    """A board whose network can not be joined."""

    switches = {}
    joined = 0

    def join(self, ssid, key):
        self.joined += 1
        if self.joined == 3:
            raise Done
        raise OSError("Wifi Internal Error")

    def rssi(self):
        return None


class MainTest(unittest.TestCase):
    def start(self, board):
        machine = SimpleNamespace(reset=mock.Mock())
        settings = SimpleNamespace(WIFI="w", WIFI_KEY="k", BROKER="b", PORT=1, NODE="n", PASSWORD="p")
        modules = {"machine": machine, "settings": settings, "board": SimpleNamespace(Board=board)}
        store = SimpleNamespace(Store=lambda path: mock.Mock(get=lambda name, otherwise: otherwise))
        modules["tokkatot.store"] = store
        with mock.patch.dict(sys.modules, modules), mock.patch("builtins.print") as said:
            runpy.run_path("main.py")
        return machine.reset, said

    def test_a_network_that_can_not_be_joined_is_tried_again(self):
        chip = Chip()
        reset, _ = self.start(lambda: chip)
        self.assertEqual(chip.joined, 3)
        reset.assert_called_once()

    def test_a_failure_at_the_very_start_ends_in_a_restart_too(self):
        def broken():
            raise ValueError("the pin is in use")

        reset, said = self.start(broken)
        reset.assert_called_once()
        self.assertIn("the pin is in use", str(said.call_args))


if __name__ == "__main__":
    unittest.main()
