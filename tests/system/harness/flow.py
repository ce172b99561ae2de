"""Signals that come all the time while one server takes another's place: that it goes on, and what becomes of each."""

import re
import time

from harness.names import INTENTS
from harness.waiting import wait_until

# The router says of each signal what became of it.
TELLING = {"PIPELINE_DIAG": "true"}


def goes_on(router, db, resume, count, context, intents=INTENTS):
    """So many more are published, where a loss was told after an operator has resumed. Returns when it went on, or told the loss."""
    before = db.xlen(intents)
    wait_until("more is published, or a loss is told", lambda: db.xlen(intents) > before or router.count("STATE_ROLLED_BACK"), context=context)
    moment = time.monotonic()
    if router.count("STATE_ROLLED_BACK"):
        assert resume().returncode == 0
    wait_until("a flow again", lambda: db.xlen(intents) > before + count, context=context)
    return moment


def refused(router):
    """The signals that came between a loss and the resume: nothing is published then, and each is told of. At no other time one is."""
    found, is_set_back = set(), False
    for text in router.messages():
        if re.search("STATE_(ROLLED_BACK|RESUMED) ", text):
            is_set_back = "ROLLED_BACK" in text
        elif told := re.search(r"FATE id=(\S+) .*fate=no_slots$", text):
            assert is_set_back, text
            found.add(told[1])
    return found


def check_each_once(router, published, there, confirmed, context):
    """Each signal that the stream has is published, once, or was refused; `confirmed` has the ids of those that were written."""
    known = set(published)
    assert len(published) == len(known), "published twice"
    accounted = refused(router)
    missing = [name for name, id in confirmed.items() if id in there and name not in known and id not in accounted]
    assert not missing, (len(missing), missing[:5], context())
