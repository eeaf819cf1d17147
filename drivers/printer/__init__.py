"""The receipt printer: link, status reader, jobs, and the bytes of a receipt."""
