"""The rows that touch the executor's connections and scripts, on paper (F01 to F38)."""

import signal
import socket
import time

import pytest
from executor_stage import PATIENT
from harm import Hold, chop, cut, cut_within, delay, first, forward, has_entries, inject, replace, then
from harness.names import EXECUTORS, INTENTS, OPEN_ORDERS
from harness.waiting import FULL, SLOWNESS, soon, wait_until
from proxy import COMMAND, FIN, REPLY, RST

SETTLING = ["begin", "open"]


def test_f01_executor_port_opens_late(paper):
    proxy = paper.proxy()
    proxy.shut()
    executor = paper.start(proxy, *PATIENT)
    executor.expect(r"REDIS_LOST .*refused.* retry_ms=\d+")
    time.sleep(5 if FULL else 0.4)
    proxy.listen()
    executor.expect(r"REDIS_BACK after_ms=\d+$", seconds=soon(2))
    executor.expect_count("REDIS_LOST", 1)
    paper.works()


@pytest.mark.parametrize("busy", [False, True])
def test_f02_executor_reset(paper, busy):
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    for _ in range(3):
        executor.forget()
        paper.intend(20 * busy)
        assert proxy.cut_all(RST) == 2
        executor.expect("REDIS_LOST", seconds=soon(1))
        executor.expect("REDIS_BACK")
    paper.works()


def test_f03_executor_end_within_a_reply_at_every_byte(paper, chance):
    proxy = paper.proxy()
    paper.lead(proxy)
    whole = proxy.on("read new", REPLY, forward, only=has_entries)
    paper.works()
    length, step = len(whole.steps[0].frame), 1 if FULL else 40
    for offset in range(chance.randrange(step), length, step):
        fault = proxy.on("read new", REPLY, cut_within(offset), only=has_entries)
        ids = paper.intend()
        fault.await_it(context=paper.told)
        paper.expect_filled(*ids)
    assert len(proxy.faults) > length // step


def test_f04_executor_reply_with_entries_is_lost(paper):
    proxy = paper.proxy()
    executor = paper.lead(proxy, *PATIENT)
    fault = proxy.on("read new", REPLY, cut(), only=has_entries)
    ids = paper.intend(4)
    fault.await_it(context=paper.told)
    paper.expect_filled(*ids)
    assert [r["intent_id"] for r in paper.results()][-4:] == ids
    executor.expect_count("REDIS_LOST", 1)


@pytest.mark.parametrize("name", SETTLING)
def test_f05_executor_script_ran_and_its_reply_is_lost(paper, name):
    """What it did is told all the same, and once."""
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    lost = proxy.on(name, REPLY, cut())
    [id] = paper.intend()
    lost.await_it(context=paper.told)
    assert (b"done" in lost.steps[0].frame) == (name == "open")
    executor.expect(rf"\bFILLED\b.*{id}")
    paper.works()
    executor.expect_count(rf"\bFILLED\b.*{id}", 1)


@pytest.mark.parametrize("part", [0, 1, 17, -1])
@pytest.mark.parametrize("name", SETTLING)
def test_f06_executor_script_never_arrives(paper, name, part):
    """None of it, or not all of it."""
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    lost = proxy.on(name, COMMAND, cut_within(part))
    [id] = paper.intend()
    lost.await_it(context=paper.told)
    paper.expect_filled(id)
    paper.works()
    executor.expect_count(rf"\bFILLED\b.*{id}", 1)


def expect_late(proxy, hold, fault, name, how):
    """Released, it is answered so, although nobody listens."""
    seen = len(proxy.answers_to(name))
    hold.release()
    fault.await_it()
    answers = lambda: proxy.answers_to(name)[seen:]  # noqa: E731
    wait_until(f"the late script's {how}", lambda: any(how in answer for answer in answers()), context=lambda: f"{answers()}")


@pytest.mark.parametrize("who", ["itself", "another"])
@pytest.mark.parametrize("name", SETTLING)
def test_f07_executor_script_is_released_late(paper, name, who):
    """Its sender has reconnected and executed the intent meanwhile, or another process has."""
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    hold = Hold()
    fault = proxy.on(name, COMMAND, hold)
    [id] = paper.intend()
    wait_until("a script to hold", hold.held.is_set, context=paper.told)
    if who == "another":
        executor.kill()
        paper.start()
    paper.expect_filled(id)
    expect_late(proxy, hold, fault, name, b"gone")
    paper.works()
    assert [r["intent_id"] for r in paper.results()].count(id) == 1


