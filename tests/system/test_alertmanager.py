"""The example for Alertmanager: sound, and an alert that fires arrives at the webhook and in the chat."""

import subprocess

import pytest

from harness.alertmanager import EXAMPLE, Alertmanager
from harness.receiver import Receiver
from harness.waiting import wait_until


def amtool(*words):
    return subprocess.run(["amtool", *map(str, words)], capture_output=True, text=True)


def test_amtool_passes():
    done = amtool("check-config", EXAMPLE)
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done


def test_amtool_would_refuse(tmp_path):
    (tmp_path / "alertmanager.yml").write_text(EXAMPLE.read_text().replace("receiver: chat", "receiver: nobody", 1))
    assert amtool("check-config", tmp_path / "alertmanager.yml").returncode != 0


@pytest.mark.parametrize("severity, receivers", [("critical", "chat,webhook"), ("warning", "chat,webhook"), ("info", "webhook")])
def test_who_hears_what(severity, receivers):
    done = amtool("config", "routes", "test", f"--config.file={EXAMPLE}", f"severity={severity}", "alertname=QuantumLag")
    assert (done.returncode, done.stdout.strip()) == (0, receivers)


@pytest.fixture
def alertmanager(receiver, tmp_path):
    chat = Receiver()
    manager = Alertmanager(tmp_path, webhook=receiver, chat=chat)
    manager.webhook, manager.chat = receiver, chat
    yield manager
    manager.close()
    chat.close()


def test_an_alert_arrives(alertmanager):
    alertmanager.fire("QuantumBreakerOpen", severity="critical", job="quantum-executor", instance="here")
    wait_until("it arrives at both", lambda: alertmanager.webhook.documents and alertmanager.chat.documents, context=alertmanager.log.read_text)
    told = alertmanager.webhook.documents[0]
    (alert,) = told["alerts"]
    assert told["status"] == alert["status"] == "firing"
    assert alert["labels"] == {"alertname": "QuantumBreakerOpen", "severity": "critical", "job": "quantum-executor", "instance": "here"}
    (said,) = alertmanager.chat.documents[0]["attachments"]
    assert said["title"] == "FIRING critical: QuantumBreakerOpen" and said["text"].startswith("what QuantumBreakerOpen says. ")
