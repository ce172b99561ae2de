"""What the packages put onto a host, and that a purge takes all of it away."""

from harness.names import OPEN_ORDERS
from host import EXECUTOR, PACKAGES, ROUTER, install, publish_one, start_router

# What any package's coming and going leaves behind, and what lives by itself.
NOISE = ("/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/var/lib/dpkg", "/var/cache", "/var/lib/apt", "/var/log/apt",
         "/var/log/journal", "/var/lib/redis", "/var/lib/systemd", "/var/log/redis")


def files(guest):
    """Every file with its type, owner and mode."""
    prune = " -o ".join(f"-path {path}" for path in NOISE)
    return set(guest.out(f"find / \\( {prune} \\) -prune -o -printf '%y %u:%g %m %p\\n'").splitlines())


def accounts(guest):
    return guest.read("/etc/passwd"), guest.read("/etc/group"), guest.read("/etc/shadow")


def test_purge(bare_guest):
    guest = bare_guest
    before, people = files(guest), accounts(guest)
    install(guest)
    for unit in (ROUTER, EXECUTOR):
        assert guest.show(unit, "ActiveState") == "inactive"
        assert guest.show(unit, "UnitFileState") == "disabled"
    start_router(guest)
    guest.run(f"systemctl enable --now {EXECUTOR} quantum-drain.timer")
    publish_one(guest)
    guest.run("rm /etc/quantum/router.env")  # the operator's
    guest.run(f"apt-get purge -y {' '.join(PACKAGES)}")
    assert "quantum" not in guest.out("ps -eo args")
    assert guest.run(f"systemctl cat {ROUTER}", check=False).returncode != 0
    after = files(guest)
    assert sorted(after - before) == [] and sorted(before - after) == []
    assert accounts(guest) == people
    assert not guest.out("find /var/lib/systemd /etc/systemd /run -name '*quantum*'")
    assert guest.out(f"redis-cli GET {OPEN_ORDERS}") == "0"
