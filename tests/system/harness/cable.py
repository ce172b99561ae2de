"""A cable to a server, which can be cut: then nothing goes through any more, and nobody is told."""

import asyncio
import contextlib
import socket
import threading

PIECE = 1 << 16


class Cable:
    """Listens on a port and carries bytes to another one. All cables of a process share one thread."""

    loop = None

    def __init__(self, port, to):
        self.port = port
        self.to = to
        self.is_whole = self._call(self._make_gate())
        self.tasks = set()
        self.server = self._call(asyncio.start_server(self._carry, "127.0.0.1", port))

    @classmethod
    def _call(cls, coroutine):
        if cls.loop is None:
            cls.loop = asyncio.new_event_loop()
            threading.Thread(target=cls.loop.run_forever, daemon=True).start()
        return asyncio.run_coroutine_threadsafe(coroutine, cls.loop).result(30)

    @staticmethod
    async def _make_gate():
        gate = asyncio.Event()
        gate.set()
        return gate

    def cut(self):
        self.loop.call_soon_threadsafe(self.is_whole.clear)

    def join(self):
        self.loop.call_soon_threadsafe(self.is_whole.set)

    async def _one_way(self, reader, writer):
        try:
            while piece := await reader.read(PIECE):
                await self.is_whole.wait()
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def _carry(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        try:
            await self.is_whole.wait()
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
            await asyncio.gather(self._one_way(reader, far_writer), self._one_way(far_reader, writer))
        except OSError:
            writer.close()
        finally:
            self.tasks.discard(asyncio.current_task())

    async def _close(self):
        self.server.close()
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def close(self):
        self._call(self._close())


class Scissors:
    """Carries bytes to a unix socket, and cuts the connection on which a word is first asked for, before it is."""

    def __init__(self, path, word):
        self.path = path
        self.word = word
        self.was_used = False
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.server.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self.path))
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._one_way, args=ends, daemon=True).start()

    def _one_way(self, source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                if self.word in piece and not self.was_used:
                    self.was_used = True
                    break
                target.sendall(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
