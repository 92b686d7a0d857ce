// Backpropagation through time (Werbos 1990): step by step what flows back through the gates and dh = dz·Uᵀ, and after the
// loop the kernel's gradient as one product Hᵀ·dZ over all steps.

/// One step of one lane backwards; all [B, ·]. dh and dc hold what flows into the states after the step, and afterwards what
/// flows into those before it other than through the recurrent product.
struct StepBack {
  ptrdiff_t batch, hidden;
  const float *gates, *c, *previousC, *previousH, *products, *ofOutput;
  const uint8_t *valid;
  float *dh, *dc, *ofProjected, *ofProduct, *ofHidden; // ofHidden: what flows into h after the step, or null
};

template <Cell C>
static void backThroughCell(const StepBack &s) {
  constexpr int G = Shape<C>::gates;
  const ptrdiff_t H = s.hidden;
  for (ptrdiff_t row = 0; row < s.batch; row++) {
    const bool counts = !s.valid || s.valid[row];
    const float *gates = s.gates + row * G * H;
    float *ofProjected = s.ofProjected + row * G * H, *ofProduct = s.ofProduct + row * G * H;
    if (!counts) {
      __builtin_memset(ofProjected, 0, size_t(G * H) * sizeof(float));
      if (C == Cell::gru) __builtin_memset(ofProduct, 0, size_t(G * H) * sizeof(float));
      if (s.ofHidden) __builtin_memset(s.ofHidden + row * H, 0, size_t(H) * sizeof(float));
      continue;
    }
    for (ptrdiff_t unit = 0; unit < H; unit += LANES) {
      const ptrdiff_t count = H - unit, at = row * H + unit;
      const auto gate = [&](int g) { return load(gates + g * H + unit, count); };
      const auto give = [&](float *to, int g, Vector x) { store(to + g * H + unit, x, count); };
      const Vector dh = load(s.dh + at, count) + load(s.ofOutput + at, count);
      if (s.ofHidden) store(s.ofHidden + at, dh, count);
      if constexpr (C == Cell::lstm) {
        const Vector i = gate(0), f = gate(1), g = gate(2), o = gate(3);
        const Vector squashed = tangent(load(s.c + at, count));
        const Vector dc = load(s.dc + at, count) + dh * o * (1.0f - squashed * squashed);
        give(ofProjected, 0, dc * g * (i - i * i));
        give(ofProjected, 1, dc * load(s.previousC + at, count) * (f - f * f));
        give(ofProjected, 2, dc * i * (1.0f - g * g));
        give(ofProjected, 3, dh * squashed * (o - o * o));
        store(s.dc + at, dc * f, count);
        store(s.dh + at, Vector{}, count);
      } else if constexpr (C == Cell::gru) {
        const Vector r = gate(0), u = gate(1), n = gate(2), product = load(s.products + at, count);
        const Vector dn = dh * (1.0f - u) * (1.0f - n * n);
        const Vector dr = dn * product * (r - r * r);
        const Vector du = dh * (load(s.previousH + at, count) - n) * (u - u * u);
        give(ofProjected, 0, dr), give(ofProjected, 1, du), give(ofProjected, 2, dn);
        give(ofProduct, 0, dr), give(ofProduct, 1, du), give(ofProduct, 2, dn * r);
        store(s.dh + at, dh * u, count);
      } else {
        const Vector a = gate(0);
        // relu: the slope at 0 is 0; NaN, which is not 0, stays.
        if constexpr (C == Cell::rnnTanh) give(ofProjected, 0, dh * (1.0f - a * a));
        else give(ofProjected, 0, a == 0.0f ? Vector{} : dh);
        store(s.dh + at, Vector{}, count);
      }
    }
  }
}

