"""Where the numbers stand that kernels read from `context` and `reals`."""

# --- context: whole numbers
ROWS = 0  # rows of the chunk
FIRST = 1  # its first row's place in the batch
BEGIN = 2  # the batch's first place in the epoch's order
SIZE = 3  # rows of the batch
STEP = 4  # number of this update, from 1
KEY = 5  # of dropout's coin tosses; NO_KEY: nothing is dropped
X, X_ROW, X_COLUMN = 6, 7, 8  # address of the data, and (if dense) its strides in numbers
Y, Y_ROW, Y_COLUMN = 9, 10, 11
WEIGHT = 12  # address of the sample weights (float64), or 0
ORDER = 13  # address of this epoch's permutation (int64), or 0
CHUNK = 14  # rows of a whole chunk
EPOCHS, STEPS, N = 15, 16, 17  # of the call; updates per epoch; rows of the data
BATCH = 18  # rows of a whole batch
STATUS = 19  # GOOD, BAD for a run that diverged, ENDED for one that was asked to stop
KERNELS, STARTS = 20, 21  # addresses of the tables of kernels, and of the phases' ends
RATES, LOSSES = 22, 23  # addresses of the learning rates, and of what is returned
PARAMETERS = 24  # how many
BUFFERS, N_BUFFERS = 25, 26  # of the training network: where in memory, and how many
STATISTICS = 27  # address of the running statistics that predictions read
GATHERED = 28  # 1 if every step sees the same rows: they are gathered once
STOP = 29  # address of a whole number that is not 0 once training is to end, or 0
DONE = 30  # epochs completed
ADDING = 31  # not 0 if the chunk adds to its lane's gradient; else it writes it
LANES, LANE_SIZE = 32, 33  # lanes of this batch; numbers of memory that each has
AT, AT_LAST = 34, 35  # addresses of the tables of operands: in use, and for the last batch
JOBS, STAGES = 36, 37  # addresses: where jobs begin; the stages' first jobs
STAGE_STARTS = 38  # address: where the stages of each phase begin
TEAM = 39  # address of the numbers that threads share, or 0 for one that works alone
OFFERING, SLEEPING = 40, 41  # addresses of the system's calls for a waiting thread
SOUND = 42  # 0 once a number of the gradient is not finite
MOST_LANES = 43  # of a whole batch
OUT, LOGITS = 44, 45  # addresses of what is predicted, row by row; or 0
ROW_STARTS, COLUMNS = 46, 47  # addresses: where rows of sparse data start (int64); columns
WIDE = 48  # whether the columns are int64, or int32
CONTEXT = 49  # how many

NO_KEY = -1
GOOD, BAD, ENDED = 0, 1, 2

# --- reals
TOTAL = 0  # weight of the batch, or its rows
RATE = 1  # learning rate of this update
LOSS = 2  # of the batch, so far
PENALTY = 3
PRODUCT = 4  # NAdam's product of momenta
REALS = 5  # how many

# --- what a team shares, each on a line of the cache of its own
NEXT, LIMIT, FINISHED = 0, 16, 32  # jobs claimed, published and done since the start
OFFSET, OF_LANES, OVER = 48, 49, 64
SHARED = 80  # how many

# --- phases of a program, in its table of instructions
BEFORE, GATHER, CHUNKS, AFTER, UPDATE, PHASES = 0, 1, 2, 3, 4, 5
WIDTH = 12  # whole numbers per instruction
NUMBERS = 10  # real ones
