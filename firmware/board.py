"""The hardware of the example: an ESP32 with one relay and one DHT22. Nothing here knows the protocol."""

import random
import time

import dht
import network
from machine import Pin

RELAY_PIN = 26  # high switches the relay on; with a low-active module turn ON and OFF around
DHT_PIN = 4
ON, OFF = 1, 0


class Relay:
    bounds = None

    def __init__(self, pin):
        # `value` at once: the relay must not click while the program starts
        self.pin = Pin(pin, Pin.OUT, value=OFF)

    def set(self, value):
        self.pin.value(ON if value else OFF)


class Board:
    interval_ms = 30000

    def __init__(self):
        self.switches = {"fan1": Relay(RELAY_PIN)}
        self.sensor = dht.DHT22(Pin(DHT_PIN))
        self.wifi = network.WLAN(network.STA_IF)
        self.ticks = time.ticks_ms()
        self.elapsed = 0

    def now(self):
        """Milliseconds since the start; ticks_ms alone begins anew after twelve days."""
        ticks = time.ticks_ms()
        self.elapsed += time.ticks_diff(ticks, self.ticks)
        self.ticks = ticks
        return self.elapsed

    def sleep(self, span):
        time.sleep_ms(span)

    def chance(self):
        return random.random()

    def measure(self):
        """A sensor that fails says nothing: a wrong number would be worse."""
        try:
            self.sensor.measure()
        except OSError:
            return []
        return [
            ("air", "temperature", round(self.sensor.temperature(), 1), "°C"),
            ("air", "humidity", round(self.sensor.humidity(), 1), "%"),
        ]

    def rssi(self):
        return self.wifi.status("rssi") if self.wifi.isconnected() else None

    def join(self, ssid, key):
        """Joins the network; the chip itself comes back to it after a loss."""
        self.wifi.active(True)
        if not self.wifi.isconnected():
            self.wifi.connect(ssid, key)
