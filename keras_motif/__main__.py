"""`python -m keras_motif` is the command line `keras-motif`."""

from keras_motif.cli import main

if __name__ == "__main__":
    main()
