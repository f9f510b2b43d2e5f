"""Signed pictures: a C2PA manifest that others can check, with nothing in it that a person did not mean to show."""

from __future__ import annotations

import builtins
import io
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from PIL import Image

from tests.doubles.certificate import KEYS, PEM, PKCS8, credentials, issued
from tools.images.recipe import (
    BadCertificate,
    NotAPicture,
    NotSignable,
    PictureError,
    Recipe,
    Signature,
    SignerMissing,
    encode,
    read_made,
    read_recipe,
    read_signature,
    resize_file,
    sign,
    sign_file,
)
from tools.settings import Settings

c2pa = pytest.importorskip("c2pa")

RECIPE = Recipe(prompt="secret 柴犬", seed=7, model="tiny sdxl", sheet={"a": [1]})


def picture(kind: str = "PNG", made: str = "trained", recipe: Recipe | None = RECIPE) -> bytes:
    return encode(Image.new("RGBA", (40, 30), (200, 90, 30, 128)), kind, made=made, recipe=recipe)  # type: ignore[arg-type]


def bare() -> bytes:
    """A picture that says nothing."""
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "PNG")
    return buffer.getvalue()


def manifest(data: bytes) -> dict[str, Any]:
    settings = c2pa.Settings.from_dict({"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}})
    with c2pa.Reader("image/png", io.BytesIO(data), context=c2pa.Context(settings)) as reader:
        return json.loads(reader.json())


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("key", list(KEYS))
def test_a_signed_picture_is_whole_and_keeps_its_recipe(kind: str, key: str, tmp_path: Path) -> None:
    plain = picture(kind)
    signed = sign(plain, *credentials(tmp_path, key))
    assert read_signature(signed) == Signature("小店", intact=True, trusted=False, made="trained")
    assert read_recipe(signed) == RECIPE and read_made(signed) == "trained"
    one, other = (Image.open(io.BytesIO(data)) for data in (plain, signed))
    assert one.tobytes() == other.tobytes()
    assert len(signed) - len(plain) < 5_000  # platforms count every byte


@pytest.mark.parametrize("made", ["trained", "drawn", "edited"])
def test_the_manifest_says_how_the_picture_was_made(made: str, tmp_path: Path) -> None:
    found = manifest(sign(picture(made=made), *credentials(tmp_path)))
    active = found["manifests"][found["active_manifest"]]
    [actions] = [each["data"]["actions"] for each in active["assertions"] if each["label"].startswith("c2pa.actions")]
    uris = {
        "trained": "trainedAlgorithmicMedia",
        "drawn": "algorithmicMedia",
        "edited": "compositeWithTrainedAlgorithmicMedia",
    }
    assert [each["action"] for each in actions] == ["c2pa.created"]
    assert actions[0]["digitalSourceType"] == f"http://cv.iptc.org/newscodes/digitalsourcetype/{uris[made]}"
    assert actions[0]["softwareAgent"]["name"] == "tiny sdxl"
    assert read_signature(sign(picture(made=made), *credentials(tmp_path))).made == made


def test_nothing_else_of_the_person_or_the_machine_is_in_the_manifest(tmp_path: Path) -> None:
    certificate, key = credentials(tmp_path)
    plain = picture(recipe=RECIPE.shared())
    signed = sign(plain, certificate, key)
    for word in (b"secret", b"private-", str(tmp_path).encode(), b"PRIVATE KEY", key.read_bytes()[40:90]):
        assert word not in signed
    assert "secret" not in json.dumps(manifest(sign(picture(), certificate, key)))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_change_after_signing_is_seen(kind: str, tmp_path: Path) -> None:
    signed = bytearray(sign(picture(kind), *credentials(tmp_path)))
    place = signed.index(b"IDAT" if kind == "PNG" else b"VP8 ") + 40
    signed[place] ^= 1
    found = read_signature(bytes(signed))
    assert found is not None and not found.intact


def test_a_resized_picture_no_longer_claims_the_signature(tmp_path: Path) -> None:
    signed = sign(picture(), *credentials(tmp_path))
    smaller = resize_file(signed, 20, 15)
    assert read_signature(smaller) is None and read_made(smaller) == "trained"
    again = sign(smaller, *credentials(tmp_path))
    assert read_signature(again).intact  # type: ignore[union-attr]


def test_signing_twice_leaves_one_good_signature(tmp_path: Path) -> None:
    once = sign(picture(), *credentials(tmp_path))
    twice = sign(once, *credentials(tmp_path, "rsa"))
    assert read_signature(twice) == Signature("小店", intact=True, trusted=False, made="trained")
    assert len(manifest(twice)["manifests"]) == 1


def test_unsigned_and_hostile_pictures_are_not_signed(tmp_path: Path) -> None:
    signed = sign(picture(), *credentials(tmp_path))
    at = signed.index(b"caBX")
    broken = bytearray(signed)
    broken[at + 600] ^= 0xFF
    huge = signed[: at - 4] + (2**31 - 1).to_bytes(4, "big") + signed[at:]
    for data in (
        picture(),
        b"",
        b"no picture",
        signed[: at + 300],
        bytes(broken),
        huge,
        signed[: at - 4] + signed[at + 8 :],
    ):
        assert read_signature(data) is None
    assert read_signature(tmp_path / "nothing.png") is None


def test_a_manifest_that_lies_elsewhere_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stops: opening a picture tells a server that somebody opened it."""
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Server)
    Thread(target=server.serve_forever, daemon=True).start()
    certificate, key = credentials(tmp_path)
    info = c2pa.C2paSignerInfo("es256", certificate.read_bytes(), key.read_bytes(), None)
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder({"assertions": []}) as builder:
        builder.set_no_embed()
        builder.set_remote_url(f"http://127.0.0.1:{server.server_port}/manifest.c2pa")
        out = io.BytesIO()
        builder.set_intent(c2pa.C2paBuilderIntent.CREATE, c2pa.C2paDigitalSourceType.TRAINED_ALGORITHMIC_MEDIA)
        builder.sign(signer, "image/png", io.BytesIO(bare()), out)
    assert f":{server.server_port}/manifest".encode() in out.getvalue()
    assert read_signature(out.getvalue()) is None
    server.shutdown()
    assert not asked


def test_what_does_not_say_how_it_was_made_is_not_signed(tmp_path: Path) -> None:
    with pytest.raises(NotSignable):
        sign(bare(), *credentials(tmp_path))
    with pytest.raises(NotAPicture):
        sign(b"no picture", *credentials(tmp_path))


def broken(case: str, folder: Path) -> tuple[Path, Path]:
    """A certificate and a key with one thing wrong."""
    certificate, key = credentials(folder)
    own = serialization.load_pem_private_key(key.read_bytes(), None)
    match case:
        case "certificate_missing":
            key.unlink()
        case "certificate_unreadable":
            certificate.write_bytes(b"hello")
        case "key_unreadable":
            key.write_bytes(b"\xff\x00 hello")
        case "key_locked":
            key.write_bytes(own.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"word")))
        case "key_of_another":
            key.write_bytes(KEYS["p384"]().private_bytes(PEM, PKCS8, serialization.NoEncryption()))
        case "certificate_expired":
            credentials(folder, days=(-9, -2))
        case "certificate_refused":
            certificate.write_bytes(issued("me", "me", own, own).public_bytes(PEM))
    return certificate, key


@pytest.mark.parametrize(
    "case",
    [
        "certificate_missing",
        "certificate_unreadable",
        "key_unreadable",
        "key_locked",
        "key_of_another",
        "certificate_expired",
        "certificate_refused",
    ],
)
def test_a_bad_certificate_is_told_in_words(case: str, tmp_path: Path) -> None:
    with pytest.raises(BadCertificate) as caught:
        sign(picture(), *broken(case, tmp_path))
    assert caught.value.key == case
    for lang in ("zh", "en"):
        words = caught.value.message(lang)  # type: ignore[arg-type]
        assert "private-" in words and str(tmp_path) not in words and "{" not in words


def test_an_old_openssl_key_is_taken_too(tmp_path: Path) -> None:
    certificate, key = credentials(tmp_path)
    own = serialization.load_pem_private_key(key.read_bytes(), None)
    old = serialization.PrivateFormat.TraditionalOpenSSL
    key.write_bytes(own.private_bytes(PEM, old, serialization.NoEncryption()))
    assert read_signature(sign(picture(), certificate, key)).intact  # type: ignore[union-attr]


def test_the_settings_decide_whether_a_file_is_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "01.png"
    path.write_bytes(picture())
    assert sign_file(path, Settings()) is False and path.read_bytes() == picture()
    certificate, key = credentials(tmp_path)
    monkeypatch.setenv("FINALE_C2PA_CERT", str(certificate))
    with pytest.raises(BadCertificate) as caught:
        sign_file(path, Settings())
    assert caught.value.key == "certificate_half" and "FINALE_C2PA_KEY" in str(caught.value)
    monkeypatch.setenv("FINALE_C2PA_KEY", str(key))
    assert sign_file(path, Settings()) is True
    assert read_signature(path).intact and read_recipe(path) == RECIPE  # type: ignore[union-attr]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["01.png", "private-cert.pem", "private-key.pem"]


def test_without_the_library_a_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def none_of_it(name: str, *args: Any, **options: Any) -> Any:
        if name == "c2pa":
            raise ImportError(name)
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", none_of_it)
    for attempt in (lambda: sign(picture(), *credentials(tmp_path)), lambda: read_signature(picture())):
        with pytest.raises(SignerMissing) as caught:
            attempt()
        assert isinstance(caught.value, PictureError) and "c2pa" in caught.value.message("en")
