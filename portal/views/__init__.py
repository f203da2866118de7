"""The pages of the front door, a module a page; all of them only read, except to leave."""
