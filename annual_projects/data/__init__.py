"""Topics of the demand board that the city begins with."""
