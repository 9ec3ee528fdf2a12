"""Do the tests notice? What decides is changed a little, one change at a time, and the tests have to fail."""
