"""Listening and handling for programs: the same services and queries as the pages."""
