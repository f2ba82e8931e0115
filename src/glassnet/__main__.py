"""``python -m glassnet``: the command line."""

from glassnet.cli import main

if __name__ == "__main__":
    main()
