"""A Redis that speaks TLS on a port of loopback; the tests themselves ask it by its unix socket."""

from harness.redis import RedisServer, free_port


class TlsServer(RedisServer):
    def __init__(self, folder, authority, **options):
        super().__init__(folder, **options)
        self.authority = authority
        self.certificate, self.key = authority.sign("server")
        self.tls_port = free_port()
        self.wants_client = False
        self.host = "localhost"

    @property
    def place(self):
        return f"rediss://{self.host}:{self.tls_port}"

    def url_for(self, program):
        return self.place

    def options(self):
        yield from super().options()
        yield from ("--tls-port", self.tls_port, "--tls-cert-file", self.certificate, "--tls-key-file", self.key)
        yield from ("--tls-ca-cert-file", self.authority.certificate)
        yield from ("--tls-auth-clients", "yes" if self.wants_client else "no")

    def shows(self, name, **rules):
        """From the next start on it shows this certificate."""
        self.certificate, self.key = self.authority.sign(name, **rules)
