"""A few values that outlive a power cut, in one JSON file on the flash."""

import json
import os


class Store:
    def __init__(self, path):
        self.path = path
        try:
            with open(path) as file:
                self.values = json.load(file)
        except (OSError, ValueError):
            self.values = {}

    def get(self, name, otherwise):
        return self.values.get(name, otherwise)

    def put(self, name, value):
        self.values[name] = value
        # written beside it and renamed: a power cut leaves the old file or the new one
        with open(self.path + ".new", "w") as file:
            json.dump(self.values, file)
        os.rename(self.path + ".new", self.path)

    def next_boot(self):
        """A name that no run before had: it counts the starts."""
        count = self.get("boots", 0) + 1
        self.put("boots", count)
        return "b%d" % count
