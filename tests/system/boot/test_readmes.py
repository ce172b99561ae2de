"""What the documents have to type on a host, typed literally and in their order into a bare Debian, from the clone on."""

import re
import subprocess

import pytest

import readmes
from harness.process import ROOT
from host import EXECUTOR, ROUTER, answer

# These two first, in this order.
FIRST = ("README.md", "deploy/README.md")
CLONE = "~/quantum-router"
ORIGIN = "/srv/quantum-router.git"
START_REDIS = "systemctl enable --now redis-server\n"
CARD = "The card"
# On a machine with other work, too.
BUILD_SEC, TYPE_SEC = 1800, 1200

# How a line of the card may end beside well: some look at what is wrong, some are for when nothing else works.
CARD_ENDS = {
    "quantumctl status": (1, 2), "quantumctl --config=/dev/null": (1,), "/usr/share/quantum/deploy/deploy.sh --rollback": (3,),
    # Typed as they stand, without an account and without a number, they are refused.
    "quantumctl --config=/etc/quantum/router-ACCOUNT.conf": (2,), "quantumctl capacity set N": (2,),
}  # fmt: skip


@pytest.fixture(scope="module")
def steps(newcomer, tmp_path_factory):
    """What the documents of HEAD have to type, up to the start of Redis and from there on."""
    origin = tmp_path_factory.mktemp("origin") / "quantum-router.git"
    git = ["git", "-c", "safe.directory=*"]
    subprocess.run([*git, "clone", "--quiet", "--bare", "--no-hardlinks", ROOT, origin], check=True)
    newcomer.push(origin, "/srv")
    checkout = tmp_path_factory.mktemp("checkout")
    subprocess.run([*git, "clone", "--quiet", origin, checkout], check=True)
    paths = [*FIRST, *(path for path in readmes.find(checkout) if path not in FIRST)]
    blocks = [block for path in paths for block in readmes.blocks((checkout / path).read_text(), "bash")]
    [card] = [block.text for block in blocks if block.heading == CARD]
    before, start, after = "".join(block.text for block in blocks if block.heading != CARD).partition(START_REDIS)
    return before.replace("REPOSITORY", ORIGIN), start + after, card


def suggested(said, begins):
    return re.search(rf"{begins} [^(\n]*", said)[0]


def test_it_builds_and_installs(newcomer, steps):
    assert newcomer.run("command -v git gcc python3 redis-server curl", check=False).stdout == ""
    newcomer.run(f"set -e; cd\n{steps[0]}", timeout=BUILD_SEC)
    for unit in (ROUTER, EXECUTOR):
        assert newcomer.show(unit, "UnitFileState") == "disabled"


def test_a_redis_that_the_build_left_off_is_named(newcomer, steps):
    """Not only by a start that waits."""
    assert newcomer.show("redis-server", "ActiveState") == "inactive"
    newcomer.run(f"systemctl start --no-block {ROUTER}")
    waits = "Waiting for Redis at 127.0.0.1:6379: Connection refused"
    newcomer.wait(waits, lambda: newcomer.show(ROUTER, "StatusText") == waits)
    for command, status in (("quantumctl status", 3), ("quantumctl halt why", 1), (f"{CLONE}/deploy/deploy.sh --dry-run", 3)):
        done = newcomer.run(command, check=False)
        assert done.returncode == status, done
        assert "systemctl enable --now redis-server" in done.stdout + done.stderr, done
    newcomer.run(f"systemctl stop {ROUTER}")


def test_every_block_for_a_host_runs(newcomer, steps):
    """In one shell."""
    said = newcomer.out(f"set -e; cd {CLONE}\n{steps[1]}", timeout=TYPE_SEC)
    for word in ("CAPACITY_FULL open=10 max=10", "TARGET_REACHED open=3", "BEST_OF_PUBLISH count=1", "CAPACITY_UNKNOWN", "FILLED BTCUSDT BUY",
                 "health: ", "What to do: ", 'capacity_state{state="ok"} 1', "quantum.rules.yml"):
        assert word in said, f"{word} is missing in:\n{said}"
    assert said.count("NOAUTH") == said.count("NOPERM") == 0 and answer(newcomer, "/readyz")[0] == 200
    assert newcomer.out("redis-cli ACL LOG") == ""
    assert "quantum-router" in newcomer.out("redis-cli CLIENT LIST | grep -o 'user=[^ ]*' | sort -u")
    assert newcomer.show(ROUTER, "NRestarts") == "0"
    # Passwords came into files that others had made before.
    assert newcomer.out("grep -l '://[^ ]*:[^ ]*@' /etc/quantum/*.env | xargs stat -c '%a %U' | sort -u") == "600 root"


def test_the_card(newcomer, steps):
    """Line by line, as one in need would; the second halt finds the first one, and the rollback no deploy that is left."""
    for line in steps[2].splitlines():
        if not line or line.startswith("#"):
            continue
        done = newcomer.run(line, check=False, timeout=TYPE_SEC)
        ends = next((ends for begins, ends in CARD_ENDS.items() if line.startswith(begins)), ())
        assert done.returncode in (0, *ends), done


def test_a_bad_line_of_its_variables_does_not_stop_a_halt_for_long(newcomer, steps):
    """What the refusal names does what it says, its password given."""
    newcomer.run("echo 'MAX_OPEN_ORDERS=10 # cap' >> /etc/quantum/quantumctl.env")
    done = newcomer.run("quantumctl halt why", check=False)
    assert done.returncode == 2 and "holds a comment" in done.stderr and "NOT halted" in done.stderr, done
    without = suggested(done.stderr, "quantumctl --env-file=/dev/null").replace("REASON...", "no variables")
    said = newcomer.out(f"export $(cat /etc/quantum/redis-operator.env); {without}; sed -i '$d' /etc/quantum/quantumctl.env; quantumctl resume")
    assert "no variables (halted by root@" in said
