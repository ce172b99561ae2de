"""Acts for the proxy: what can be done to a command or a reply."""

import asyncio
import os
import signal
import threading

from proxy import COMMAND, FIN


def cut(how=FIN):
    """Instead of forwarding it: a command never arrives, a reply is lost."""

    async def act(step):
        step.cut(how)

    return act


def cut_after(how=FIN):
    async def act(step):
        await step.forward()
        step.cut(how)

    return act


def cut_within(count, how=FIN):
    """After so many of its bytes."""

    async def act(step):
        await step.forward(step.frame[: count % len(step.frame)])
        step.cut(how)

    return act


async def swallow(step):
    """Nobody hears of it."""
    if step.side == COMMAND:
        step.conversation.asked.pop()  # no reply will come


def delay(seconds):
    async def act(step):
        await asyncio.sleep(seconds)
        await step.forward()

    return act


async def chop(step):
    """Byte by byte, each a packet of its own as far as the kernel allows."""
    for at in range(len(step.frame)):
        await step.forward(step.frame[at : at + 1])
        await asyncio.sleep(0)


def replace(data):
    async def act(step):
        await step.forward(data)

    return act


def inject(data):
    """A reply that nobody asked for, behind this one."""

    async def act(step):
        await step.forward()
        await step.answer(data)

    return act


async def half_close(step):
    step.conversation.half_close()


def first(call, act):
    """Calls, and then acts."""

    async def both(step):
        call()
        await act(step)

    return both


async def forward(step):
    await step.forward()


def then(act, call):
    async def both(step):
        await act(step)
        call()

    return both


def signal_to(process, number=signal.SIGKILL):
    """A call for the loop's thread: sends, and leaves the waiting to others."""
    return lambda: os.kill(process.pid, number)


class Hold:
    """Keeps a command or a reply, and all behind it, until it is released, whether or not its sender still lives."""

    def __init__(self):
        self.held = threading.Event()
        self._released = threading.Event()

    async def __call__(self, step):
        self.held.set()
        while not self._released.is_set():
            await asyncio.sleep(0.002)
        await step.forward()

    def release(self):
        self._released.set()


def has_entries(step):
    """A reply to a read that brings some."""
    return step.frame[:2] == b"*1"
