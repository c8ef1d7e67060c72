"""The gate program: devices in, decisions, barrier out. The core (`gate`, `lane`) is pure; all around it is a shell."""
