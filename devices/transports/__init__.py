"""What carries bytes and messages between devices and codecs: thin, threaded, each with a limit on everything."""
