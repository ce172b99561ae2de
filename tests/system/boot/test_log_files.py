"""The drop-in for those who tail files, and logrotate with it."""

from host import ROUTER, start_router

EXAMPLES = "/usr/share/quantum/examples"
LOG = f"/var/log/quantum/{ROUTER}.log"


def test_logrotate(guest):
    folder = f"/etc/systemd/system/{ROUTER}.service.d"
    guest.run("install -d -m 0755 /var/log/quantum")
    guest.run(f"mkdir -p {folder} && cp {EXAMPLES}/log-files.conf {folder}/ && systemctl daemon-reload")
    guest.run(f"cp {EXAMPLES}/logrotate.conf /etc/logrotate.d/quantum")
    start_router(guest)
    guest.wait("its first lines", f"grep -q 'CAPACITY_OK open=0' {LOG}")
    guest.run("logrotate --force /etc/logrotate.conf")
    guest.run(f"grep -q 'CAPACITY_OK open=0' {LOG}.1 && ! grep -q 'CAPACITY_OK open=0' {LOG}")
    guest.run("redis-cli SET quantum:state:open_orders 10")
    guest.wait("a line in the new file", f"grep -q 'CAPACITY_FULL open=10' {LOG}")
    assert guest.read(LOG)[:2] == "20", "it begins with a whole line"
