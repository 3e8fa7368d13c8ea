"""Old place of `SealFinding`, for `domain.seals`; it lives in `domain.seal_finding`."""

from domain.seal_finding import SealFinding

__all__ = ["SealFinding"]
