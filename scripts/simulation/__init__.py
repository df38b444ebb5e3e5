"""N tablets and their office at the real HTTP API and the live channel: for demonstrations, load and faults."""
