"""The live channel. `ear` hears the bell and reads the log, `hub` sends frames, `consumer` is the socket of one client."""
