"""Files that could not be opened, and what that means for the parts that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from domain.catalogue import CATALOGUE, problem, variant_for
from domain.mail import WHOLE_MAIL, FaultCause, PartFault, PartKind
from domain.problems import Place, Problem, Severity

_OF_THE_MAIL = frozenset({"attachment.too_large", "attachment.unreadable", "attachment.bomb", "attachment.malware"})
"""What the mail as a whole can be, with words of its own."""


def check_attachments(
    faults: Iterable[PartFault], *, has_sheet: bool, has_cover: bool, document: bool = False
) -> Iterator[Problem]:
    """One problem a fault. A kind we do not read is an error only when it is all there is for a missing part, and a
    link only where it stands for one: quoted mails and signatures bring links of their own.

    `has_cover` is true also where the notice wants no cover. `document`: it wants nothing but that, and what is meant for
    a workbook elsewhere is meant for it here.
    """
    for fault in (_for_scan(each) for each in faults) if document else faults:
        place = Place(file=fault.name)
        missing = {PartKind.SHEET: not has_sheet, PartKind.COVER: not has_cover}
        if fault.code == "attachment.cloud_link" and has_sheet and has_cover:
            yield problem(fault.code, place, severity=Severity.WARNING, variant="beside")
        elif fault.code != "attachment.unsupported":
            yield problem(fault.code, place, variant=_variant(fault), limit=_megabytes(fault.limit or 0))
        elif fault.cause is FaultCause.FORMAT:  # both parts may be in an archive that is not read
            needed = not (has_sheet and has_cover)
            severity, variant = (Severity.ERROR, _variant(fault)) if needed else (Severity.WARNING, "beside")
            yield _unsupported(place, severity, variant, document=document)
        elif fault.candidate_for and missing.get(fault.candidate_for, False):
            yield _unsupported(place, Severity.ERROR, fault.candidate_for.value, document=document)
        else:
            yield _unsupported(place, None, "beside" if fault.candidate_for else "", document=document)


def _for_scan(fault: PartFault) -> PartFault:
    return replace(fault, candidate_for=PartKind.COVER) if fault.candidate_for is PartKind.SHEET else fault


def _unsupported(place: Place, severity: Severity | None, variant: str, *, document: bool) -> Problem:
    code = "attachment.unsupported"
    return problem(code, place, severity=severity, variant=variant_for(code, variant, document=document))


def unopened(faults: Iterable[PartFault], kind: PartKind) -> str:
    """Name of the first file that was not opened and may hold the part that is missing; "" when there is none."""
    for fault in faults:
        closed = fault.code != "attachment.unsupported" or fault.cause is FaultCause.FORMAT
        if closed and fault.cause is not FaultCause.EMPTY and fault.candidate_for in (None, kind):
            return fault.name
    return ""


def is_inside(found: Problem) -> bool:
    """Whether a missing part may be in a file that was not opened (`unopened`), which its advice tells."""
    entry = CATALOGUE.get(found.code)  # a rule of the notice's own stands in none
    inside = entry.variants.get("inside") if entry else None
    return inside is not None and found.advice == inside.advice


def _variant(fault: PartFault) -> str:
    if fault.name == WHOLE_MAIL:
        return fault.cause.value if fault.cause else "mail" if fault.code in _OF_THE_MAIL else ""
    if fault.code == "attachment.malware" and fault.candidate_for:
        return fault.candidate_for.value
    return fault.cause.value if fault.cause else "limit" if fault.limit else ""


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:.3g} MB"
