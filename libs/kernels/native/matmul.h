// Blocked matrix products: a tile of ROWS × COLUMNS·LANES of the result stays in registers while k runs.

/// acc += a·b over k. a: rows `stride` apart, or packed [k, R]; b: packed [k, V·LANES].
template <int R, int V, bool Packed>
INLINE void accumulate(Vector (&acc)[R][V], ptrdiff_t k, const float *a, ptrdiff_t stride, const float *b) {
  for (ptrdiff_t kk = 0; kk < k; kk++) {
    Vector right[V];
#pragma GCC unroll 16
    for (int v = 0; v < V; v++) right[v] = load(b + (kk * V + v) * LANES);
#pragma GCC unroll 16
    for (int i = 0; i < R; i++) {
      const Vector left = all(Packed ? a[kk * R + i] : a[i * stride + kk]);
#pragma GCC unroll 16
      for (int v = 0; v < V; v++) acc[i][v] += left * right[v];
    }
  }
}

/// A tile of c. `columns` of it are there; `more` adds to what c has.
template <int R, int V, bool Packed>
static void tile(ptrdiff_t k, const float *a, ptrdiff_t stride, const float *b, float *c, ptrdiff_t width, ptrdiff_t columns,
                 bool more) {
  Vector acc[R][V] = {};
  accumulate<R, V, Packed>(acc, k, a, stride, b);
#pragma GCC unroll 16
  for (int i = 0; i < R; i++) {
#pragma GCC unroll 16
    for (int v = 0; v < V; v++) {
      const ptrdiff_t count = columns - v * LANES;
      if (count <= 0) break;
      float *at = c + i * width + v * LANES;
      store(at, more ? load(at, count) + acc[i][v] : acc[i][v], count);
    }
  }
}

/// The tile with as many rows as `rows`, R at most.
template <int R, int V, bool Packed, typename... Rest>
INLINE void tileOf(ptrdiff_t rows, Rest... rest) {
  if constexpr (R > 1) {
    if (rows < R) return tileOf<R - 1, V, Packed>(rows, rest...);
  }
  tile<R, V, Packed>(rest...);
}

/// `total` in parts of `most` at most that are as even as can be: calls visit(start, size).
template <typename Visit>
INLINE void inParts(ptrdiff_t total, ptrdiff_t most, Visit visit) {
  const ptrdiff_t parts = (total + most - 1) / most, size = total / parts, larger = total % parts;
  for (ptrdiff_t part = 0, start = 0; part < parts; part++) {
    const ptrdiff_t length = size + (part < larger);
    visit(start, length);
    start += length;
  }
}

static const ptrdiff_t chunk = 256;             // of k: what a sum adds up before it is added to the others
static const ptrdiff_t rowBlock = ROWS * 36;    // rows of a that are packed at a time

/// Packs a panel of b, k × V·LANES, columns beyond `columns` as 0. `row(kk)` is where row kk begins, of which a step is `step`.
template <int V, typename Row>
INLINE void packPanel(float *to, ptrdiff_t k, ptrdiff_t columns, ptrdiff_t step, Row row) {
  const ptrdiff_t width = V * LANES;
  if (step == 1) {
    for (ptrdiff_t kk = 0; kk < k; kk++) {
      const float *from = row(kk);
      for (int v = 0; v < V; v++) {
        const ptrdiff_t count = columns - v * LANES;
        store(to + kk * width + v * LANES, count > 0 ? load(from + v * LANES, count) : Vector{});
      }
    }
    return;
  }
  for (ptrdiff_t kk = 0; kk < k; kk++) {
    const float *from = row(kk);
    for (ptrdiff_t j = 0; j < width; j++) to[kk * width + j] = j < columns ? from[j * step] : 0.0f;
  }
}

/// c [m, n] = Σ over k. rowOfA(kk) + i·stepA is a's element (i, kk); rowOfB(kk) + j·stepB is b's (kk, j).
template <typename RowOfA, typename RowOfB>
static void product(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, RowOfA rowOfA, ptrdiff_t stepA, RowOfB rowOfB, ptrdiff_t stepB,
                    float *c) {
  float *left = workspace(0, rowBlock * chunk), *panel = workspace(1, chunk * COLUMNS * LANES);
  for (ptrdiff_t k0 = 0; k0 < k; k0 += chunk) {
    const ptrdiff_t depth = k - k0 < chunk ? k - k0 : chunk;
    for (ptrdiff_t m0 = 0; m0 < m; m0 += rowBlock) {
      const ptrdiff_t height = m - m0 < rowBlock ? m - m0 : rowBlock;
      inParts(height, ROWS, [&](ptrdiff_t start, ptrdiff_t rows) {
        float *to = left + start * depth;
        if (stepA == 1) {
          for (ptrdiff_t kk = 0; kk < depth; kk++) {
            const float *from = rowOfA(k0 + kk) + m0 + start;
            for (ptrdiff_t i = 0; i < rows; i++) to[kk * rows + i] = from[i];
          }
        } else {
          for (ptrdiff_t i = 0; i < rows; i++)
            for (ptrdiff_t kk = 0; kk < depth; kk++) to[kk * rows + i] = rowOfA(k0 + kk)[(m0 + start + i) * stepA];
        }
      });
      for (ptrdiff_t j = 0; j < n; j += COLUMNS * LANES) {
        const ptrdiff_t columns = n - j;
        const bool narrow = columns <= LANES;
        const auto row = [&](ptrdiff_t kk) { return rowOfB(k0 + kk) + j * stepB; };
        if (narrow) packPanel<1>(panel, depth, columns, stepB, row);
        else packPanel<COLUMNS>(panel, depth, columns, stepB, row);
        inParts(height, ROWS, [&](ptrdiff_t start, ptrdiff_t rows) {
          const float *a = left + start * depth;
          float *to = c + (m0 + start) * n + j;
          if (narrow) tileOf<ROWS, 1, true>(rows, depth, a, ptrdiff_t(0), (const float *)panel, to, n, columns, k0 > 0);
          else tileOf<ROWS, COLUMNS, true>(rows, depth, a, ptrdiff_t(0), (const float *)panel, to, n, columns, k0 > 0);
        });
      }
    }
  }
}

static void multiply(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, bool transposeA, const float *b, bool transposeB,
                     float *c) {
  const ptrdiff_t acrossA = transposeA ? m : 1, acrossB = transposeB ? 1 : n;
  product(m, n, k, [=](ptrdiff_t kk) { return a + kk * acrossA; }, transposeA ? 1 : k,
          [=](ptrdiff_t kk) { return b + kk * acrossB; }, transposeB ? k : 1, c);
}
