"""How surely a mail came from whom it says: what the receiving server found (RFC 8601), and our own look at its DKIM
signature (RFC 6376)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"


class Result(StrEnum):
    """Results of RFC 8601, section 2.7."""

    PASS = "pass"  # noqa: S105  a result, no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    POLICY = "policy"
    NONE = "none"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    OTHER = "other"  # a word that no standard has


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One result of the receiver's. `domain` is the one it speaks of, "" if it does not say; `aligned`: that is From's own, by
    the domain somebody registered."""

    method: Method
    result: Result
    domain: str = ""
    aligned: bool = False


class OwnCheck(StrEnum):
    """What came of our own look at the DKIM signature of From's domain."""

    OFF = "off"  # not configured
    NONE = "none"  # the mail bears none of From's domain
    PASS = "pass"  # noqa: S105  a result, no password
    FAIL = "fail"  # there is one, and it does not hold
    NOT_CHECKED = "not_checked"  # no answer from DNS in time, or a kind of signature that is not read: nobody's fault


@dataclass(frozen=True, kw_only=True)
class Authentication:
    """`verdicts` are those of the trusted receiver `receiver` ("" where it said nothing that counts)."""

    receiver: str = ""
    verdicts: tuple[Verdict, ...] = ()
    sole_author: bool = True
    """From names one address. Else nobody can tell which of them was looked at, and nothing is proven."""
    own: OwnCheck = OwnCheck.OFF
    own_domain: str = ""
    """Whose signature held or did not."""

    @property
    def failed(self) -> bool:
        """DMARC failed by the receiver's word. SPF or DKIM alone are notes (spec section 5)."""
        return any(each.method is Method.DMARC and each.result is Result.FAIL for each in self.verdicts)

    @property
    def proven(self) -> bool:
        """From's domain surely sent it: DMARC passed, or a DKIM signature of that domain holds. SPF alone proves the
        envelope, not From."""
        if self.failed or not self.sole_author:
            return False
        passed = (each for each in self.verdicts if each.result is Result.PASS and each.aligned)
        return self.own is OwnCheck.PASS or any(each.method is not Method.SPF for each in passed)


NOTHING_KNOWN = Authentication()


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A DKIM signature as the mail bears it, not checked. `position`: which of its DKIM-Signature fields, from 0.

    `flaw`: why it could prove nothing even if it held, "" for none.
    """

    position: int
    domain: str
    selector: str
    flaw: str = ""