/// `count` rows of the batch from `first` on, of one lane, from the last step to the first. `packed`: panels of Uᵀ.
template <Cell C>
static void backwardRows(const Recurrent &r, const RecurrentGradient &d, ptrdiff_t lane, const float *packed, float *ofProducts,
                         ptrdiff_t first, ptrdiff_t count) {
  constexpr int V = BACK_COLUMNS, R = ACCUMULATORS / V;
  const ptrdiff_t T = r.steps, H = r.hidden, G = Shape<C>::gates, state = r.batch * H, width = V * LANES;
  const ptrdiff_t panels = (H + width - 1) / width, panelSize = G * H * width, offset = first * H;
  float *noC = C == Cell::lstm ? nullptr : workspace(4, 1);
  float *dh = d.ofH0 + lane * state + offset, *dc = C == Cell::lstm ? d.ofC0 + lane * state + offset : noC;
  copy(dh, d.ofHT + lane * state + offset, count * H);
  if (C == Cell::lstm) copy(dc, d.ofCT + lane * state + offset, count * H);
  const ptrdiff_t firstRead = r.reverse ? T - 1 : 0, before = r.reverse ? state : -state;
  for (ptrdiff_t index = T - 1; index >= 0; index--) {
    const ptrdiff_t t = r.reverse ? T - 1 - index : index, at = lane * T + t, place = at * state + offset;
    const bool isFirst = t == firstRead;
    StepBack s{};
    s.batch = count;
    s.hidden = H;
    s.gates = r.gates + G * place;
    s.products = C == Cell::gru ? r.products + place : nullptr;
    s.previousH = isFirst ? r.h0 + lane * state + offset : r.hiddens + place + before;
    s.c = C == Cell::lstm ? r.cells + place : nullptr;
    s.previousC = C != Cell::lstm ? nullptr : isFirst ? r.c0 + lane * state + offset : r.cells + place + before;
    s.ofOutput = d.ofOutputs + place;
    s.valid = r.valid ? r.valid + at * r.batch + first : nullptr;
    s.dh = dh;
    s.dc = dc;
    s.ofProjected = d.ofProjected + G * place;
    s.ofHidden = d.ofHiddens ? d.ofHiddens + place : nullptr;
    s.ofProduct = C == Cell::gru ? ofProducts + G * (t * state + offset) : s.ofProjected;
    backThroughCell<C>(s);
    for (ptrdiff_t panel = 0; panel < panels; panel++)
      inParts(count, R, [&](ptrdiff_t row, ptrdiff_t rows) {
        tileOf<R, V, false>(rows, G * H, (const float *)s.ofProduct + row * G * H, G * H, packed + panel * panelSize,
                            dh + row * H + panel * width, H, H - panel * width, true);
      });
  }
}

template <Cell C>
static void backward(const Recurrent &r, const RecurrentGradient &d) {
  constexpr int V = BACK_COLUMNS;
  const ptrdiff_t T = r.steps, B = r.batch, H = r.hidden, G = Shape<C>::gates, state = B * H, width = V * LANES;
  const ptrdiff_t panels = (H + width - 1) / width, panelSize = G * H * width;
  float *packed = workspace(2, panels * panelSize);
  float *ofProducts = C == Cell::gru ? workspace(3, T * G * state) : nullptr;
  for (ptrdiff_t lane = 0; lane < r.lanes; lane++) {
    const float *kernel = r.kernel + lane * H * G * H;
    for (ptrdiff_t panel = 0; panel < panels; panel++)
      packPanel<V>(packed + panel * panelSize, G * H, H - panel * width, G * H,
                   [&](ptrdiff_t k) { return kernel + panel * width * G * H + k; });
    spread(B, 1, [&](ptrdiff_t first, ptrdiff_t count) { backwardRows<C>(r, d, lane, packed, ofProducts, first, count); });
    // The state before row (t, b): that of the step read before it.
    const float *ofProduct = C == Cell::gru ? ofProducts : d.ofProjected + lane * T * G * state;
    const float *h0 = r.h0 + lane * state, *hiddens = r.hiddens + lane * T * state;
    const ptrdiff_t begin = r.reverse ? (T - 1) * B : 0, before = r.reverse ? state : -state;
    product(H, G * H, T * B,
            [=](ptrdiff_t k) { return k >= begin && k < begin + B ? h0 + (k - begin) * H : hiddens + k * H + before; }, 1,
            [=](ptrdiff_t k) { return ofProduct + k * G * H; }, 1, d.ofKernel + lane * H * G * H, false);
    if (d.ofBias) sumRows(1, T * B, G * H, ofProduct, d.ofBias + lane * G * H);
  }
}

static void recurrentGradient(const Recurrent &r, const RecurrentGradient &d) {
  switch (r.cell) {
    case Cell::rnnTanh: return backward<Cell::rnnTanh>(r, d);
    case Cell::rnnRelu: return backward<Cell::rnnRelu>(r, d);
    case Cell::lstm: return backward<Cell::lstm>(r, d);
    case Cell::gru: return backward<Cell::gru>(r, d);
  }
}
