"""Shapes of the incident API, by what they are about."""
