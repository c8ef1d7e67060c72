"""The eyes program: follows the cameras, reads plates when something moves or the gate asks, keeps and hands out pictures."""
