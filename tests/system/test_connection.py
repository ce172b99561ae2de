"""Redis comes late, goes, comes back: nothing lost, nothing twice."""

import os
import time
from urllib.parse import quote

import pytest

from harness.ctl import ctl
from harness.names import DEDUP, SIGNALS
from harness.redis import free_port
from harness.rig import ROOMY, Rig
from harness.signals import signal
from harness.waiting import FULL, soon, wait_until


def expect_each_published_once(rig, confirmed, attempted):
    """What Redis confirmed is published; what it did not confirm may be."""
    rig.expect_drained()
    published = [intent["decision_id"] for intent in rig.intents()]
    assert len(published) == len(set(published)), "published twice"
    lost = {fields["correlation_id"] for fields in confirmed} - set(published)
    assert not lost, f"lost: {sorted(lost)[:5]}"
    assert set(published) <= {fields["correlation_id"] for fields in attempted}
    assert rig.daily_count() == len(published)


def test_redis_is_not_there_yet(empty_rig):
    rig = empty_rig
    router = rig.start_router()
    router.expect(r"🔌 REDIS_LOST .* retry_ms=\d+")
    time.sleep(0.3)  # some attempts more
    rig.redis.start()
    rig.set_open(0)
    rig.must_xadd("BTCUSDT")
    router.expect(r"🔌 REDIS_BACK after_ms=\d+$", seconds=soon(4))
    rig.expect_intent("BTCUSDT")
    rig.expect_drained()
    router.expect_count("REDIS_LOST", 1)
    assert not router.count("GROUP_RECREATED")


def test_redis_is_killed_and_comes_back(durable_rig):
    rig = durable_rig
    router = rig.start_open_router(0, "--window.one_per_symbol=0", **ROOMY)
    with rig.feed(lambda n: signal(f"COIN{n % 50}", correlation_id=f"c-{n}")) as feeder:
        for _ in range(5 if FULL else 2):
            router.expect("BEST_OF_PUBLISH")
            rig.redis.kill()
            router.expect(r"REDIS_LOST .* retry_ms=\d+")
            rig.redis.start()
            router.expect(r"REDIS_BACK after_ms=\d+")
        router.expect("BEST_OF_PUBLISH")
    expect_each_published_once(rig, feeder.confirmed, feeder.attempted)
    assert not router.count("GROUP_RECREATED")


def start_open_quietly(rig):
    """With a window so long that nothing is decided."""
    rig.set_open(0)
    return rig.start_router(CANDIDATE_WINDOW_SEC="60")


def test_pending_entries_of_a_dead_router_are_recovered(durable_rig):
    rig = durable_rig
    first = start_open_quietly(rig)
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    rig.expect_pending(1)
    first.kill()
    rig.redis.restart()
    router = rig.start_router()
    router.expect("STATE_UNSURE held=1")  # nobody is left who knows that this server lacks nothing
    assert ctl("resume", url=rig.redis.url).returncode == 0
    rig.expect_intent("BTCUSDT")
    rig.expect_pending(0)


def test_many_pending_entries_are_recovered_in_pages(rig):
    first = start_open_quietly(rig)
    rig.must_write(*[signal(f"COIN{n}", correlation_id=f"c-{n}") for n in range(450)])
    rig.expect_pending(450)
    first.kill()
    rig.start_router("--capacity.target_open=1000000", **{**ROOMY, "ROUTER_READ_COUNT": "100"})
    rig.expect_tally(published=450)
    rig.expect_drained()


def test_clients_are_killed_under_flow(rig):
    router = rig.start_open_router(0, "--window.one_per_symbol=0", **ROOMY)
    with rig.feed(lambda n: signal(f"COIN{n % 50}", correlation_id=f"c-{n // 2}")) as feeder:
        for _ in range(60 if FULL else 10):
            before = rig.db.xlen("quantum:stream:trade.intent")
            for client in rig.db.client_list():
                if client["name"].startswith("quantum-router"):
                    rig.db.client_kill_filter(_id=client["id"])
            wait_until(
                "progress after the kill",
                lambda: rig.db.xlen("quantum:stream:trade.intent") > before,
                context=rig.told,
            )
    expect_each_published_once(rig, feeder.confirmed, feeder.attempted)
    router.expect_anywhere("REDIS_LOST")
    router.expect_anywhere("REDIS_BACK")


