"""An upgrade restarts what runs, a removal stops it and keeps the configuration; and the packages' own tests."""

import pytest

from harness.process import ROOT
from host import EXECUTOR, PACKAGES, ROUTER, install

INSTANCE = f"{ROUTER}@acct7"
UNITS = (ROUTER, EXECUTOR, INSTANCE)
CONF = "/etc/quantum/router-acct7.conf"


@pytest.mark.parametrize("name", ["publishes", "services"])
def test_autopkgtest(guest, name):
    guest.push(ROOT / "deploy/debian/tests", "/var/tmp")
    guest.run(f"/var/tmp/tests/{name}")


def pids(guest):
    return [guest.main_pid(unit) for unit in UNITS]


@pytest.fixture(scope="module")
def busy(guest):
    """All is enabled and runs, an instance too; but the executor has been stopped again."""
    guest.run(f"sed 's|^# prefix = .*|prefix = \"quantum:{{acct7}}:\";|' /etc/quantum/router.conf > {CONF}")
    guest.write("/etc/quantum/router-acct7.env", "ROUTER_METRICS_LISTEN=\n")
    guest.run(f"systemctl enable --now {' '.join(UNITS)} quantum-drain.timer")
    assert 0 not in pids(guest)
    guest.run(f"systemctl stop {EXECUTOR}")
    return guest


def test_an_upgrade(busy):
    router, _, instance = pids(busy)
    busy.run("dpkg --install /var/tmp/debs/*.deb")
    new_router, executor, new_instance = pids(busy)
    assert executor == 0, "what was stopped stays so"
    assert 0 not in (new_router, new_instance) and new_router != router and new_instance != instance


def test_a_removal(busy):
    busy.run(f"systemctl start {EXECUTOR}")
    busy.run(f"dpkg --remove {' '.join(PACKAGES)}")
    assert "quantum" not in busy.out("ps -eo args")
    assert busy.out("ls /etc/quantum").split() == ["executor.conf", "router-acct7.conf", "router-acct7.env", "router.conf"]


def test_a_purge(busy):
    """What the operator wrote stays; links of instances, states and the user do not."""
    busy.run(f"dpkg --purge {' '.join(PACKAGES)}")
    assert busy.out("ls /etc/quantum").split() == ["router-acct7.conf", "router-acct7.env"]
    assert busy.out("find /etc/systemd /var/lib /var/log /run -name '*quantum*' -not -path '/var/log/journal/*'") == ""
    assert busy.run("id quantum", check=False).returncode == 1
    busy.run("rm -r /etc/quantum")
    install(busy)  # and as if for the first time
    assert pids(busy) == [0, 0, 0]
