"""Stands between a program and Redis, counts bytes, and ends each connection a step later than the one before."""

import selectors
import socket
import struct
import threading

NO_LINGER = struct.pack("ii", 1, 0)


class Cutter:
    """`side` is whose bytes are counted, `how` is "fin" or "rst"."""

    def __init__(self, port, side, how, step):
        self.redis = ("127.0.0.1", port)
        self.counts_answers = side == "from Redis"
        self.how = how
        self.step = step
        self.limit = 0
        self.is_sparing = False
        self.most = 0  # bytes that were counted on one connection
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        """Connections that stand are ended by those who have made them."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def spare(self):
        """From the next connection on nothing is cut."""
        self.is_sparing = True

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            limit = None if self.is_sparing else self.limit
            self.limit += self.step
            threading.Thread(target=self._carry, args=(client, limit), daemon=True).start()

    def _carry(self, client, limit):
        with client, socket.create_connection(self.redis) as server, selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ, (server, not self.counts_answers))
            selector.register(server, selectors.EVENT_READ, (client, self.counts_answers))
            try:
                self._pump(selector, limit)
            except OSError:
                pass
            if self.how == "rst":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)

    def _pump(self, selector, limit):
        carried = 0
        while limit is None or carried < limit:
            for key, _ in selector.select():
                to, is_counted = key.data
                data = key.fileobj.recv(65536 if limit is None or not is_counted else limit - carried)
                if not data:
                    return
                to.sendall(data)
                if is_counted:
                    carried += len(data)
                    self.most = max(self.most, carried)
                if carried == limit:
                    return
