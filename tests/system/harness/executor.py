"""A running quantum-executor, and intents as publishers write them."""

import json
import time

from harness.service import Service


class Executor(Service):
    PROGRAM = "quantum-executor"


def iso(ms):
    seconds, rest = divmod(int(ms), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{rest:03d}Z"


def intent(symbol="BTCUSDT", action="BUY", size=130, form="payload", beside=None, **more):
    """An entry whose `payload` or `data` is a JSON object, or flat with form=None; None leaves a field out."""
    inside = {"symbol": symbol, "action": action, "position_size_usd": size, "entry_price": 50000.0, **more}
    inside = {name: value for name, value in inside.items() if value is not None}
    if form is None:
        return {name: str(value) for name, value in inside.items()}
    return {form: json.dumps(inside), **(beside or {})}
