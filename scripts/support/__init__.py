"""What benches, the simulation and tests share: processes of their own, and a client that keeps the rule of the live channel."""
