"""Remote commands: what the office asks of a lane from afar, claimed by the gate within seconds or never."""
