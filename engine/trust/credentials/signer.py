"""Who signs: the local authority, a studio's key, or a studio's signing command. The key never enters the C2PA library."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from c2pa import C2paSigningAlg, Signer
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from sora_addon.contract import ContractError

from ..settings import Settings, Studio
from .authority import authority
from .keys import load_key

COMMAND_PATIENCE = 60.0
"""Seconds that a signing command may take; a token that waits for a finger is one."""
SIDES = {256: 32, 384: 48, 521: 66}
"""Bytes of either half of an ECDSA signature by the curve's bits."""
HASHES: dict[C2paSigningAlg, hashes.HashAlgorithm] = {
    C2paSigningAlg.ES256: hashes.SHA256(),
    C2paSigningAlg.ES384: hashes.SHA384(),
    C2paSigningAlg.ES512: hashes.SHA512(),
    C2paSigningAlg.PS256: hashes.SHA256(),
}


@dataclass
class Signing:
    """A certificate chain and what signs with it. ``fault`` is why it did not: the library tells only that it failed."""

    chain: str
    algorithm: C2paSigningAlg
    sign: Callable[[bytes], bytes]
    timestamps: str
    owner: str
    """'local authority', 'studio key' or 'studio command': for people."""
    fault: ContractError | None = None

    def signer(self) -> Signer:
        """For one file; close it after that."""

        def guarded(data: bytes) -> bytes:
            try:
                return self.sign(data)
            except ContractError as error:
                self.fault = error
                return b""

        return Signer.from_callback(guarded, self.algorithm, self.chain, self.timestamps or None)


def signing(settings: Settings) -> Signing:
    """Whoever signs on this machine. Raises ContractError where the settings name what cannot be used."""
    if not settings.studio.chain:
        own = authority()
        return _with_key(own.chain, own.key, settings.timestamps, "local authority")
    chain = _read(settings.studio)
    if settings.studio.command:
        sign = _by_command(settings.studio.command)
        return Signing(chain, _algorithm(chain), sign, settings.timestamps, "studio command")
    return _with_key(chain, Path(settings.studio.key), settings.timestamps, "studio key")


def _read(studio: Studio) -> str:
    try:
        chain = Path(studio.chain).read_text(encoding="ascii")
        x509.load_pem_x509_certificates(chain.encode())
    except (OSError, ValueError) as error:
        problem = f"{studio.chain} does not hold certificates that can be read ({error})"
        raise ContractError("studio.chain", problem, "give PEM, the signing certificate first") from error
    return chain


def _with_key(chain: str, path: Path, timestamps: str, owner: str) -> Signing:
    key = load_key(path)
    certificate = x509.load_pem_x509_certificate(chain.encode())
    if certificate.public_key() != key.public_key():  # type: ignore[union-attr]
        raise ContractError(str(path), "is not the key of the first certificate of the chain", "give them in pairs")
    algorithm = _algorithm(chain)
    return Signing(chain, algorithm, lambda data: _signature(key, algorithm, data), timestamps, owner)


def _algorithm(chain: str) -> C2paSigningAlg:
    key = x509.load_pem_x509_certificate(chain.encode()).public_key()
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size in SIDES:
        names = {256: C2paSigningAlg.ES256, 384: C2paSigningAlg.ES384, 521: C2paSigningAlg.ES512}
        return names[key.curve.key_size]
    if isinstance(key, ed25519.Ed25519PublicKey):
        return C2paSigningAlg.ED25519
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return C2paSigningAlg.PS256
    raise ContractError(
        "studio.chain", "is of a kind of key that C2PA does not sign with", "use P-256, P-384, P-521, Ed25519 or RSA"
    )


def _signature(key: PrivateKeyTypes, algorithm: C2paSigningAlg, data: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _halves(key.sign(data, ec.ECDSA(HASHES[algorithm])), SIDES[key.curve.key_size])
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    assert isinstance(key, rsa.RSAPrivateKey)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256().digest_size)
    return key.sign(data, pss, hashes.SHA256())


def _halves(signature: bytes, side: int) -> bytes:
    """COSE wants r and s one after the other, not ASN.1."""
    r, s = decode_dss_signature(signature)
    return r.to_bytes(side, "big") + s.to_bytes(side, "big")


def _by_command(command: list[str]) -> Callable[[bytes], bytes]:
    def sign(data: bytes) -> bytes:
        try:
            run = subprocess.run(command, input=data, capture_output=True, timeout=COMMAND_PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ContractError("studio.command", f"{command[0]} did not sign ({error})") from error
        if run.returncode or not run.stdout:
            # What it says may hold a secret of its own; it is not repeated.
            raise ContractError("studio.command", f"{command[0]} ended with code {run.returncode} and no signature")
        return run.stdout

    return sign
