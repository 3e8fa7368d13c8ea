"""What things are and what is right. Imports the standard library only: no I/O, no clock, no third party."""
