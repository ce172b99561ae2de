"""Stands between routers and their Redis, reads the protocol, and does harm where it is told to.

A test adds faults: "the second time that a commit's reply passes, cut". Each fault counts what it did, so that a test
can show that its fault has happened. Everything runs in one thread with a loop of its own; a fault's act is a coroutine
there, which gets the step and is the one who forwards it, or not.
"""

import asyncio
import socket
import struct
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field

from harness.waiting import wait_until
from wire import Framer, Namer, words_of

COMMAND, REPLY = "command", "reply"
FIN, RST = "fin", "rst"
BLOCKING = "read new"
NO_LINGER = struct.pack("ii", 1, 0)


@dataclass
class Fault:
    """What to do where; `who` is reader or decider, None: either.

    Of replies it means those whose question came after it stood: a test sees in Redis what a script did before its reply
    has passed here. A read that blocks is different, its reply brings what happens now.
    """

    on: str
    side: str
    act: object
    who: str = None
    only: object = lambda step: True
    skip: int = 0
    times: int = 1
    happened: int = 0
    begun: int = 0
    steps: list = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def takes(self, step):
        if step.side != self.side or self.on not in (step.name, "*"):
            return False
        if step.side == REPLY and step.name != BLOCKING and step.asked_at < self.since:
            return False
        if self.who not in (None, step.conversation.who) or self.begun - self.skip >= self.times:
            return False
        if not self.only(step):
            return False
        self.begun += 1
        return self.begun > self.skip

    def await_it(self, count=1, seconds=None, context=lambda: ""):
        wait_until(f"{self.on} ({self.side}) to meet its fault", lambda: self.happened >= count, seconds, context)


@dataclass
class Limit:
    """Where a connection ends, in bytes; those that were there before do not count."""

    side: str
    offset: int
    how: str
    after: int
    reached: threading.Event = field(default_factory=threading.Event)


@dataclass
class Step:
    """A whole command or reply that has arrived and is not forwarded yet."""

    conversation: object
    side: str
    name: str
    asked_at: float
    frame: bytes

    async def forward(self, data=None):
        await self.conversation.write(self.side, self.frame if data is None else data)

    async def answer(self, data):
        await self.conversation.write(REPLY, data)

    def cut(self, how=FIN):
        self.conversation.cut(how)


class Conversation:
    """One connection of a router, and the one to Redis that belongs to it."""

    def __init__(self, proxy, number, client, server):
        self.proxy = proxy
        self.number = number
        self.ends = {REPLY: client, COMMAND: server}  # where what passes on a side goes: (reader, writer)
        self.who = None
        self.asked = deque()  # commands without a reply
        self.sent = Counter()
        self.is_cut = False
        self.is_silent = False

    async def run(self):
        pumps = [asyncio.ensure_future(self._pump(side)) for side in (COMMAND, REPLY)]
        await asyncio.gather(*pumps, return_exceptions=True)
        for _, writer in self.ends.values():
            if not writer.transport.is_closing():
                writer.transport.abort()
        for pump in pumps:
            # A socket may be gone under a pump; that is what faults are for.
            if pump.exception() and not isinstance(pump.exception(), OSError):
                self.proxy.failures.append(pump.exception())

    def _question(self, side, frame):
        """The command's name and when it was asked; a reply's are those of what it answers."""
        if side == REPLY:
            return self.asked.popleft() if self.asked else ("nothing", time.monotonic())
        words = words_of(frame)
        name = self.proxy.namer.name(words)
        if name == "client setname":
            self.who = words[2].decode().rpartition(":")[2]
        self.asked.append((name, time.monotonic()))
        return self.asked[-1]

    async def _pump(self, side):
        """Until its source ends, whose end is passed on."""
        reader = self.ends[REPLY if side == COMMAND else COMMAND][0]
        framer = Framer()
        try:
            while data := await reader.read(1 << 16):
                for frame in framer.feed(data):
                    await self._pass(Step(self, side, *self._question(side, frame), frame))
            await self._end(side)
        except ConnectionError:
            self.cut(FIN)
            raise

    async def _pass(self, step):
        self.proxy.note(step)
        await self.proxy.gates[step.side].wait()
        fault = next((fault for fault in list(self.proxy.faults) if fault.takes(step)), None)
        if not fault:
            await step.forward()
            return
        fault.steps.append(step)
        await fault.act(step)
        fault.happened += 1

    async def _end(self, side):
        writer = self.ends[side][1]
        if side == REPLY:
            self.cut(FIN)
        elif not writer.is_closing():
            writer.write_eof()

    async def write(self, side, data):
        """Forwards; ends where this conversation is meant to be cut."""
        limit = self.proxy.limit_of(self, side)
        if not limit or self.sent[side] + len(data) <= limit.offset:
            await self._put(side, data)
            return
        limit.reached.set()
        await self._put(side, data[: max(limit.offset - self.sent[side], 0)])
        self.cut(limit.how)

    async def _put(self, side, data):
        writer = self.ends[side][1]
        if writer.is_closing() or (side == REPLY and self.is_silent):
            return  # the other side has gone: as on a real wire, nobody hears it
        self.sent[side] += len(data)
        writer.write(data)
        try:
            await writer.drain()
        except ConnectionError:
            if side == COMMAND:
                raise

    def cut(self, how=FIN):
        """Both ends; FIN lets what was forwarded arrive, RST takes it back where it can."""
        self.is_cut = True
        for side, (_, writer) in self.ends.items():
            raw = writer.get_extra_info("socket")
            if how == RST and raw.family == socket.AF_INET:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
                writer.transport.abort()
            elif not writer.is_closing():
                writer.close()

    def half_close(self):
        """Redis speaks no more, and would still listen."""
        self.is_silent = True
        self.ends[REPLY][1].write_eof()


