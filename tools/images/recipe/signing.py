"""Pictures signed with a certificate of one's own: a C2PA manifest that says, so that nobody can change it unseen, how they were made.

The manifest holds one action, `c2pa.created`, with the IPTC digital source type of the picture's own mark and the name of what made
it; no prompt, no file names, no thumbnail, no time from a server (C2PA Technical Specification 2.4, "Actions"). It adds about 3 KB.
Nothing is sent or fetched. What a picture says about where more of its story lies is not followed.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.images.recipe.errors import BadCertificate, NotSignable, PictureError, SignerMissing
from tools.images.recipe.files import read_made, read_recipe
from tools.images.recipe.model import SOURCE_TYPES, Made, clean
from tools.images.recipe.opening import header_of, picture_bytes
from tools.storage import writing

if TYPE_CHECKING:
    from tools.settings import Settings

__all__ = ["ROOM", "Signature", "read_signature", "sign", "sign_file", "signer"]

_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},  # platforms count every byte
}
ROOM = 8_000  # bytes that a signature may add, where bytes are counted
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True, slots=True)
class Signature:
    """A picture's C2PA signature as it stands.

    Attributes:
        signer: The name in the certificate.
        intact: Nothing was changed since it was signed. Where it is False, nothing else here is to be believed.
        trusted: The certificate leads to one on this machine's trust list; a self-made one never does.
        made: How the signer says the picture was made; None where that is not said.
    """

    signer: str
    intact: bool
    trusted: bool
    made: Made | None


def sign(data: bytes, certificate: Path, key: Path) -> bytes:
    """The same picture with a signed manifest in it; its recipe and its mark stay as they are.

    Args:
        data: A PNG, WebP or JPEG that says how it was made (`encode` writes that).
        certificate: PEM, the signing certificate first, then those it rests on. One signed by itself is refused by the standard.
        key: PEM, without a passphrase: EC (P-256, P-384, P-521), RSA or Ed25519.

    Raises:
        SignerMissing: c2pa-python is not installed.
        BadCertificate: certificate and key cannot be used.
        NotSignable: the picture does not say how it was made.
        NotAPicture, PictureTooLarge.
    """
    c2pa = _library()
    made, recipe = read_made(data), read_recipe(data)
    if made is None:
        raise NotSignable
    kind = f"image/{str(header_of(data, '').format).lower()}"
    agent = {"name": (recipe.model if recipe else "") or "Finale"}
    action = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPES[made], "softwareAgent": agent}
    manifest = {
        "claim_generator_info": [{"name": "Finale"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}],
    }
    chain, secret, algorithm = _credentials(certificate, key)
    signed = io.BytesIO()
    try:
        with (
            c2pa.Signer.from_info(c2pa.C2paSignerInfo(algorithm, chain, secret, None)) as signer,
            c2pa.Builder(manifest, context=_context(c2pa)) as builder,
        ):
            builder.sign(signer, kind, io.BytesIO(data), signed)
    except c2pa.C2paError as error:
        raise BadCertificate("certificate_refused", name=certificate.name, why=_first_line(error)) from error
    return signed.getvalue()


def signer(settings: Settings) -> Callable[[bytes], bytes] | None:
    """What signs pictures with the certificate of the settings; None where none is set.

    Raises:
        BadCertificate: only one of FINALE_C2PA_CERT and FINALE_C2PA_KEY is set (key `certificate_half`).
    """
    certificate, key = settings.finale_c2pa_cert, settings.finale_c2pa_key
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise BadCertificate("certificate_half", missing="FINALE_C2PA_KEY" if key is None else "FINALE_C2PA_CERT")
    return lambda data: sign(data, certificate.expanduser(), key.expanduser())


def sign_file(path: Path, settings: Settings) -> bool:
    """Sign the picture at `path` with the certificate of the settings; False, and nothing done, where none is set.

    Raises:
        BadCertificate: as `signer` and `sign`.
        SignerMissing, NotSignable, NotAPicture, PictureTooLarge, StorageError.
    """
    signs = signer(settings)
    if signs is None:
        return False
    data, _ = picture_bytes(path)
    signed = signs(data)
    part = path.with_name(path.name + ".part")
    with writing(path):
        part.write_bytes(signed)
        part.replace(path)
    return True


def read_signature(source: Path | bytes) -> Signature | None:
    """Who signed the picture; None where nobody did, and where what stands in the signature's place cannot be read.

    Raises:
        SignerMissing: c2pa-python is not installed.
    """
    c2pa = _library()
    try:
        data, name = picture_bytes(source)
        kind = f"image/{str(header_of(data, name).format).lower()}"
        reader = c2pa.Reader.try_create(kind, io.BytesIO(data), context=_context(c2pa))
        if reader is None:
            return None
        with reader:
            state, active = reader.get_validation_state(), reader.get_active_manifest()
    except (PictureError, c2pa.C2paError, ValueError, RecursionError):
        return None
    if not isinstance(active, dict):
        return None
    info = active.get("signature_info") or {}
    signer = clean(info.get("common_name"), 200) or clean(info.get("issuer"), 200)
    return Signature(signer, state in ("Valid", "Trusted"), state == "Trusted", _made(active))


def _made(manifest: dict[str, Any]) -> Made | None:
    """The source type of the first action that tells one of ours."""
    for assertion in manifest.get("assertions", ()):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            for action in assertion.get("data", {}).get("actions", ()):
                told = action.get("digitalSourceType")
                if found := next((made for made, uri in SOURCE_TYPES.items() if uri == told), None):
                    return found
    return None


def _credentials(certificate: Path, key: Path) -> tuple[bytes, bytes, str]:
    """(the chain, the key as PKCS#8, the algorithm's name), once it is sure that they belong together and hold today."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as forms

    chain, text = _read(certificate), _read(key)
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise BadCertificate("certificate_unreadable", name=certificate.name) from error
    try:
        secret = forms.load_pem_private_key(text, password=None)
    except TypeError as error:  # it has a passphrase
        raise BadCertificate("key_locked", name=key.name) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadCertificate("key_unreadable", name=key.name) from error
    form = (forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
    if leaf.public_key().public_bytes(*form) != secret.public_key().public_bytes(*form):
        raise BadCertificate("key_of_another", name=certificate.name, other=key.name)
    now = datetime.now(UTC)
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        days = f"{leaf.not_valid_before_utc:%Y-%m-%d} – {leaf.not_valid_after_utc:%Y-%m-%d}"
        raise BadCertificate("certificate_expired", name=certificate.name, days=days)
    plain = secret.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    return chain, plain, _algorithm(secret, key)


def _algorithm(secret: Any, key: Path) -> str:
    """The C2PA name of the algorithm that goes with a key."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(secret, rsa.RSAPrivateKey):
        return "ps256"
    if isinstance(secret, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(secret, ec.EllipticCurvePrivateKey) and secret.curve.name in _CURVES:
        return _CURVES[secret.curve.name]
    raise BadCertificate("key_unreadable", name=key.name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCertificate("certificate_missing", name=path.name) from error


def _library() -> Any:
    try:
        import c2pa
    except ImportError as error:
        raise SignerMissing from error
    return c2pa


def _context(c2pa: Any) -> Any:
    return c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))


def _first_line(error: Exception) -> str:
    return clean(str(error).partition("\n")[0], 200)
