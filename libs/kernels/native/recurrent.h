// A recurrent layer over a whole sequence. The kernel U is packed once in panels of UNITS blocks of LANES units, the gates of
// a block side by side, so that one tile ends with all gates of its units and the cell's arithmetic follows in registers.

template <Cell C>
struct Shape {
  static constexpr bool isRnn = C == Cell::rnnTanh || C == Cell::rnnRelu;
  static constexpr int gates = C == Cell::lstm ? 4 : C == Cell::gru ? 3 : 1;
  static constexpr int blocks = isRnn ? 4 : 1;             // of LANES units in a panel
  static constexpr int vectors = gates * blocks;           // in a panel
  static constexpr int rows = ACCUMULATORS / vectors;      // in a tile
  static constexpr int units = blocks * LANES;             // in a panel
};

/// Where one step of one lane reads and writes; all for the first row, [B, ·].
struct Step {
  ptrdiff_t hidden;
  const float *projected, *bias, *h, *c;
  const uint8_t *valid;
  float *output, *nextH, *nextC, *gates, *products;
};

/// The cell's arithmetic for LANES units of one row, from the sums z of its gates. `count` of the units are there.
template <Cell C>
INLINE void activate(const Step &s, ptrdiff_t row, ptrdiff_t unit, ptrdiff_t count, const Vector *z) {
  constexpr int G = Shape<C>::gates;
  const ptrdiff_t H = s.hidden, at = row * H + unit;
  const bool counts = !s.valid || s.valid[row];
  float *gates = s.gates ? s.gates + row * G * H + unit : nullptr;
  const auto keep = [&](int gate, Vector x) {
    if (gates) store(gates + gate * H, x, count);
  };
  Vector next;
  if constexpr (C == Cell::lstm) {
    const Vector i = sigmoid(z[0]), f = sigmoid(z[1]), g = tangent(z[2]), o = sigmoid(z[3]);
    const Vector before = load(s.c + at, count);
    const Vector after = f * before + i * g;
    next = o * tangent(after);
    keep(0, i), keep(1, f), keep(2, g), keep(3, o);
    store(s.nextC + at, counts ? after : before, count);
  } else if constexpr (C == Cell::gru) {
    const float *projected = s.projected + row * G * H + unit;
    const Vector r = sigmoid(z[0]), u = sigmoid(z[1]), n = tangent(load(projected + 2 * H, count) + r * z[2]);
    next = n + u * (load(s.h + at, count) - n);
    keep(0, r), keep(1, u), keep(2, n);
    if (s.products) store(s.products + at, z[2], count);
  } else {
    // The comparison keeps NaN.
    if constexpr (C == Cell::rnnTanh) next = tangent(z[0]);
    else next = z[0] < 0.0f ? Vector{} : z[0];
    keep(0, next);
  }
  store(s.output + at, counts ? next : Vector{}, count);
  if (s.nextH != s.output) store(s.nextH + at, counts ? next : load(s.h + at, count), count);
}

template <Cell C, int R>
static void stepTile(const Step &s, ptrdiff_t row, ptrdiff_t unit, const float *panel) {
  using S = Shape<C>;
  const ptrdiff_t H = s.hidden;
  Vector acc[R][S::vectors];
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 16
    for (int v = 0; v < S::vectors; v++) {
      const int gate = v % S::gates;
      const ptrdiff_t first = unit + v / S::gates * LANES, count = H - first;
      acc[i][v] = Vector{};
      if (count <= 0) continue;
      if (!(C == Cell::gru && gate == 2)) acc[i][v] = load(s.projected + ((row + i) * S::gates + gate) * H + first, count);
      if (C == Cell::gru && s.bias) acc[i][v] += load(s.bias + gate * H + first, count);
    }
  accumulate<R, S::vectors, false>(acc, H, s.h + row * H, H, panel);
#pragma GCC unroll 16
  for (int i = 0; i < R; i++)
#pragma GCC unroll 16
    for (int b = 0; b < S::blocks; b++) {
      const ptrdiff_t first = unit + b * LANES;
      if (first < H) activate<C>(s, row + i, first, H - first, &acc[i][b * S::gates]);
    }
}

