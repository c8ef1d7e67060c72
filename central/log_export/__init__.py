"""The log as a sheet: CSV and XLSX, streamed or made beside, never in memory as a whole."""
