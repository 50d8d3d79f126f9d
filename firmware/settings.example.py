"""Copy to settings.py and fill in. The node's name and password come from `tokkatot node create`."""

WIFI = "the farm's network"
WIFI_KEY = "its key"
BROKER = "192.168.1.10"
PORT = 1883
NODE = "coop-1"
PASSWORD = "printed once by tokkatot node create"