@pytest.mark.parametrize("name", SETTLING)
def test_f07_executor_script_is_released_before_it_is_sent_again(paper, name):
    """The intent is still pending: the late one settles it, and who comes next finds it done."""
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    hold, again = Hold(), Hold()
    fault = proxy.on(name, COMMAND, hold)
    proxy.on(name, COMMAND, again)
    [id] = paper.intend()
    wait_until("a script to hold", hold.held.is_set, context=paper.told)
    wait_until("it to be sent again", again.held.is_set, context=paper.told)
    expect_late(proxy, hold, fault, name, b"done" if name == "open" else b"begun")
    again.release()
    paper.works()
    executor.expect_count(rf"\bFILLED\b.*{id}", 1)
    assert [r["intent_id"] for r in paper.results()].count(id) == 1


def test_f07_executor_late_end_of_a_position(paper):
    """It is closed by its holding time, twice: the late one finds it gone."""
    proxy = paper.proxy()
    hold = Hold()
    fault = proxy.on("paper_exit", COMMAND, hold)
    paper.lead(proxy, "--paper.hold_sec=1")
    wait_until("a script to hold", hold.held.is_set, context=paper.told)
    wait_until("no position", lambda: paper.open_orders() == 0, context=paper.told)
    expect_late(proxy, hold, fault, "paper_exit", b"gone")
    paper.close_routers()
    assert [r["status"] for r in paper.results()] == ["filled", "closed"]


def test_f07_executor_late_read(paper):
    """It brings entries to a connection that is no more: pending for our own name, they are taken up all the same."""
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    hold, next_one = Hold(), Hold()
    fault = proxy.on("read new", COMMAND, hold)
    proxy.on("read new", COMMAND, next_one)
    paper.intend()  # ends the read before it
    wait_until("a read to hold", hold.held.is_set, context=paper.told)
    proxy.on("hgetall", COMMAND, cut())
    wait_until("the next one", next_one.held.is_set, context=paper.told)
    ids = paper.intend(3)
    seen = proxy.passed[REPLY, "read new"]
    hold.release()
    fault.await_it()
    wait_until("the late read's answer", lambda: proxy.passed[REPLY, "read new"] > seen)
    assert paper.executors_group()["pending"] == 3
    next_one.release()
    paper.expect_filled(*ids)
    paper.works()
    assert executor.count("REDIS_LOST") >= 1


@pytest.mark.parametrize("how", [FIN, RST])
def test_f08_executor_server_stands_still_with_a_fill_and_the_client_leaves(tcp_paper, how):
    paper = tcp_paper
    proxy = paper.proxy()
    executor = paper.lead(proxy)

    async def leave(step):
        paper.redis.freeze()
        await step.forward()
        step.cut(how)

    fault = proxy.on("open", COMMAND, leave)
    [id] = paper.intend()
    fault.await_it()
    executor.expect("REDIS_LOST")
    paper.redis.thaw()
    paper.expect_filled(id)
    paper.works()
    executor.expect_count(rf"\bFILLED\b.*{id}", 1)


def test_f09_executor_writes_are_paused_and_the_client_gives_up(paper):
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    pause = lambda: paper.db.execute_command("CLIENT", "PAUSE", "60000", "WRITE")  # noqa: E731
    fault = proxy.on("open", COMMAND, first(pause, forward))
    [id] = paper.intend()
    fault.await_it()
    executor.expect("REDIS_LOST .*did not answer in time")
    paper.db.execute_command("CLIENT", "UNPAUSE")
    paper.works()
    executor.expect_count(rf"\bFILLED\b.*{id}", 1)


@pytest.mark.parametrize("side", [COMMAND, REPLY])
def test_f12_executor_one_direction_freezes(paper, side):
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    fault = proxy.on("open", side, then(forward, lambda: proxy.freeze(side)))
    paper.intend()
    fault.await_it()
    executor.expect("REDIS_LOST .*did not answer in time")
    opens = proxy.passed[COMMAND, "open"]
    time.sleep(30 if FULL else 0.6 * SLOWNESS)
    executor.expect_count("REDIS_LOST", 1)
    assert proxy.passed[COMMAND, "open"] == opens
    proxy.thaw()
    executor.expect("REDIS_BACK")
    paper.works()


