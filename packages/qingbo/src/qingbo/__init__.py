"""Qingbo (轻博)."""
