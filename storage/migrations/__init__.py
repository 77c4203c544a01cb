"""The schema, as numbered steps. Append only."""