template <Cell C, int R>
INLINE void stepTileOf(ptrdiff_t rows, const Step &s, ptrdiff_t row, ptrdiff_t unit, const float *panel) {
  if constexpr (R > 1) {
    if (rows < R) return stepTileOf<C, R - 1>(rows, s, row, unit, panel);
  }
  stepTile<C, R>(s, row, unit, panel);
}

template <Cell C>
static void packKernel(float *to, const float *kernel, ptrdiff_t H) {
  using S = Shape<C>;
  for (ptrdiff_t unit = 0; unit < H; unit += S::units)
    for (ptrdiff_t k = 0; k < H; k++)
      for (int v = 0; v < S::vectors; v++, to += LANES) {
        const ptrdiff_t first = unit + v / S::gates * LANES, count = H - first;
        store(to, count > 0 ? load(kernel + k * S::gates * H + v % S::gates * H + first, count) : Vector{});
      }
}

/// `count` rows of the batch from `first` on, of one lane, over the whole sequence.
template <Cell C>
static void forwardRows(const Recurrent &r, ptrdiff_t lane, const float *packed, ptrdiff_t first, ptrdiff_t count) {
  using S = Shape<C>;
  const ptrdiff_t T = r.steps, H = r.hidden, G = S::gates, state = r.batch * H;
  const ptrdiff_t panels = (H + S::units - 1) / S::units, panelSize = H * S::vectors * LANES;
  const float *h = r.h0 + lane * state + first * H, *c = C == Cell::lstm ? r.c0 + lane * state + first * H : nullptr;
  for (ptrdiff_t index = 0; index < T; index++) {
    const ptrdiff_t t = r.reverse ? T - 1 - index : index, at = lane * T + t, place = at * state + first * H;
    Step s{};
    s.hidden = H;
    s.projected = r.projected + G * place;
    s.bias = r.bias ? r.bias + lane * G * H : nullptr;
    s.valid = r.valid ? r.valid + at * r.batch + first : nullptr;
    s.h = h;
    s.c = c;
    s.output = r.outputs + place;
    s.nextH = r.hiddens + place;
    s.nextC = C == Cell::lstm ? r.cells + (r.gates ? at : lane) * state + first * H : nullptr;
    s.gates = r.gates ? r.gates + G * place : nullptr;
    s.products = r.products ? r.products + place : nullptr;
    for (ptrdiff_t panel = 0; panel < panels; panel++)
      inParts(count, S::rows, [&](ptrdiff_t row, ptrdiff_t rows) {
        stepTileOf<C, S::rows>(rows, s, row, panel * S::units, packed + panel * panelSize);
      });
    h = s.nextH;
    c = s.nextC;
  }
  copy(r.hT + lane * state + first * H, h, count * H);
  if (C == Cell::lstm) copy(r.cT + lane * state + first * H, c, count * H);
}

template <Cell C>
static void forward(const Recurrent &r) {
  using S = Shape<C>;
  const ptrdiff_t H = r.hidden, panels = (H + S::units - 1) / S::units;
  float *packed = workspace(2, panels * H * S::vectors * LANES);
  for (ptrdiff_t lane = 0; lane < r.lanes; lane++) {
    packKernel<C>(packed, r.kernel + lane * H * S::gates * H, H);
    spread(r.batch, 1, [&](ptrdiff_t first, ptrdiff_t count) { forwardRows<C>(r, lane, packed, first, count); });
  }
}

static void recurrent(const Recurrent &r) {
  switch (r.cell) {
    case Cell::rnnTanh: return forward<Cell::rnnTanh>(r);
    case Cell::rnnRelu: return forward<Cell::rnnRelu>(r);
    case Cell::lstm: return forward<Cell::lstm>(r);
    case Cell::gru: return forward<Cell::gru>(r);
  }
}
