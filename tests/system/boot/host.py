"""What a guest becomes a host of ours by: the programs, units and files, as an operator would install them."""

import os
from pathlib import Path

# The tree of an installation (meson install), made by tests/system/boot/run.
STAGED = Path(os.environ.get("QUANTUM_BOOT_STAGED", ""))


def install(guest):
    guest.push(f"{STAGED}/.", "/")
    guest.run("systemd-sysusers && systemctl daemon-reload && ldconfig")
