"""The local authority: a root and a signing certificate that this machine makes for itself at first use.

What it signs is "valid, not on the public trust list": whoever gets the root can tell that files come from this machine and
were not changed; nobody can tell from it who that is.

HOME/authority/root.pem, root.key, leaf.pem, leaf.key    in use
HOME/authority.retired/NAME/                             what rotation has replaced; files signed with it still verify
"""

from __future__ import annotations

import datetime
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sora_addon.contract import ContractError

from ..home import own_folder, trust_home, write_own
from .keys import load_key, remove_key, store_key

ROOT_YEARS, LEAF_YEARS = 30, 15
"""Long, because a file without a timestamp turns invalid when the certificate that signed it expires."""
ORGANISATION = "Made on this machine, not on the public trust list"


@dataclass(frozen=True)
class Authority:
    """Certificates in PEM, and where the signing key lies."""

    root: str
    leaf: str
    key: Path

    @property
    def chain(self) -> str:
        """The signing certificate first."""
        return self.leaf + self.root


def authority() -> Authority:
    """The one in use; made where there is none. Raises ContractError where its files are damaged, OSError."""
    folder = trust_home() / "authority"
    if not folder.is_dir():
        _make(folder)
    try:
        root, leaf = ((folder / name).read_text(encoding="ascii") for name in ("root.pem", "leaf.pem"))
        x509.load_pem_x509_certificate(root.encode())
        x509.load_pem_x509_certificate(leaf.encode())
    except (FileNotFoundError, ValueError) as error:
        mend = "move the folder away; a new authority is made, and files that the old one signed need its root.pem"
        raise ContractError(str(folder), f"is damaged ({error})", mend) from error
    return Authority(root, leaf, folder / "leaf.key")


def anchors() -> str:
    """PEM of every root that this machine has had; '' where it has none yet."""
    home = trust_home()
    roots = [home / "authority" / "root.pem", *sorted((home / "authority.retired").glob("*/root.pem"))]
    found = dict.fromkeys(path.read_text(encoding="ascii") for path in roots if path.is_file())
    return "".join(found)


def rotate(root_too: bool = False) -> Authority:
    """Retire the signing certificate, with ``root_too`` the whole authority, and make a new one. Raises as ``authority``."""
    home = trust_home()
    folder, fresh = home / "authority", home / f"authority.{os.getpid()}.partial"
    old = authority()
    _fill(fresh, None if root_too else folder)
    serial = x509.load_pem_x509_certificate(old.leaf.encode()).serial_number
    own_folder(home / "authority.retired")
    retired = home / "authority.retired" / f"{serial:x}"
    os.replace(folder, retired)
    os.replace(fresh, folder)
    remove_key(retired / "leaf.key")
    if root_too:
        remove_key(retired / "root.key")
    else:
        (retired / "root.key").unlink()  # a copy; the keyring's entry is still that of the root in use
    return authority()


def _make(folder: Path) -> None:
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    _fill(fresh, None)
    try:
        os.rename(fresh, folder)
    except OSError:
        shutil.rmtree(fresh)
        if not folder.is_dir():  # else another process was first
            raise


def _fill(fresh: Path, keep_root_of: Path | None) -> None:
    if fresh.exists():
        shutil.rmtree(fresh)
    own_folder(fresh)
    if keep_root_of is None:
        root_key = ec.generate_private_key(ec.SECP256R1())
        root = _certificate(f"Sora local authority {secrets.token_hex(4)}", root_key, None, root_key, ROOT_YEARS)
        store_key(fresh / "root.key", root_key)
    else:
        key = load_key(keep_root_of / "root.key")
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ContractError(str(keep_root_of / "root.key"), "is not the key of a local authority")
        root_key, root = key, x509.load_pem_x509_certificate((keep_root_of / "root.pem").read_bytes())
        write_own(fresh / "root.key", (keep_root_of / "root.key").read_bytes())
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    leaf = _certificate(f"Sora local signer {secrets.token_hex(4)}", leaf_key, root, root_key, LEAF_YEARS)
    store_key(fresh / "leaf.key", leaf_key)
    for file, certificate in (("root.pem", root), ("leaf.pem", leaf)):
        write_own(fresh / file, certificate.public_bytes(serialization.Encoding.PEM))


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    years: int,
) -> x509.Certificate:
    """Of a root where ``issuer`` is None; else of a signer as C2PA's certificate profile wants it."""
    is_root = issuer is None
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    # A clock that is set back a little must not make today's files invalid.
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=round(365.25 * years)))
        .add_extension(x509.BasicConstraints(is_root, 0 if is_root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
