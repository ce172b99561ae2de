"""A Redis whose wall clock a test may move while it runs."""

import struct

from harness.process import BUILD


class Clock:
    def __init__(self, stage):
        self.file = stage.folder / "shift"
        self.move(0)
        stage.redis.env.update(LD_PRELOAD=str(BUILD / "shift_clock.so"), SHIFT_CLOCK=str(self.file))

    def move(self, seconds):
        """So far from the machine's own clock, at once."""
        data = struct.pack("q", round(seconds * 1000000))
        if self.file.exists():
            with open(self.file, "r+b") as file:
                file.write(data)
        else:
            self.file.write_bytes(data)
