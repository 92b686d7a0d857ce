// Blocked matrix products: a tile of ROWS × COLUMNS·LANES of the result stays in registers while k runs.

static inline void copy(float *to, const float *from, ptrdiff_t count) {
  __builtin_memcpy(to, from, size_t(count) * sizeof(float));
}

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
  if (more) {
#pragma GCC unroll 16
    for (int i = 0; i < R; i++)
#pragma GCC unroll 16
      for (int v = 0; v < V; v++) __builtin_prefetch(c + i * width + v * LANES, 1);
  }
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

#define ROWS_IN_VECTORS ((ROWS + LANES - 1) / LANES)

static const ptrdiff_t chunk = 512;           // of k: what a sum adds up before it is added to the others
static const ptrdiff_t crowding = 512;        // floats apart at which rows of a share their places in the first cache
static const ptrdiff_t rowBlock = ROWS * 24;  // rows of a that are packed at a time: 700 KB at most

/// Packs a panel of b, k × V·LANES, columns beyond `columns` as 0. `row(kk)` is where row kk begins, of which a step is `step`; where
/// that is not 1, rows begin one value apart.
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
  // Line by line: columns lie a power of two apart as a rule, and would push each other out of the cache.
  for (ptrdiff_t k0 = 0; k0 < k; k0 += 16) {
    const ptrdiff_t depth = k - k0 < 16 ? k - k0 : 16;
    const float *from = row(k0);
    for (ptrdiff_t j = 0; j < width; j++)
      for (ptrdiff_t kk = 0; kk < depth; kk++) to[(k0 + kk) * width + j] = j < columns ? from[j * step + kk] : 0.0f;
  }
}

/// Packs rows [start, start + rows) of a whose element (i, kk) lies at rowOfA(kk) + i, as [depth, rows]. `readable` of the values
/// from a row's first on may be read. A vector at a time: what is written beyond a row is written over by the next.
template <typename RowOfA>
INLINE void packColumns(float *to, ptrdiff_t depth, ptrdiff_t rows, ptrdiff_t readable, RowOfA rowOfA) {
  for (ptrdiff_t kk = 0; kk < depth; kk++, to += rows) {
    const float *from = rowOfA(kk);
    if (kk + 1 < depth && readable >= ROWS_IN_VECTORS * LANES && rows > (ROWS_IN_VECTORS - 1) * LANES) {
      for (int v = 0; v < ROWS_IN_VECTORS; v++) store(to + v * LANES, load(from + v * LANES));
    } else
      for (ptrdiff_t i = 0; i < rows; i++) to[i] = from[i];
  }
}

