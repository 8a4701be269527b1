"""A TLS certificate that a cloud of one's own makes for itself, and the trust in exactly that one.

No authority vouches for a workstation or a company's cluster. Instead the device remembers at
pairing which certificate the cloud showed, as ssh remembers a host's key, and trusts no other one
there. Key and certificate are one file that only the user can read, so they cannot fall apart.
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tandem.errors import DeviceFault
from tandem.private_file import create_once, is_open_to_others

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName

# A pinned certificate is changed by pairing again; one that runs out does no good but to break a
# pairing. Ten years is what ssh-like trust needs at most.
VALID_DAYS = 3650
PIN_KIND = "sha256:"


def own_certificate(path: Path, *, names: Sequence[str], now: float) -> str:
    """The pin of the certificate in `path`; it is made when the file is not there.

    `names`: host names and addresses it shall hold, for clients that look at them. `now`: seconds
    since the epoch. Raises `DeviceFault` when the file cannot be written or used.
    """
    try:
        if not path.exists():
            create_once(path, _made(names, now))
        if is_open_to_others(path):
            raise DeviceFault(
                f"The key in {path} can be read by other users.",
                remedy=f"Delete it and pair the devices again: rm {path}",
            )
        return pin_of(path.read_text("ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceFault(
            f"The certificate {path} cannot be made or read: {error}.",
            remedy="Make room, or make its folder writable.",
        ) from None
    except ValueError:
        raise DeviceFault(
            f"{path} holds no certificate.",
            remedy=f"Delete it and pair the devices again: rm {path}",
        ) from None


def pin_of(pem: str) -> str:
    """`sha256:` and the digest of the certificate in a PEM text. Raises `ValueError`."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    start, stop = pem.find(begin), pem.find(end)
    if start < 0 or stop < start:
        raise ValueError("no certificate")
    return pin_of_der(ssl.PEM_cert_to_DER_cert(pem[start : stop + len(end)]))


def pin_of_der(certificate: bytes) -> str:
    """The pin of a certificate as it travels."""
    return PIN_KIND + hashlib.sha256(certificate).hexdigest()


def trusting(pem: str) -> ssl.SSLContext:
    """A client's TLS that accepts exactly this certificate, by whatever name the host is called."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the certificate is the identity; an address may change
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=pem)
    return context


def _made(names: Sequence[str], now: float) -> str:
    """A new key (P-256) and its certificate as PEM."""
    # 60 ms of CPU, needed once in a cloud's life.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tandem cloud")])
    start = datetime.datetime.fromtimestamp(now, datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A device's clock may be some hours behind.
        .not_valid_before(start - datetime.timedelta(days=1))
        .not_valid_after(start + datetime.timedelta(days=VALID_DAYS))
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in dict.fromkeys(names)]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return (secret + certificate.public_bytes(serialization.Encoding.PEM)).decode("ascii")


def _general_name(name: str) -> GeneralName:
    from cryptography import x509  # see `_made`

    try:
        return x509.IPAddress(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return x509.DNSName(name)
