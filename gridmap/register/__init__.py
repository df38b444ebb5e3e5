"""What the register of a cell holds: kinds of records, their fields, what a value may be, how a real thing is found again. Pure."""
