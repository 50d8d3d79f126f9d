"""The loop around the node: what must go on while the broker, or the network, does not answer."""

import json
import os
import socket
import tempfile
import threading
import unittest
from unittest import mock

from tokkatot.mqtt import Client
from tokkatot.node import Node
from tokkatot.runner import Work, run, shortened
from tokkatot.store import Store

NOW = 1_800_000_000_000
STEP_MS = 250


class Done(Exception):
    """Enough was seen."""


class Relay:
    bounds = None
    value = None

    def set(self, value):
        self.value = value


class Board:
    """Its clock goes on by a step whenever it is looked at, so that no test waits for long."""

    interval_ms = 10**9

    def __init__(self):
        self.time = 0

    def now(self):
        self.time += STEP_MS
        return self.time

    def sleep(self, span):
        pass

    def chance(self):
        return 0

    def measure(self):
        return []


class LinkTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.board, self.relay = Board(), Relay()
        self.node = Node({"fan1": self.relay}, Store(os.path.join(folder.name, "flash")), self.board.now())
        self.work = Work(self.node, self.board)

    def switch_on_for(self, duration_ms):
        now = self.board.now()
        self.node.connected(now)
        self.node.received("time", json.dumps({"now": NOW}), now)
        command = {"command_id": "c1", "device": "fan1", "action": "on", "duration_ms": duration_ms}
        command["expires_at"] = NOW + 60000
        self.node.received("command", json.dumps(command), now)
        self.assertEqual(self.relay.value, 1)

    def listener(self, backlog=1):
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen(backlog)
        return listener.getsockname()

    def open(self, address):
        return Client(address[0], address[1], "coop-1", "secret", self.work)

    def test_a_timed_on_ends_while_the_broker_does_not_greet(self):
        address = self.listener()
        self.switch_on_for(2000)
        self.node.disconnected(self.board.now())
        with self.assertRaisesRegex(OSError, "does not answer"):
            self.open(address)
        self.assertEqual((self.relay.value, self.node.states["fan1"]["cause"]), (0, "timer"))

    def test_a_timed_on_ends_while_the_network_swallows_everything(self):
        address = self.listener(backlog=0)
        # a full queue of a listener that accepts nobody leaves the next ones unanswered
        for _ in range(4):
            filler = socket.socket()
            self.addCleanup(filler.close)
            filler.setblocking(False)
            filler.connect_ex(address)
        self.switch_on_for(2000)
        self.node.disconnected(self.board.now())
        with self.assertRaisesRegex(OSError, "can not be reached"):
            self.open(address)
        self.assertEqual(self.relay.value, 0)

    def test_a_timed_on_ends_while_a_name_is_looked_up(self):
        self.switch_on_for(2000)
        self.node.disconnected(self.board.now())
        answered, relay = threading.Event(), self.relay

        def look_up(host, port):
            answered.wait(10)
            raise OSError("no such name")

        def live_until_off():
            Work.live(self.work)
            if relay.value == 0:
                answered.set()

        with mock.patch("socket.getaddrinfo", look_up), mock.patch.object(self.work, "live", live_until_off):
            with self.assertRaisesRegex(OSError, "no address of broker.farm"):
                self.open(("broker.farm", 1883))
        self.assertTrue(answered.is_set())

    def test_a_timed_on_ends_while_the_broker_takes_nothing(self):
        ours, theirs = socket.socketpair()
        self.addCleanup(ours.close)
        self.addCleanup(theirs.close)
        address = self.listener()
        theirs.sendall(b"\x20\x02\x00\x00" + b"\x90\x03\x00\x01\x01")
        with mock.patch("socket.socket", lambda: Connected(ours)):
            client = self.open(address)
        self.switch_on_for(2000)
        with self.assertRaisesRegex(OSError, "takes nothing"):
            client.send(bytes(64 * 1024 * 1024))
        self.assertEqual(self.relay.value, 0)

    def test_nobody_there_is_told_at_once(self):
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        address = closed.getsockname()
        closed.close()
        before = self.board.time
        with self.assertRaises(OSError):
            self.open(address)
        self.assertLess(self.board.time - before, 10000)

    def test_pauses_double_and_each_is_shortened_by_chance(self):
        spans = []

        def fail(work):
            if len(spans) == 8:
                raise Done
            raise OSError

        chances = iter([0, 1, 0.5, 0, 0, 0, 1, 0])
        with (
            mock.patch.object(self.board, "chance", lambda: next(chances)),
            mock.patch.object(Work, "live_for", lambda work, span: spans.append(span)),
            self.assertRaises(Done),
        ):
            run(self.node, self.board, fail)
        self.assertEqual(spans, [1000, 1000, 3000, 8000, 16000, 30000, 15000, 30000])

    def test_a_pause_is_never_nothing(self):
        self.assertEqual([shortened(1000, chance) for chance in (0, 0.5, 1)], [1000, 750, 500])


class Connected:
    """A socket that is connected already: `connect` says so."""

    def __init__(self, sock):
        self.sock = sock

    def connect(self, address):
        pass

    def __getattr__(self, name):
        return getattr(self.sock, name)


if __name__ == "__main__":
    unittest.main()
