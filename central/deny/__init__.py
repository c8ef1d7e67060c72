"""The urgent deny list: who may not pass any more, for a gate whose rules are behind."""
