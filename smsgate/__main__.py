"""`python -m smsgate` is `smsgate`."""

from smsgate.cli import main

main()
