"""What was done to the user's stores and how to undo it; what is still to be done there."""
