"""The gate program: devices in, decisions, the barrier out. The core (`gate`, `lane`) is pure; everything around it is a shell."""
