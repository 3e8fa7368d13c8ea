"""Which roles a page is for. Each route names one of these; `web.guard` asks, and nothing is served that names none."""

from __future__ import annotations

from domain.accounts import Role
from domain.masking import Viewer

Roles = frozenset[Role]

EVERYBODY: Roles = frozenset(Role)
"""Whoever is logged in."""
DECIDERS: Roles = frozenset({Role.STAFF, Role.ADMIN})
"""Who decides on submissions and sees to tasks."""
AUDITORS: Roles = frozenset({Role.AUDITOR, Role.ADMIN})
"""Who asks the ledger."""
ADMINS: Roles = frozenset({Role.ADMIN})
"""Who looks after accounts."""

NAMES = {Role.STAFF: "经办人员", Role.AUDITOR: "审计人员", Role.ADMIN: "管理员"}
VIEWERS = {Role.STAFF: Viewer.STAFF, Role.AUDITOR: Viewer.AUDITOR, Role.ADMIN: Viewer.STAFF}
"""As whom a role looks at phone numbers: who telephones counties sees them whole."""
