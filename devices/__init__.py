"""Protocol codecs (bytes in, readings out, no input or output of their own) and the transports that carry them."""
