"""The command line of this checkout, wherever it is installed."""

from salesloft_pipeline.cli import main

if __name__ == "__main__":
    main()
