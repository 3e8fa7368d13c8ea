"""Takes the content out of S/MIME wrappers (RFC 8551) that are signed, not encrypted. The signature is not judged:
whoever signs a mail is asked for a seal all the same."""

from __future__ import annotations

from enum import Enum

from asn1crypto import cms, pem

_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNED = "signed_data"
_ENCRYPTED = frozenset(
    {"enveloped_data", "signed_and_enveloped_data", "encrypted_data", "authenticated_enveloped_data"}
)


class Sealed(Enum):
    """Why there is no content."""

    ENCRYPTED = "encrypted"
    UNREADABLE = "unreadable"


def may_be_wrapper(media: str, name: str) -> bool:
    """Whether a part is to be tried: by its type, or by the name where a gateway changed the type."""
    return media in _TYPES or name.lower().endswith(".p7m")


def content_of(data: bytes) -> bytes | Sealed:
    """What was signed: a whole MIME entity as a rule. Never raises."""
    try:
        if pem.detect(data):
            _, _, data = pem.unarmor(data)
        wrapper = cms.ContentInfo.load(data)
        kind = wrapper["content_type"].native
        if kind in _ENCRYPTED:
            return Sealed.ENCRYPTED
        if kind != _SIGNED:
            return Sealed.UNREADABLE
        content = wrapper["content"]["encap_content_info"]["content"].native
    except Exception:  # noqa: BLE001 - asn1crypto raises ValueError, TypeError, RecursionError and others on crafted bytes
        return Sealed.UNREADABLE
    return content if isinstance(content, bytes) else Sealed.UNREADABLE
