"""glassnet beside its peers and beside the machine's limits; `README.md` says how."""
