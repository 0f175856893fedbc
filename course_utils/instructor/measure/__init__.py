"""What lessons say is measured: each run over several seeds, its values kept and compared."""
