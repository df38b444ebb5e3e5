"""What `scripts/bench` measures, each beside a reference in the same run."""
