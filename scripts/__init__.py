"""Programs around the product: what `scripts/bench` and `scripts/simulate` run, and what tests share with them."""
