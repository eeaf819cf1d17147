"""The card reader: PC/SC, watched from a child process that survives restarts of pcscd."""
