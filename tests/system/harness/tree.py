"""A copy of the repository's files, as a fresh clone would have them."""

import shutil
import subprocess

from harness.process import ROOT


def source_files():
    """Their names: what is tracked or could be, or without git what lies outside of build*/."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True)  # fmt: skip
    if listing.returncode == 0:
        names = filter(None, listing.stdout.split("\0"))
    else:
        tops = [top for top in ROOT.iterdir() if not top.name.startswith("build")]
        paths = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*"))]
        names = [str(path.relative_to(ROOT)) for path in paths if "__pycache__" not in path.parts]
    return [name for name in names if (ROOT / name).is_file()]


def copy_tree(target):
    for name in source_files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    return target
