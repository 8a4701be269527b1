"""One script per published number; each prints its figures and leaves them in bench/results."""
