"""`python -m gateway` is `ler-gateway`."""

from gateway.cli import main

if __name__ == "__main__":
    main()
