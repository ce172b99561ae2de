"""The programs run on a bare Debian 12."""


def test_programs_run(guest):
    for program in ("quantum-router", "quantum-executor", "quantumctl"):
        assert program in guest.out(f"{program} --version")


def test_reboot(guest):
    boot = guest.out("cat /proc/sys/kernel/random/boot_id")
    guest.run("touch /var/tmp/kept")
    cursor = guest.cursor()
    guest.reboot()
    guest.run("test -e /var/tmp/kept")
    assert guest.journal("redis-server", since=cursor)
    assert guest.out("cat /proc/sys/kernel/random/boot_id") != boot