def test_flush_closes_until_somebody_says_otherwise(rig):
    router = rig.start_open_router(0)
    rig.must_xadd("BTCUSDT")
    rig.expect_intent("BTCUSDT")
    rig.db.flushall()
    rig.intents_seen = "0"
    router.expect("🟠 GROUP_RECREATED stream=quantum:stream:ai.decision.made group=router$")
    router.expect("CAPACITY_UNKNOWN: quantum:state:open_orders missing → fail-closed")
    rig.must_xadd("ETHUSDT")
    router.expect("CYCLE .*no_slots=1")
    rig.expect_pending(0)
    rig.expect_no_intent()
    rig.set_open(0)
    rig.must_xadd("SOLUSDT")
    rig.expect_intent("SOLUSDT")


def test_group_is_destroyed(rig):
    router = rig.start_open_router(0)
    rig.must_xadd("BTCUSDT", correlation_id="c-1")
    rig.expect_intent("BTCUSDT")
    rig.db.xgroup_destroy(SIGNALS, "router")
    router.expect("GROUP_RECREATED")
    rig.must_xadd("ETHUSDT", correlation_id="c-2")
    # The group begins at 0 again: the mark tells that the first was published.
    rig.expect_intent("ETHUSDT")
    router.expect("DUPLICATE_SKIP BTCUSDT BUY key=c-1")
    rig.expect_drained()


def test_two_routers_publish_once(rig):
    """No lease yet, but the fence holds: no matter who commits, each decision is published once."""
    rig.set_open(0)
    rig.start_router("--window.one_per_symbol=0", **ROOMY)
    rig.start_router("--window.one_per_symbol=0", **ROOMY)
    with rig.feed(lambda n: signal(f"COIN{n % 50}", correlation_id=f"c-{n}")) as feeder:
        wait_until("some flow", lambda: len(feeder.confirmed) > 150)
    # What one leaves pending, the next connection takes up.
    for router in rig.routers:
        router.terminate()
    rig.start_router("--window.one_per_symbol=0", **ROOMY)
    expect_each_published_once(rig, feeder.confirmed, feeder.attempted)


# --- where Redis is, and who may enter


def expect_it_works(rig, **options):
    rig.set_open(0)
    router = rig.start_router(**options)
    rig.must_xadd("BTCUSDT")
    rig.expect_intent("BTCUSDT")
    return router


@pytest.fixture
def tcp_rig():
    with Rig(port=free_port()) as rig:
        rig.redis.start()
        yield rig


def test_tcp_and_database(tcp_rig):
    rig = tcp_rig
    url = f"redis://localhost:{rig.redis.port}/3"
    rig.start_router(url=url)
    with rig.redis.client(db=3) as db:
        db.set("quantum:state:open_orders", 0)
        db.xadd(SIGNALS, signal("BTCUSDT", correlation_id="c-1"))
        rig.router.expect("Trade Intent published: BTCUSDT")
        assert db.exists(DEDUP + "c-1")
    assert rig.db.dbsize() == 0


def test_host_and_port(tcp_rig):
    environment = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(tcp_rig.redis.port)}
    expect_it_works(tcp_rig, url="", **environment)


def test_database_on_a_socket(rig):
    rig.start_router(url=f"{rig.redis.url}?db=5")
    with rig.redis.client(db=5) as db:
        db.set("quantum:state:open_orders", 0)
        db.xadd(SIGNALS, signal("BTCUSDT"))
        rig.router.expect("Trade Intent published: BTCUSDT")
    assert rig.db.dbsize() == 0


def test_a_name_that_does_not_resolve(rig):
    router = rig.start_router(url="redis://nowhere.invalid:6379")
    router.expect("REDIS_LOST .* retry_ms=")


PASSWORD = "p@ss:w/rd %ü"


