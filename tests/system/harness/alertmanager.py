"""An Alertmanager of one's own, with the example that is shipped, whose webhook and chat are receivers of ours."""

import subprocess

from harness.process import ROOT
from harness.watcher import Watcher

EXAMPLE = ROOT / "deploy/monitoring/alertmanager.yml"


class Alertmanager(Watcher):
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
        super().__init__(folder, "prometheus-alertmanager", f"--config.file={folder}/alertmanager.yml",
                         f"--storage.path={folder}/alertmanager", "--cluster.listen-address=")  # fmt: skip

    def fire(self, name, **labels):
        words = [f"{label}={value}" for label, value in labels.items()]
        subprocess.run(["amtool", f"--alertmanager.url=http://127.0.0.1:{self.port}", "alert", "add", name, *words,
                        f"--annotation=summary=what {name} says"], check=True, capture_output=True)  # fmt: skip
