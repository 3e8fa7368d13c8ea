"""Servers the tests talk to: real ones (Dovecot) and small fakes, one class per way of behaving."""
