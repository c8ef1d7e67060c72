"""Benchmarks: each program prints its figures for people, or with --json one object with `rows` and `machine`."""
