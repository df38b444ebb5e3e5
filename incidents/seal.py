"""The seal of an office: its certificate signs a PDF (PAdES), and whoever has the roots can check it.

A picture of a seal proves nothing, because it can be copied; a signature covers every byte of the file. The folder of a seal
holds `office.key` and `office.pem` (the office's key and certificate) and `roots.pem` (whom to trust). `make_demo` fills one for a
demo: a certificate authority that exists for this alone and whose own key is thrown away.

Pure: no Django, no database. The libraries are large: only jobs, commands and the check import this.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from asn1crypto import pem, x509
from cryptography import x509 as issuing
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

KEY, CERTIFICATE, ROOTS = "office.key", "office.pem", "roots.pem"
FIELD = "Office"
DEMO_YEARS = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be said of a PDF: signed at all, unchanged since, by whom, and whether that one is trusted here."""

    signed: bool
    intact: bool = False
    trusted: bool = False
    signer: str = ""
    signed_at: datetime | None = None

    @property
    def valid(self) -> bool:
        return self.signed and self.intact and self.trusted


def exists(folder: Path) -> bool:
    """Whether an office can sign here."""
    return (folder / KEY).exists() and (folder / CERTIFICATE).exists()


def sign(pdf: bytes, folder: Path, *, reason: str) -> bytes:
    """The PDF with the signature of the office over all of it; FileNotFoundError without a key and a certificate."""
    if not exists(folder):
        raise FileNotFoundError(f"{folder} holds no {KEY} and {CERTIFICATE}")
    signer = signers.SimpleSigner.load(  # type: ignore[no-untyped-call]
        str(folder / KEY), str(folder / CERTIFICATE)
    )
    if signer is None:
        raise SigningError(f"the key or the certificate in {folder} cannot be read")
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", reason=reason, subfilter=SigSeedSubFilter.PADES
    )
    return bytes(signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), meta, signer).getvalue())


def check(pdf: bytes, folder: Path) -> Verdict:
    """What the signature of a PDF is worth, by the roots of this folder. Anything that is no signed PDF is not signed."""
    try:
        found = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    except (PdfReadError, ValueError, OSError, KeyError, TypeError, IndexError, RecursionError, MemoryError):
        return Verdict(signed=False)
    if not found:
        return Verdict(signed=False)
    try:
        status = validate_pdf_signature(found[-1], ValidationContext(trust_roots=_roots(folder), allow_fetching=False))
    except (SignatureValidationError, PdfReadError, ValueError, KeyError, TypeError, IndexError):
        return Verdict(signed=True)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    certificate = status.signing_cert
    return Verdict(
        signed=True, intact=bool(status.intact and status.valid and whole), trusted=bool(status.trusted),
        signer=str(certificate.subject.native.get("common_name", "")), signed_at=status.signer_reported_dt,
    )  # fmt: skip


def _roots(folder: Path) -> list[x509.Certificate]:
    path = folder / ROOTS
    if not path.exists():
        return []
    return [x509.Certificate.load(der) for _, _, der in pem.unarmor(path.read_bytes(), multiple=True)]


# --- the demo's own authority


def make_demo(folder: Path, office: str) -> None:
    """A certificate for an office of the demo, from an authority made for it; what is there stays."""
    if exists(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name("演示根证书 demo root, trust nothing by it"), _name(office)
    root = _certificate(root_name, root_name, root_key, root_key, authority=True)
    certificate = _certificate(root_name, name, root_key, key, authority=False)
    for file, data in ((ROOTS, _pem(root)), (CERTIFICATE, _pem(certificate)), (KEY, _private(key))):
        path = folder / file
        path.touch(mode=0o600)
        path.write_bytes(data)


def _name(common: str) -> issuing.Name:
    return issuing.Name([issuing.NameAttribute(issuing.NameOID.COMMON_NAME, common)])


def _certificate(
    issuer: issuing.Name, subject: issuing.Name, by: ec.EllipticCurvePrivateKey, of: ec.EllipticCurvePrivateKey, *, authority: bool
) -> issuing.Certificate:  # fmt: skip
    now = datetime.now(UTC)
    usage = issuing.KeyUsage(
        digital_signature=not authority, content_commitment=not authority, key_cert_sign=authority, crl_sign=authority,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = issuing.CertificateBuilder(issuer, subject, of.public_key(), issuing.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(minutes=5)).not_valid_after(
        now + timedelta(days=365 * DEMO_YEARS)
    )
    builder = builder.add_extension(issuing.BasicConstraints(ca=authority, path_length=None), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(issuing.SubjectKeyIdentifier.from_public_key(of.public_key()), critical=False)
    return builder.sign(by, hashes.SHA256())


def _pem(certificate: issuing.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
