"""Administrators' CSS, and colours made from an accent. Pure functions, without Flask and settings."""
