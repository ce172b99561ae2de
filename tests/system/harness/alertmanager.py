"""An Alertmanager of one's own, with the example that is shipped, whose webhook and chat are receivers of ours."""

import subprocess
import urllib.request

from harness.process import ROOT, kill_hard, spawn
from harness.redis import free_port
from harness.waiting import PATIENCE_SEC, wait_until

EXAMPLE = ROOT / "deploy/monitoring/alertmanager.yml"


class Alertmanager:
    def __init__(self, folder, webhook, chat):
        (folder / "chat-url").write_text(chat.url)
        config = EXAMPLE.read_text()
        for usual, ours in (
            ("http://127.0.0.1:9095/alerts", webhook.url),
            ("/etc/prometheus/quantum-chat-url", str(folder / "chat-url")),
            ("group_wait: 10s", "group_wait: 100ms"),
        ):
            assert config.count(usual) == 1
            config = config.replace(usual, ours)
        (folder / "alertmanager.yml").write_text(config)
        self.port = free_port()
        self.log = folder / "alertmanager.log"
        command = ["prometheus-alertmanager", f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/alertmanager",
                   f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="]  # fmt: skip
        with open(self.log, "wb") as log:
            self.process = spawn(command, stdout=log, stderr=subprocess.STDOUT)
        wait_until("Alertmanager is ready", self._answers, context=self.log.read_text)

    def _answers(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=PATIENCE_SEC).status == 200
        except OSError:
            return False

    def fire(self, name, **labels):
        words = [f"{label}={value}" for label, value in labels.items()]
        subprocess.run(["amtool", f"--alertmanager.url=http://127.0.0.1:{self.port}", "alert", "add", name, *words,
                        f"--annotation=summary=what {name} says"], check=True, capture_output=True)  # fmt: skip

    def close(self):
        kill_hard(self.process)
