"""The crash and fault harness: `python -m bench.faults` (see `bench/faults/__main__.py`)."""
