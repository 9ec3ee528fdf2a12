"""From rows of numbers to the JSON objects of the API: one function per kind of record."""
