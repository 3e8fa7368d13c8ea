"""The problem catalogue: every code with its severity and Chinese wording."""

CATALOGUE: dict[str, object] = {}
