"""A Prometheus of one's own, with the example configuration and the rules that are shipped."""

import json
import shutil
import urllib.error
import urllib.parse
import urllib.request

from harness.process import ROOT
from harness.redis import free_port
from harness.waiting import PATIENCE_SEC
from harness.watcher import Watcher

SHIPPED = ROOT / "deploy/monitoring"
ALERTMANAGER = "127.0.0.1:9093"
USUAL = {"quantum-router": "127.0.0.1:8058", "quantum-executor": "127.0.0.1:8057"}


class Prometheus(Watcher):
    def __init__(self, folder, ports):
        """`ports` by job."""
        config = (SHIPPED / "prometheus.yml").read_text()
        for job, port in ports.items():
            assert config.count(USUAL[job]) == 1
            config = config.replace(USUAL[job], f"127.0.0.1:{port}")
        assert config.count(ALERTMANAGER) == 1
        config = config.replace(ALERTMANAGER, f"127.0.0.1:{free_port()}")  # where none is
        assert config.count("interval: 15s") == 2
        (folder / "prometheus.yml").write_text(config.replace("interval: 15s", "interval: 250ms"))
        shutil.copy(SHIPPED / "quantum.rules.yml", folder)
        super().__init__(folder, "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
                         "--log.level=warn")  # fmt: skip

    def ask(self, path, **query):
        """What the API answers; an expression that is wrong is an error."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            answer = json.load(urllib.request.urlopen(url, timeout=PATIENCE_SEC))
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{query}: {error.read().decode()}") from None
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expression):
        """The labels of each series that it gives now."""
        return [series["metric"] for series in self.ask("query", query=expression)["result"]]

    def rules(self):
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]