class Proxy:
    """Listens on a port of its own; `upstream` is a RedisServer and may be exchanged, or one is chosen each time."""

    def __init__(self, upstream):
        self.upstream = upstream
        self.choose = lambda: self.upstream  # for each connection again
        self.namer = Namer()
        self.faults = []
        self.failures = []
        self.passed = Counter()  # (side, name)
        self.answers = deque(maxlen=2000)  # (name, reply), newest last
        self.conversations = 0
        self.alive = set()
        self.limits = {}  # who: Limit
        self.port = None
        self.server = None
        self.loop = asyncio.new_event_loop()
        self.gates = {}
        self.thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    # --- its life

    def __enter__(self):
        self.thread.start()
        self._call(self._prepare())
        self.listen()
        return self

    def __exit__(self, *_):
        self._call(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        assert not self.failures, self.failures

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    async def _prepare(self):
        for side in (COMMAND, REPLY):
            self.gates[side] = asyncio.Event()
            self.gates[side].set()

    async def _close(self):
        self.server.close()
        for gate in self.gates.values():
            gate.set()
        for conversation in list(self.alive):
            conversation.cut()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def listen(self):
        """Opens the port, the same one as before if it was shut."""
        self._call(self._listen())

    async def _listen(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port or 0, limit=1 << 20)
        self.port = self.server.sockets[0].getsockname()[1]

    def shut(self):
        """Who connects now is refused; those who are connected stay."""
        self._call(self._shut())

    async def _shut(self):
        self.server.close()

    async def _reach(self, upstream):
        if upstream.port:
            return await asyncio.open_connection("127.0.0.1", upstream.port, limit=1 << 20)
        return await asyncio.open_unix_connection(str(upstream.socket), limit=1 << 20)

    async def _serve(self, reader, writer):
        try:
            server = await self._reach(self.choose())
        except OSError:
            writer.transport.abort()
            return
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.conversations += 1
        conversation = Conversation(self, self.conversations, (reader, writer), server)
        self.alive.add(conversation)
        try:
            await conversation.run()
        finally:
            self.alive.discard(conversation)

    # --- what it saw

    def note(self, step):
        self.passed[step.side, step.name] += 1
        if step.side == REPLY and len(step.frame) < 4096:
            self.answers.append((step.name, step.frame))

    def answers_to(self, name):
        return [frame for asked, frame in list(self.answers) if asked == name]

    def awaits(self, name, count=1, side=COMMAND, seconds=None):
        """Waits for so many more of these to pass."""
        goal = self.passed[side, name] + count
        wait_until(f"{count} × {name} ({side})", lambda: self.passed[side, name] >= goal, seconds)

    # --- what it is told to do

    def on(self, name, side, act, **more):
        fault = Fault(name, side, act, **more)
        self.faults.append(fault)
        return fault

    def freeze(self, *sides):
        for side in sides:
            self.loop.call_soon_threadsafe(self.gates[side].clear)

    def thaw(self):
        for gate in self.gates.values():
            self.loop.call_soon_threadsafe(gate.set)

    def heal(self):
        self.faults.clear()
        self.limits.clear()
        self.thaw()

    def cut_all(self, how=FIN):
        async def cut():
            for conversation in list(self.alive):
                conversation.cut(how)
            return len(self.alive)

        return self._call(cut())

    def limit(self, who, side, offset, how):
        """The next connection of this name is cut when so many bytes have passed on this side."""
        self.limits[who] = limit = Limit(side, offset, how, self.conversations)
        return limit

    def limit_of(self, conversation, side):
        limit = self.limits.get(conversation.who)
        if limit and limit.side == side and conversation.number > limit.after and not limit.reached.is_set():
            return limit
        return None