def test_password(rig):
    rig.db.config_set("requirepass", PASSWORD)
    rig.db.execute_command("AUTH", PASSWORD)
    rig.redis.db = rig.db = rig.redis.client(password=PASSWORD)
    router = expect_it_works(rig, url=f"unix://:{quote(PASSWORD, safe='')}@{rig.redis.socket}")
    assert PASSWORD not in router.text()


def test_user(rig):
    rig.db.execute_command("ACL", "SETUSER", "us:er", "on", f">{PASSWORD}", "~*", "&*", "+@all")
    login = f"{quote('us:er')}:{quote(PASSWORD, safe='')}"
    expect_it_works(rig, url=f"unix://{login}@{rig.redis.socket}")


def test_wrong_password_is_tried_again_but_not_told(rig):
    rig.db.execute_command("ACL", "SETUSER", "router", "on", ">right", "~*", "&*", "+@all")
    router = rig.start_router(url=f"unix://router:wrong-secret@{rig.redis.socket}")
    router.expect("REDIS_LOST .*WRONGPASS")
    rig.db.execute_command("ACL", "SETUSER", "router", ">wrong-secret")
    router.expect("REDIS_BACK")
    assert "wrong-secret" not in router.text()


def password_file(rig, mode):
    file = rig.folder / "password"
    file.write_text("from the file\n")
    os.chmod(file, mode)
    return file


def test_password_file(rig):
    rules = ["on", ">from the file", "~*", "&*", "+@all"]
    rig.db.execute_command("ACL", "SETUSER", "router", *rules)
    expect_it_works(
        rig,
        url=f"unix://router:ignored@{rig.redis.socket}",
        conf=f'redis : {{ password_file = "{password_file(rig, 0o400)}"; }};',
    )


def renew(rig, user, word, file):
    """A token takes the place of another one: in the file as a whole, then in Redis, which ends who came with the old one."""
    new = file.with_suffix(".new")
    new.touch(0o600)
    new.write_text(word + "\n")
    new.replace(file)
    rig.db.execute_command("ACL", "SETUSER", user, "resetpass", ">" + word)
    rig.db.execute_command("CLIENT", "KILL", "USER", user)


def test_a_password_that_was_renewed_needs_no_restart(rig):
    rig.db.execute_command("ACL", "SETUSER", "service", "on", ">first", "~*", "&*", "+@all")
    file = rig.folder / "token"
    renew(rig, "service", "first", file)
    flags, url = [f"--redis.password_file={file}"], f"unix://service:ignored@{rig.redis.socket}"
    router = rig.start_open_router(0, *flags, url=url)
    executor = rig.start_paper(*flags, url=url)
    for word in "second", "third":
        renew(rig, "service", word, file)
        for service in router, executor:
            service.expect("REDIS_LOST")
            service.expect("REDIS_BACK")
        rig.must_xadd(f"{word.upper()}USDT")
        rig.expect_intent(f"{word.upper()}USDT")
    for service in router, executor:
        assert "WRONGPASS" not in service.text()


@pytest.mark.parametrize("how", ["empty", "gone", "open to others"])
def test_a_password_that_cannot_be_read_is_the_last_one(rig, how):
    rig.db.execute_command("ACL", "SETUSER", "service", "on", ">first", "~*", "&*", "+@all")
    file = rig.folder / "token"
    renew(rig, "service", "first", file)
    router = rig.start_open_router(0, f"--redis.password_file={file}", url=f"unix://service:ignored@{rig.redis.socket}")
    if how == "gone":
        file.unlink()
    elif how == "empty":
        file.write_text("\n")
    else:
        file.write_text("another")
        file.chmod(0o644)
    rig.db.execute_command("CLIENT", "KILL", "USER", "service")
    router.expect("REDIS_LOST")
    router.expect("REDIS_BACK")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_password_file_that_others_may_read(empty_rig, mode):
    router = empty_rig.start_router(f"--redis.password_file={password_file(empty_rig, mode)}")
    assert router.process.wait(30) == 2
    router.killed = True
    [line] = router.lines()
    assert "redis.password_file" in line and "0400" in line
    router.log_path.write_text("")
