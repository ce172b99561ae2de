"""An authority of its own, and what it signs: by openssl, each certificate in files of its name."""

import os
import subprocess
from datetime import datetime, timedelta, timezone

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def moment(days):
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


class Authority:
    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.certificate = folder / f"{name}.crt"
        self.key = folder / f"{name}.key"
        openssl("req", "-x509", *CURVE, "-keyout", self.key, "-out", self.certificate, "-subj", f"/CN={name}", "-days", "30",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip

    def sign(self, name, names=NAMES, begins_days=-1, ends_days=30):
        """Certificate and key of this name, for those names; made once."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        request, extra = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        if certificate.exists():
            return certificate, key
        extra.write_text(f"{names}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        openssl("req", "-new", *CURVE, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        openssl(
            *("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-extfile", extra),
            *("-not_before", moment(begins_days), "-not_after", moment(ends_days), "-out", certificate),
        )
        os.chmod(key, 0o600)
        return certificate, key
