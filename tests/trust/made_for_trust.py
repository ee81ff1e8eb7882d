"""Little files and certificates that the tests of trust are made on."""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import keyring.backend
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from engine.media.clip import write_clip
from engine.media.sound_file import write_sound
from engine.trust.credentials.manifest import Ingredient, Statement
from sora_addon.contract import Size

STATEMENT = Statement(
    title="clip",
    facts={"take": "0b0e7e7e-0000-4000-8000-000000000001", "backend": {"name": "sketch", "version": "1"}, "seed": "7"},
    source_type="compositeWithTrainedAlgorithmicMedia",
    software="sketch",
    software_version="1",
    generator_version="0.1.0",
    mark="0b0e7e7e0000",
)


def make_media(folder: Path) -> dict[str, Path]:
    """A clip, a sound and a picture, by suffix."""
    dice = np.random.default_rng(3)
    frames = dice.integers(0, 255, (6, 32, 48, 3), np.uint8)
    samples = dice.normal(0.0, 0.1, (12000, 2)).astype(np.float32)
    made = {kind: folder / f"made.{kind}" for kind in ("mp4", "wav", "png")}
    write_clip(made["mp4"], frames, samples, Fraction(24), Size(48, 32))
    write_sound(made["wav"], samples)
    cv2.imwrite(str(made["png"]), frames[0])
    return made


def with_parent(ingredient: Ingredient) -> Statement:
    return replace(STATEMENT, ingredients=(ingredient,))


class KeyringForTests(keyring.backend.KeyringBackend):
    """Holds passphrases in this process: the platform's own keyring needs a desktop, which is not here."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


class MadeChain:
    """A root and a leaf that lasts from ``start`` for ``lasts``; ``write`` puts chain, key and root into a folder."""

    def __init__(self, start: datetime.datetime, lasts: datetime.timedelta, curve: ec.EllipticCurve | None = None):
        self.root_key = ec.generate_private_key(ec.SECP256R1())
        self.key = ec.generate_private_key(curve or ec.SECP256R1())
        end = start + lasts
        self.root = self._certificate("Made root", self.root_key, None, start, end + datetime.timedelta(days=99))
        self.leaf = self._certificate("Made studio", self.key, self.root, start, end)

    def _certificate(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        issuer: x509.Certificate | None,
        start: datetime.datetime,
        end: datetime.datetime,
    ) -> x509.Certificate:
        subject = x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
        )
        root = issuer is None
        usage = x509.KeyUsage(not root, False, False, False, False, root, root, False, False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if issuer is None else issuer.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(root, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root_key.public_key()), critical=False
            )
        )
        if not root:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        return builder.sign(self.root_key, hashes.SHA256())

    def write(self, folder: Path, guard: serialization.KeySerializationEncryption | None = None) -> Path:
        pem = serialization.Encoding.PEM
        (folder / "root.pem").write_bytes(self.root.public_bytes(pem))
        (folder / "chain.pem").write_bytes(self.leaf.public_bytes(pem) + self.root.public_bytes(pem))
        guard = guard or serialization.NoEncryption()
        (folder / "key.pem").write_bytes(self.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, guard))
        (folder / "key.pem").chmod(0o600)
        return folder


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