def test_f13_executor_crumbs(paper):
    """Single bytes, on both sides."""
    proxy = paper.proxy()
    faults = [proxy.on("*", side, chop, only=lambda s: len(s.frame) < 1000, times=1 << 40) for side in (COMMAND, REPLY)]
    paper.lead(proxy)
    paper.expect_filled(*paper.intend(5))
    assert all(fault.happened > 20 for fault in faults)


@pytest.mark.parametrize("name", ["look", "open"])
def test_f14_executor_reply_that_nobody_asked_for(paper, name):
    """The connection ends, where it came between two questions; else the replies no longer fit their questions."""
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    fault = proxy.on(name, REPLY, inject(b"+OK\r\n"))
    paper.intend(2)
    fault.await_it(context=paper.told)

    wait_until("that it says so", lambda: executor.count("REDIS_LOST"), context=executor.tail)
    paper.works()
    assert executor.process.poll() is None


@pytest.mark.parametrize("what", [b"$9223372036854775806\r\n", b"*2147483647\r\n", b"\0" * 64, b"$-2\r\n"])
@pytest.mark.parametrize("name", ["read new", "look", "begin", "open"])
def test_f15_executor_reply_that_is_none(paper, name, what):
    proxy = paper.proxy()
    executor = paper.lead(proxy, *PATIENT)
    wanted = has_entries if name == "read new" else lambda step: True
    fault = proxy.on(name, REPLY, replace(what), only=wanted)
    ids = paper.intend()
    fault.await_it(context=paper.told)
    executor.expect("REDIS_LOST")
    paper.expect_filled(*ids)
    paper.works()
    executor.expect_count("REDIS_LOST", 1)


def kill_clients(paper):
    return int(paper.db.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))


def test_f16_executor_clients_are_killed_again_and_again(paper):
    """Every 100 ms: there is progress between the kills."""
    paper.lead(None, "--redis.backoff_max_ms=20")
    killed, progress = 0, set()
    for _ in range(300 if FULL else 20):
        paper.intend(5)
        time.sleep(0.1 * SLOWNESS)
        progress.add(paper.open_orders())
        killed += kill_clients(paper)
    assert killed > 20 and len(progress) > 3
    paper.works(900 if FULL else None)  # behind all that was written meanwhile


def test_f17_executor_too_many_clients(paper):
    executor = paper.lead()
    paper.db.config_set("maxclients", 1)
    kill_clients(paper)
    executor.expect("REDIS_LOST .*max number of clients reached")
    time.sleep(0.3)
    assert executor.count("REDIS_LOST") <= 5, executor.tail()
    paper.db.config_set("maxclients", 100)
    executor.expect("REDIS_BACK")
    paper.works()


@pytest.mark.parametrize("how", ["sleep", "stop"])
def test_f21_executor_server_stands_still_with_a_fill(paper, how):
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    fault = proxy.on("open", COMMAND, then(forward, paper.redis.freeze)) if how == "stop" else None
    if how == "sleep":
        paper.redis.client().execute_command("DEBUG", "SLEEP", str(5 if FULL else 0.6 * SLOWNESS))
    [id] = paper.intend()
    if fault:
        fault.await_it()
        executor.expect("REDIS_LOST")
        paper.redis.thaw()
    paper.expect_filled(id)
    paper.works()
    executor.expect_count(rf"\bFILLED\b.*{id}", 1)


STATES = {
    "OOM": (("maxmemory", "1"), ("maxmemory", "0")),
    "NOREPLICAS": (("min-replicas-to-write", "1"), ("min-replicas-to-write", "0")),
}


@pytest.mark.parametrize("name", ["look", "begin", "open"])
@pytest.mark.parametrize("code", STATES)
def test_f22_f24_executor_is_refused(paper, code, name):
    """At every step of the way; nothing is done meanwhile, and it goes on by itself."""
    bad, good = STATES[code]
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    before = paper.open_orders()
    fault = proxy.on(name, COMMAND, first(lambda: paper.db.config_set(*bad), forward))
    paper.intend(3)
    fault.await_it(context=paper.told)
    executor.expect(f"(EXECUTION_REFUSED reason=|REDIS_LOST ).*{code}")
    assert paper.open_orders() <= before + 1 and paper.awaiting() >= 2
    paper.db.config_set(*good)
    paper.works()


