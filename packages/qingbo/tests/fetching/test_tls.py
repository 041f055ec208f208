"""Fetching over https: the certificate is checked against the name, not against the connected address."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from qingbo.clock import now
from qingbo.fetching.errors import Failed
from web_server import PUBLIC, WebServer, page, web_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for a.example and one number, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a.example")])
    names = [x509.DNSName("a.example"), x509.IPAddress(ip_address(PUBLIC))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "a.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def names() -> list[str | None]:
    """Collects the server names that are asked for (SNI)."""
    return []


@pytest.fixture
def server(certificate: Path, names: list[str | None]) -> Iterator[WebServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda connection, name, context: names.append(name)
    with web_server(context) as server:
        yield server


def test_the_name_is_asked_for_and_checked(server: WebServer, certificate: Path, names: list[str | None]) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    for host in ("a.example", PUBLIC, "b.example"):
        server.answers[f"{host}/"] = page(b"x")
        server.hosts[host] = [[PUBLIC]]
    assert server.fetcher(tls=trusting).fetch("https://a.example").body == b"x"
    assert server.fetcher(tls=trusting).fetch(f"https://{PUBLIC}").body == b"x"
    assert server.connected == [(PUBLIC, 443)] * 2
    assert names == ["a.example", None]
    with pytest.raises(Failed, match="The connection is not safe"):
        server.fetcher(tls=trusting).fetch("https://b.example")


def test_a_certificate_that_nobody_trusts_is_not_taken(server: WebServer) -> None:
    server.answers["a.example/"] = page(b"x")
    with pytest.raises(Failed, match="The connection is not safe"):
        server.fetcher().fetch("https://a.example")
    assert server.requests == []


def test_a_server_that_speaks_no_tls_is_left() -> None:
    with web_server() as plain, pytest.raises(Failed):
        plain.fetcher(seconds=0.2).fetch("https://a.example")
