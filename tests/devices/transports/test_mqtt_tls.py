import gc
import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devices.transports.mqtt import MqttWire
from tests.devices.transports.told import Told
from tests.ports import free_port
from tests.servers.mosquitto import Mosquitto


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Give the files of a certificate for 127.0.0.1 that vouches for itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = tmp_path / "broker.pem", tmp_path / "broker.key"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


@pytest.fixture
def tls_port(start_mosquitto: Callable[..., Mosquitto], certificate: tuple[Path, Path]) -> int:
    """Give the port of a broker that speaks TLS with that certificate."""
    port = free_port()
    start_mosquitto(f"listener {port} 127.0.0.1", f"certfile {certificate[0]}", f"keyfile {certificate[1]}")
    return port


def first_state(url: str, ca_file: str | None) -> bool:
    told = Told()
    wire = MqttWire(url, "gate-east", {}, told.state, ca_file=ca_file)
    wire.start()
    up, _ = told.next_state()
    wire.stop()
    return up


@pytest.mark.parametrize("scheme", ["mqtts", "mqtts5"])
def test_a_broker_with_the_right_certificate_is_trusted(tls_port: int, certificate: tuple[Path, Path], scheme: str) -> None:
    assert first_state(f"{scheme}://127.0.0.1:{tls_port}", str(certificate[0]))


# paho leaves the socket of a failed handshake, and the pair by which it wakes itself, to the garbage collector, which is made
# to run while this is excused.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
@pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning")
def test_a_broker_that_nobody_vouches_for_is_not(tls_port: int) -> None:
    assert not first_state(f"mqtts://127.0.0.1:{tls_port}", None)
    gc.collect()
