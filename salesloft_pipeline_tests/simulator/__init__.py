"""The simulator is checked first, against the API's own pages, before anything is checked against it."""
