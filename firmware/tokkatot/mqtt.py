"""MQTT 3.1.1, as much of it as a node needs: one will, one subscription, QoS 1 out, QoS 0 and 1 in.

Every failure is an OSError: then the connection is over, and the caller makes another one. Nothing here
blocks: while the broker is waited for, the node lives on, since its timed switchings end without any broker.
"""

import _thread
import errno
import select
import socket

from tokkatot.runner import TURN_MS

KEEP_ALIVE_S = 30
PATIENCE_MS = 10000
LARGEST = 64 * 1024
ON_ITS_WAY = (errno.EINPROGRESS, 119)  # the ESP32's own number for it
FAILED = select.POLLERR | select.POLLHUP


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return bytes((len(data) >> 8, len(data) & 255)) + data


def packet(head, body):
    """A packet: its first byte, the length of the rest in sevens of bits, the rest."""
    length, left = b"", len(body)
    while True:
        digit, left = left & 127, left >> 7
        length += bytes((digit | (128 if left else 0),))
        if not left:
            return bytes((head,)) + length + body


class Client:
    """A connection. `work` is what goes on meanwhile: `live()`, and `board` with its clock."""

    def __init__(self, host, port, name, password, work):
        self.name = name
        self.prefix = "tokkatot/%s/" % name
        self.work = work
        self.pid = 0
        self.input = b""
        self.is_alive = False
        self.unconfirmed = {}  # what is worth telling again, by packet id
        address = self.look_up(host, port)
        self.sock = socket.socket()
        try:
            self.sock.setblocking(False)
            self.readable, self.writable = select.poll(), select.poll()
            self.readable.register(self.sock, select.POLLIN)
            self.writable.register(self.sock, select.POLLOUT)
            self.reach(address)
            self.greet(password)
        except Exception:
            self.sock.close()
            raise

    def look_up(self, host, port):
        """The broker's address. A name is looked up beside the loop: that takes as long as it likes."""
        if host.replace(".", "").isdigit():
            return socket.getaddrinfo(host, port)[0][-1]
        answer = []

        def ask():
            try:
                answer.append(socket.getaddrinfo(host, port)[0][-1])
            except Exception:
                answer.append(None)

        _thread.start_new_thread(ask, ())
        while not answer:
            self.work.live()
            self.work.board.sleep(TURN_MS)
        if answer[0] is None:
            raise OSError("there is no address of %s" % host)
        return answer[0]

    def reach(self, address):
        try:
            self.sock.connect(address)
        except OSError as error:
            if error.errno not in ON_ITS_WAY:
                raise
        if self.ready_to_send("the broker can not be reached") & FAILED:
            raise OSError("the broker is not there")

    def greet(self, password):
        """The client id is the node's name. 0xEE: user, password, will with QoS 1 and retain, clean session."""
        body = text("MQTT") + bytes((4, 0xEE, KEEP_ALIVE_S >> 8, KEEP_ALIVE_S & 255)) + text(self.name)
        body += text(self.prefix + "up/availability") + text("offline") + text(self.name) + text(password)
        self.send(packet(0x10, body))
        head, body = self.wait()
        if head != 0x20 or body[1] != 0:
            raise OSError("the broker refuses us")
        self.send(packet(0x82, b"\x00\x01" + text(self.prefix + "down/#") + b"\x01"))
        head, body = self.wait()
        if head != 0x90 or body[2] > 1:
            raise OSError("the broker does not let us hear")

    def publish(self, message):
        kind, payload, retain = message
        self.pid = self.pid % 65535 + 1
        if kind == "result":
            self.unconfirmed[self.pid] = message
        body = text(self.prefix + "up/" + kind) + bytes((self.pid >> 8, self.pid & 255)) + payload.encode()
        self.send(packet(0x33 if retain else 0x32, body))

    def ping(self):
        self.send(b"\xc0\x00")

    def close(self):
        self.sock.close()

    def receive(self, wait_ms):
        """What has come within `wait_ms`: a list of (kind, payload). Other packets are dealt with here."""
        messages = []
        taken = self.take(wait_ms)
        while taken:
            head, body = taken
            if head >> 4 == 3:
                message = self.message(head, body)
                if not head & 1:  # nothing meant for a node is ever retained
                    messages.append(message)
            elif head == 0x40:
                self.unconfirmed.pop(body[0] << 8 | body[1], None)
            taken = self.take(0)
        return messages

    def has_heard(self):
        """Whether the broker has said anything since this was asked last."""
        was_alive, self.is_alive = self.is_alive, False
        return was_alive

    def message(self, head, body):
        end = 2 + (body[0] << 8 | body[1])
        kind = body[2:end].decode().split("/")[-1]
        if head & 6:
            self.send(packet(0x40, body[end : end + 2]))
            end += 2
        return kind, body[end:]

    def wait(self):
        until = self.work.board.now() + PATIENCE_MS
        while self.work.board.now() < until:
            self.work.live()
            taken = self.take(TURN_MS)
            if taken:
                return taken
        raise OSError("the broker does not answer")

    def take(self, wait_ms):
        """The next packet (first byte, body), or None as long as there is no whole one."""
        cut = self.cut()
        if cut or not self.readable.poll(wait_ms):
            return cut
        try:
            data = self.sock.recv(1024)
        except OSError as error:
            if error.errno != errno.EAGAIN:
                raise
            return None
        if not data:
            raise OSError("the broker hung up")
        self.input += data
        self.is_alive = True
        return self.cut()

    def cut(self):
        """Cuts one packet off what has come."""
        length, at = 0, 1
        while True:
            if at >= len(self.input):
                return None
            digit = self.input[at]
            length |= (digit & 127) << (7 * (at - 1))
            at += 1
            if length > LARGEST:
                raise OSError("a packet that is too large")
            if not digit & 128:
                break
        if len(self.input) < at + length:
            return None
        cut = self.input[0], self.input[at : at + length]
        self.input = self.input[at + length :]
        return cut

    def send(self, data):
        """Hands all of it over. What a stuck link does not take within the patience ends the connection."""
        while data:
            try:
                data = data[self.sock.send(data) :]
            except OSError as error:
                if error.errno != errno.EAGAIN:
                    raise
                self.ready_to_send("the broker takes nothing")

    def ready_to_send(self, complaint):
        """Lives until the socket takes something; what poll says of it."""
        until = self.work.board.now() + PATIENCE_MS
        while self.work.board.now() < until:
            self.work.live()
            events = self.writable.poll(TURN_MS)
            if events:
                return events[0][1]
        raise OSError(complaint)