def test_f25_executor_demotion(paper):
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    demote = lambda: paper.db.execute_command("REPLICAOF", "127.0.0.1", "1")  # noqa: E731
    fault = proxy.on("open", COMMAND, first(demote, forward))
    [id] = paper.intend()
    fault.await_it(context=paper.told)
    executor.expect("READONLY|REDIS_LOST")
    assert id not in paper.positions()
    paper.db.execute_command("REPLICAOF", "NO", "ONE")
    paper.works()


def test_f28_executor_long_script_of_somebody_else(paper):
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    paper.db.config_set("busy-reply-threshold", "20")
    busy = paper.redis.client().connection_pool.get_connection("EVAL")
    script = "local t = redis.call('TIME')[1]; repeat until redis.call('TIME')[1] - t >= 2"
    fault = proxy.on("open", COMMAND, first(lambda: busy.send_command("EVAL", script, "0"), delay(0.1)))
    paper.intend()
    fault.await_it(context=paper.told)
    executor.expect("(EXECUTION_REFUSED reason=|REDIS_LOST ).*(BUSY|in time)")
    busy.read_response()
    busy.disconnect()
    paper.works()


@pytest.mark.parametrize("side", [COMMAND, REPLY])
def test_f31_executor_server_is_killed_at_a_fill(paper, side):
    """And comes back with its file, in which the fill stands, or does not."""
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    fault = proxy.on("open", side, first(paper.redis.kill, cut()))
    [id] = paper.intend()
    fault.await_it()
    executor.expect("REDIS_LOST")
    paper.redis.start()
    paper.expect_filled(id)
    paper.works()
    executor.expect_count(rf"\bFILLED\b.*{id}", 1)


def test_f33_executor_everything_is_flushed_under_a_fill(paper):
    """No entry is pending that could be settled: the late fill changes nothing."""
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    hold = Hold()
    fault = proxy.on("open", COMMAND, hold)
    paper.intend()
    wait_until("a script to hold", hold.held.is_set, context=paper.told)
    paper.db.flushall()
    paper.ids.clear()
    seen = len(proxy.answers_to("open"))
    hold.release()
    fault.await_it()
    wait_until("its answer", lambda: len(proxy.answers_to("open")) > seen)
    assert b"done" not in proxy.answers_to("open")[seen]
    executor.expect_anywhere("GROUP_RECREATED")
    executor.expect_anywhere("CAPACITY_UNKNOWN")
    assert paper.positions() == {} and paper.open_orders() is None
    paper.db.set(OPEN_ORDERS, 0)
    paper.works()


def test_f34_executor_stream_goes_while_a_read_blocks(paper):
    executor = paper.lead()
    paper.db.xgroup_destroy(INTENTS, EXECUTORS)
    executor.expect("REDIS_LOST|GROUP_RECREATED")
    executor.expect_anywhere("GROUP_RECREATED")
    paper.works()


def test_f37_executor_right_is_lost_under_a_fill(paper):
    proxy = paper.proxy()
    executor = paper.lead(proxy)
    paper.db.execute_command("ACL", "SETUSER", "admin", "on", ">pw", "~*", "&*", "+@all")
    admin = paper.redis.client(username="admin", password="pw")
    take = lambda: admin.execute_command("ACL", "SETUSER", "default", "-hset")  # noqa: E731
    fault = proxy.on("open", COMMAND, first(take, forward))
    [id] = paper.intend()
    fault.await_it(context=paper.told)
    executor.expect("EXECUTION_REFUSED reason=NOPERM.*HSET")
    assert id not in paper.positions() and len(paper.results()) == len(paper.positions())
    admin.execute_command("ACL", "SETUSER", "default", "+hset")
    admin.close()
    paper.works()


def test_a_beginning_that_is_answered_behind_a_stop_is_taken_back(paper):
    """Or each restart would bring an intent nearer to begun too often."""
    proxy, hold = paper.proxy(), Hold()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(paper.folder / "notify"))
        heard.settimeout(20 * SLOWNESS)
        executor = paper.start(proxy, NOTIFY_SOCKET=str(paper.folder / "notify"))
        paper.works()
        proxy.on("begin", REPLY, hold, who="worker")
        [id] = paper.intend()
        assert hold.held.wait(20 * SLOWNESS), paper.told()
        executor.send(signal.SIGTERM)
        while b"STOPPING=1" not in heard.recv(4096):
            pass
        hold.release()
        executor.process.wait(20 * SLOWNESS)
    wait_until("it is taken back", lambda: paper.db.hget(f"quantum:exec:begun:{id}", "count") in (None, "0"), context=paper.told)
    paper.start(proxy)
    paper.expect_filled(id)
