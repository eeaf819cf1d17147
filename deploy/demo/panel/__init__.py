"""The bench's web page: papers, cards and codes to lay down, and everything that can go wrong, as buttons."""
