"""What the ESP32 runs after power-on. `settings.py` is yours: copy settings.example.py."""

import machine
import settings
from board import Board
from tokkatot.mqtt import Client
from tokkatot.node import Node
from tokkatot.runner import run
from tokkatot.store import Store


def start():
    board = Board()
    node = Node(board.switches, Store("node.json"), board.now(), capacity=100, rssi=board.rssi)

    def connect(work):
        board.join(settings.WIFI, settings.WIFI_KEY)
        return Client(settings.BROKER, settings.PORT, settings.NODE, settings.PASSWORD, work)

    run(node, board, connect)


try:
    start()
except Exception as error:
    # Nobody stands beside a chicken house to press reset. All relays fall off with the restart.
    print(error)
    machine.reset()