/// c [m, n], whose rows are strideC apart, = Σ over k, and what c has where `more`. rowOfA(kk) + i·stepA is a's element (i, kk), where stepA is 1 or rowOfA's
/// rows are one value apart; rowOfB(kk) + j·stepB is b's (kk, j).
template <typename RowOfA, typename RowOfB>
static void block(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, RowOfA rowOfA, ptrdiff_t stepA, RowOfB rowOfB, ptrdiff_t stepB,
                  float *c, ptrdiff_t strideC, bool more) {
  constexpr ptrdiff_t width = COLUMNS * LANES;
  const ptrdiff_t deepest = k < chunk ? k : chunk, panels = (n + width - 1) / width;
  float *left = workspace(0, rowBlock * (deepest + LANES)), *right = workspace(1, panels * width * deepest);
  for (ptrdiff_t k0 = 0; k0 < k; k0 += chunk) {
    const ptrdiff_t depth = k - k0 < chunk ? k - k0 : chunk;
    for (ptrdiff_t j = 0; j < n; j += width) {
      const ptrdiff_t columns = n - j;
      const auto row = [&](ptrdiff_t kk) { return rowOfB(k0 + kk) + j * stepB; };
      if (columns <= LANES) packPanel<1>(right + j * depth, depth, columns, stepB, row);
      else packPanel<COLUMNS>(right + j * depth, depth, columns, stepB, row);
    }
    const auto tiles = [&](auto packed, const float *a, ptrdiff_t stride, ptrdiff_t m0, ptrdiff_t height) {
      constexpr bool Packed = decltype(packed)::value;
      for (ptrdiff_t j = 0; j < n; j += width) {
        const ptrdiff_t columns = n - j;
        const bool narrow = columns <= LANES;
        const float *panel = right + j * depth;
        inParts(height, ROWS, [&](ptrdiff_t start, ptrdiff_t rows) {
          const float *first = a + start * (Packed ? depth : stride);
          float *to = c + (m0 + start) * strideC + j;
          if (narrow) tileOf<ROWS, 1, Packed>(rows, depth, first, stride, panel, to, strideC, columns, more || k0 > 0);
          else tileOf<ROWS, COLUMNS, Packed>(rows, depth, first, stride, panel, to, strideC, columns, more || k0 > 0);
        });
      }
    };
    inParts(m, rowBlock, [&](ptrdiff_t m0, ptrdiff_t height) {
      if (stepA == 1) {
        inParts(height, ROWS, [&](ptrdiff_t start, ptrdiff_t rows) {
          packColumns(left + start * depth, depth, rows, m - m0 - start, [&](ptrdiff_t kk) { return rowOfA(k0 + kk) + m0 + start; });
        });
        tiles(std::true_type(), left, 0, m0, height);
      } else if (stepA % crowding != 0) {
        tiles(std::false_type(), rowOfA(k0) + m0 * stepA, stepA, m0, height);
      } else {
        // Rows a power of two apart push each other out of the cache.
        const ptrdiff_t stride = depth + LANES;
        for (ptrdiff_t i = 0; i < height; i++) copy(left + i * stride, rowOfA(k0) + (m0 + i) * stepA, depth);
        tiles(std::false_type(), left, stride, m0, height);
      }
    });
  }
}

/// Calls work(start, size) for parts of `total`, each a multiple of `grain` but for the last, spread over the threads.
template <typename Work>
static void spread(ptrdiff_t total, ptrdiff_t grain, const Work &work) {
  const ptrdiff_t grains = (total + grain - 1) / grain, parts = grains < threads() ? grains : threads();
  if (parts <= 1) return work(ptrdiff_t(0), total);
  struct Context {
    ptrdiff_t total, grain, grains, parts;
    const Work &work;
  } const context{total, grain, grains, parts, work};
  parallel(parts, [](const void *given, ptrdiff_t part) {
    const Context &c = *static_cast<const Context *>(given);
    const ptrdiff_t from = c.grains * part / c.parts * c.grain, to = c.grains * (part + 1) / c.parts * c.grain;
    c.work(from, (to < c.total ? to : c.total) - from);
  }, &context);
}

/// The same as `block` on all threads, each of which has some of the rows or of the columns of c.
template <typename RowOfA, typename RowOfB>
static void product(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, RowOfA rowOfA, ptrdiff_t stepA, RowOfB rowOfB, ptrdiff_t stepB,
                    float *c, bool more) {
  constexpr ptrdiff_t width = COLUMNS * LANES;
  if (m >= n)
    spread(m, ROWS, [&](ptrdiff_t start, ptrdiff_t rows) {
      block(rows, n, k, [=](ptrdiff_t kk) { return rowOfA(kk) + start * stepA; }, stepA, rowOfB, stepB, c + start * n, n, more);
    });
  else
    spread(n, width, [&](ptrdiff_t start, ptrdiff_t columns) {
      block(m, columns, k, rowOfA, stepA, [=](ptrdiff_t kk) { return rowOfB(kk) + start * stepB; }, stepB, c + start, n, more);
    });
}

static void multiply(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k, const float *a, bool transposeA, const float *b, bool transposeB,
                     const float *bias, float *c) {
  if (bias)
    for (ptrdiff_t row = 0; row < m; row++) __builtin_memcpy(c + row * n, bias, size_t(n) * sizeof(float));
  const ptrdiff_t acrossA = transposeA ? m : 1, acrossB = transposeB ? 1 : n;
  product(m, n, k, [=](ptrdiff_t kk) { return a + kk * acrossA; }, transposeA ? 1 : k,
          [=](ptrdiff_t kk) { return b + kk * acrossB; }, transposeB ? k : 1, c, bias != nullptr);
}
