"""The same node on a computer, with a pretended relay and sensor: to try things out without hardware.

python3 host.py --port 21883 --name coop-1 --password-file FILE --store FILE
Board and relay are replaced; all that speaks the protocol is what the ESP32 runs.
"""

import argparse
import random
import time

from tokkatot.mqtt import Client
from tokkatot.node import Node
from tokkatot.runner import run
from tokkatot.store import Store


class Relay:
    bounds = None

    def __init__(self, name):
        self.name = name

    def set(self, value):
        print("%s is %s" % (self.name, "on" if value else "off"), flush=True)


class Board:
    def __init__(self, interval_ms):
        self.interval_ms = interval_ms
        self.switches = {"fan1": Relay("fan1"), "light": Relay("light")}

    def now(self):
        return int(time.monotonic() * 1000)

    def sleep(self, span):
        time.sleep(span / 1000)

    def chance(self):
        return random.random()

    def measure(self):
        warmth = 28 + self.now() // 1000 % 10 / 10
        return [("air", "temperature", warmth, "°C"), ("air", "humidity", 70.5, "%")]


parser = argparse.ArgumentParser()
parser.add_argument("--host", default="127.0.0.1")
parser.add_argument("--port", type=int, default=1883)
parser.add_argument("--name", required=True)
parser.add_argument("--password-file", required=True)
parser.add_argument("--store", required=True, help="the file that stands for the flash")
parser.add_argument("--interval-ms", type=int, default=30000)
parser.add_argument("--heartbeat-ms", type=int, default=30000)
parser.add_argument("--ring", type=int, default=200)
given = parser.parse_args()

with open(given.password_file) as file:
    password = file.read().strip()
board = Board(given.interval_ms)
node = Node(board.switches, Store(given.store), board.now(), given.ring, given.heartbeat_ms)
run(node, board, lambda work: Client(given.host, given.port, given.name, password, work))
