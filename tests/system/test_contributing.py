"""What CONTRIBUTING.md shows to type."""

import re
import subprocess

from harness.process import BUILD, ROOT, clean_environment

TEXT = (ROOT / "CONTRIBUTING.md").read_text()


def test_one_unit_test_is_one_command():
    name = re.search(r"^    meson test -C build/sanitized (\w+)$", TEXT, re.MULTILINE)[1]
    assert f"`build/sanitized/{name}`" in TEXT
    done = subprocess.run([BUILD / name], env=clean_environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_system_test_is_one_command():
    path = re.search(r"^    QUANTUM_BUILD=\$PWD/build/sanitized /usr/bin/python3 -m pytest (\S+)$", TEXT, re.MULTILINE)[1]
    assert (ROOT / path).is_file()
