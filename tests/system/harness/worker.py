"""Someone who works beside the test until it is over."""

import threading

import redis


class Worker:
    """A thread that does step() again and again, and survives a Redis that refuses or goes."""

    def __init__(self, client, pause_sec=0):
        self.client = client
        self.pause_sec = pause_sec
        self.stopping = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self.stopping.wait(self.pause_sec):
            try:
                self.step()
            except redis.RedisError:
                self.stopping.wait(0.01)
            except Exception as failure:
                self.failure = failure
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, problem, *_):
        self.stopping.set()
        self.thread.join()
        self.client.close()
        if self.failure and not problem:
            raise self.failure
