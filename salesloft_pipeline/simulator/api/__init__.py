"""The behaviour of the HTTP API as functions: keys, points, filters, pages, faults. No sockets here."""
