// 32 registers of 16 floats.
#define ISA avx512
#define LANES 16
#define ROWS 14
#define COLUMNS 2
#define ACCUMULATORS 24
#define BACK_COLUMNS 4
#include "instruction-set.h"
