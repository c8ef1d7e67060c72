"""The one place that imports OpenCV: its limits and its silence are set by environment variables that it reads on import.

Import this module only where pictures are worked on: it costs 0.2 s and needs the extra `plates`.
"""

import importlib
import os
from typing import Any

PIXELS_MAX = 40_000_000  # the largest picture that is decoded, from a camera or a file

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(PIXELS_MAX))
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # FFmpeg's "quiet": what goes wrong is counted and shown by us

cv2: Any = importlib.import_module("cv2")
cv2.setNumThreads(1)  # one thread a program: the cores belong to the gate
