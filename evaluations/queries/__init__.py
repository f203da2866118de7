"""Reads of polls and figures."""
