"""A clerk's mailbag: mails as the programs of Chinese offices write them, whole on the wire, each with its outcome."""
