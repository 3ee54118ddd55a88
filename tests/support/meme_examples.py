"""MEME files in parts, to be put together."""

AG = [[1.0, 0.0, 0.0, 0.0], [0.0, 0.25, 0.75, 0.0]]
AG_ROWS = "1 0 0 0\n0 0.25 0.75 0\n"
VERSION = "MEME version 4\n\n"
ONE = f"MOTIF one\nletter-probability matrix: alength= 4 w= 2\n{AG_ROWS}"

DNA_BLOCK = """ALPHABET "DNA" DNA-LIKE
A "Adenine" CC0000 ~ T "Thymine" 0000CC
C "Cytosine" 0000CC ~ G "Guanine" FFB300
N "Any base" = ACGT
X = ACGT
. = ACGT
V "Not T" = ACG
U = T
END ALPHABET
"""

# What the program `meme` itself prints, shortened: prose between banners.
WHOLE_OUTPUT = """\
********************************************************************************
MEME - Motif discovery tool
********************************************************************************
MEME version 5.4.1 (Release date: Sat Aug 21 19:23:23 2021 -0700)

For further information on how to interpret these results please access
http://meme-suite.org.
********************************************************************************

********************************************************************************
TRAINING SET
********************************************************************************
PRIMARY SEQUENCES= crp0.fna
ALPHABET= ACGT
Sequence name            Weight Length  Sequence name            Weight Length
-------------            ------ ------  -------------            ------ ------
ce1cg                    1.0000    105  ara                      1.0000    105
********************************************************************************
strands: + -
Letter frequencies in dataset:
A 0.304 C 0.196 G 0.196 T 0.304
Background letter frequencies (from file dataset with add-one prior applied):
A 0.304 C 0.196 G 0.196 T 0.304
Background model order: 0
********************************************************************************
MOTIF TGTGA MEME-1\twidth =   2  sites =  18  llr = 167  E-value = 1.2e-005
********************************************************************************
--------------------------------------------------------------------------------
\tMotif TGTGA MEME-1 Description
--------------------------------------------------------------------------------
Simplified        A  a:
pos.-specific     C  :3
         bits    2.3
                 2.1 *
--------------------------------------------------------------------------------
\tMotif TGTGA MEME-1 position-specific scoring matrix
--------------------------------------------------------------------------------
log-odds matrix: alength= 4 w= 2 n= 1872 bayes= 6.69 E= 1.2e-005
   170  -1081  -1081  -1081
 -1081     35    193  -1081
--------------------------------------------------------------------------------

--------------------------------------------------------------------------------
\tMotif TGTGA MEME-1 position-specific probability matrix
--------------------------------------------------------------------------------
letter-probability matrix: alength= 4 w= 2 nsites= 18 E= 1.2e-005
 1.000000  0.000000  0.000000  0.000000
 0.000000  0.250000  0.750000  0.000000
--------------------------------------------------------------------------------
\tMotif TGTGA MEME-1 regular expression
--------------------------------------------------------------------------------
A[GC]
--------------------------------------------------------------------------------

Time  0.41 secs.

********************************************************************************
Stopped because requested number of motifs (1) found.
"""
