"""What `make bench` measures: on this machine, on loopback, beside real stores, with ratios taken in one run."""
