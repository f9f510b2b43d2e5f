"""A signing certificate of the shape that C2PA asks for, by an authority made for the purpose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["KEYS", "PEM", "PKCS8", "credentials", "issued"]

KEYS = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


def issued(name: str, by: str, key: Any, signer: Any, days: tuple[int, int] = (-1, 30)) -> x509.Certificate:
    """A certificate of the shape the C2PA specification asks of signers; an authority's where it is its own issuer."""

    def of(common: str) -> x509.Name:
        pairs = ((NameOID.ORGANIZATION_NAME, "測試工坊"), (NameOID.COMMON_NAME, common))
        return x509.Name([x509.NameAttribute(*pair) for pair in pairs])

    top, now = name == by, datetime.now(UTC)
    usage = x509.KeyUsage(not top, False, False, False, False, top, top, False, False)
    made = (
        x509.CertificateBuilder(of(by), of(name), key.public_key(), x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(top, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if not top:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(signer, hashes.SHA256())


def credentials(folder: Path, kind: str = "p256", days: tuple[int, int] = (-1, 30)) -> tuple[Path, Path]:
    """(certificate, key): a key of this kind, certified by an authority made for the purpose."""
    root, own = KEYS["p256"](), KEYS[kind]()
    chain = [issued("小店", "root", own, root, days), issued("root", "root", root, root)]
    certificate, key = folder / "private-cert.pem", folder / "private-key.pem"
    certificate.write_bytes(b"".join(each.public_bytes(PEM) for each in chain))
    key.write_bytes(own.private_bytes(PEM, PKCS8, serialization.NoEncryption()))
    return certificate, key
