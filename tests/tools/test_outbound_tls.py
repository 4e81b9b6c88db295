"""Over TLS the checked address is connected to, but the name is what is proven."""

import datetime as dt
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tenants.outbound import OutboundError, fetch, transports
from tests.tools.servers import echo_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for api.example, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.example")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls_server(certificate, private_networks):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked = []
    context.sni_callback = lambda socket, name, context: asked.append(name)
    with echo_server(context) as server:
        server.asked = asked
        yield server


@pytest.fixture
def trusted(certificate, monkeypatch):
    context = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(transports, "ssl_context", lambda: context)


def test_sni_host_and_certificate_are_about_the_name(tls_server, trusted, names):
    names["api.example"] = [["127.0.0.1"]]

    answer = fetch("GET", f"https://api.example:{tls_server.port}/")

    assert answer.status_code == 200
    assert tls_server.asked == ["api.example"]
    assert answer.json()["headers"]["host"] == f"api.example:{tls_server.port}"


def test_a_certificate_for_another_name_is_refused(tls_server, trusted, names):
    names["other.example"] = [["127.0.0.1"]]

    with pytest.raises(OutboundError, match=r"other\.example can't be reached"):
        fetch("GET", f"https://other.example:{tls_server.port}/")


def test_an_unknown_authority_is_refused(tls_server, names):
    names["api.example"] = [["127.0.0.1"]]

    with pytest.raises(OutboundError, match="certificate"):
        fetch("GET", f"https://api.example:{tls_server.port}/")


def test_a_redirect_from_https_to_http_is_refused(tls_server, trusted, names, server):
    names["api.example"] = [["127.0.0.1"]]
    tls_server.routes["/old"] = lambda seen: (302, {"location": server.url}, b"")

    with pytest.raises(OutboundError, match="from https to http"):
        fetch("GET", f"https://api.example:{tls_server.port}/old")

    assert server.seen == []
