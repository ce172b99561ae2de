"""Sentinels and a Cluster that speak nothing but TLS, among themselves too, and let nobody in without a certificate."""

from harness.cluster import Cluster, Node
from harness.redis import free_port
from harness.sentinels import Sentinel, Server, Trio


def files(authority):
    """What a server shows, and whom it believes; as options of Redis, and in turn for a line each of a Sentinel's file."""
    certificate, key = authority.sign("server")
    return {"tls-cert-file": certificate, "tls-key-file": key, "tls-ca-cert-file": authority.certificate, "tls-auth-clients": "yes"}


def client_files(authority):
    """The same for redis-py."""
    certificate, key = authority.sign("client")
    return dict(ssl=True, ssl_ca_certs=str(authority.certificate), ssl_certfile=str(certificate), ssl_keyfile=str(key))


def words(port, options):
    yield from ("--port", 0, "--tls-port", port)
    for name, value in options.items():
        yield from (f"--{name}", value)


class TlsTrio(Trio):
    """`place` of its servers is the port of TLS; its tests ask by unix sockets."""

    def __init__(self, folder, authority, **options):
        self.authority = authority
        super().__init__(folder, **options)

    def make_server(self, folder):
        server = Server(folder)
        server.extra += words(server.port, {**files(self.authority), "tls-replication": "yes"})
        return server

    def make_sentinel(self, folder):
        more = [f"{name} {value}" for name, value in {**files(self.authority), "tls-replication": "yes"}.items()]
        return Sentinel(folder, self.master.place, self.password, "port 0\ntls-port {}", more, **client_files(self.authority))


class TlsCluster(Cluster):
    def __init__(self, folder, authority, **options):
        self.authority = authority
        super().__init__(folder, **options)

    def make_node(self, folder, timeout_ms):
        port = free_port()
        options = {**files(self.authority), "tls-cluster": "yes", "tls-replication": "yes"}
        return Node(folder, timeout_ms, port, words(port, options))

    def client(self):
        return super().client(**client_files(self.authority))
