"""The office pages: plain HTML, no script, in Chinese and English."""
