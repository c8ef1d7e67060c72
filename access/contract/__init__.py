"""What crosses between a gate and the registry, versioned. The only place of `access` where untrusted text is checked."""

CONTRACT_VERSION = 1
API_PREFIX = "/api/edge/v1"
