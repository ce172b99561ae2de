"""A socket that plays the journal, and what services told it natively."""

import os
import socket
import threading

from harness.waiting import wait_until


class Journal:
    def __init__(self, folder):
        self.folder = folder
        self.path = str(folder / "journal.sock")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.entries = []  # the fields of each
        threading.Thread(target=self._listen, daemon=True).start()

    def env(self, service):
        """What makes a service that is started next, "router0", believe that its stderr is the journal."""
        log = self.folder / f"{service}.log"
        log.touch()
        place = os.stat(log)
        return {"JOURNAL_STREAM": f"{place.st_dev}:{place.st_ino}", "QUANTUM_JOURNAL_SOCKET": self.path}

    def _listen(self):
        while True:
            try:
                lines = self.socket.recv(65536).decode().splitlines()
            except OSError:
                return
            self.entries.append(dict(line.split("=", 1) for line in lines))

    def of(self, event):
        return [entry for entry in self.entries if entry["QUANTUM_EVENT"] == event]

    def expect(self, event, count=1):
        """The last of so many entries of this event."""
        return wait_until(
            f"{count} {event} in the journal",
            lambda: len(self.of(event)) >= count and self.of(event)[-1],
            context=lambda: f"; {[entry['MESSAGE'] for entry in self.entries]}",
        )
