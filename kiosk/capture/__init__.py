"""From a camera's JPEG or a scanner's PNM to the page that is sealed: find, rectify, flatten, judge, encode.

The station imports ``types``, ``words`` and ``worker`` only. Everything else imports cv2 and runs in the child process
that ``worker`` supervises (``python -m kiosk.capture.child``).
"""
