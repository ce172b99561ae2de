"""The README's commands for a host, typed literally and in their order into a bare Debian.

In the README a block that begins with ```sh is for a clone and one with ```bash for a host.
"""

import re

from host import DEBS, ROUTER, answer

README = (DEBS.parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
CLONE = "/srv/quantum-router"


def test_every_block_for_a_host_runs(bare_guest):
    """In one shell, with the packages where the build leaves them."""
    for deb in DEBS.glob("*.deb"):
        bare_guest.push(deb, f"{CLONE}/build/debian")
    said = bare_guest.out(f"set -e; cd {CLONE}\n" + "".join(BLOCKS), timeout=120)
    for word in ("CAPACITY_FULL open=10 max=10", "TARGET_REACHED open=3", "BEST_OF_PUBLISH count=1", "CAPACITY_UNKNOWN", "FILLED BTCUSDT BUY",
                 "health: ", "What to do: ", 'capacity_state{state="ok"}', "quantum.rules.yml"):
        assert word in said, f"{word} is missing in:\n{said}"
    assert said.count("NOAUTH") == said.count("NOPERM") == 0 and answer(bare_guest, "/readyz")[0] == 200
    assert bare_guest.out("redis-cli ACL LOG") == ""
    assert "quantum-router" in bare_guest.out("redis-cli CLIENT LIST | grep -o 'user=[^ ]*' | sort -u")
    assert bare_guest.show(ROUTER, "NRestarts") == "0"
    # Passwords came into files that others had made before.
    assert bare_guest.out("grep -l '://[^ ]*:[^ ]*@' /etc/quantum/*.env | xargs stat -c '%a %U' | sort -u") == "600 root"
