"""What Linux says of signals, masks and processes: pure, standard library only."""
