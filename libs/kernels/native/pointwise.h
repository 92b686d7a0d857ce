// What is not a product: rows moved and summed, softmax cross-entropy, norms and the optimizers' updates.

static void addRows(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, const float *y, float *out) {
  for (ptrdiff_t o = 0; o < outer; o++, y += inner)
    for (ptrdiff_t row = 0; row < rows; row++, x += inner, out += inner)
      for (ptrdiff_t i = 0; i < inner; i += LANES) store(out + i, load(x + i, inner - i) + load(y + i, inner - i), inner - i);
}

/// In chunks of rows, each summed by itself and then added, which keeps float32 exact enough.
static void sumRows(ptrdiff_t outer, ptrdiff_t rows, ptrdiff_t inner, const float *x, float *out) {
  float *partial = workspace(5, inner);
  const size_t bytes = size_t(inner) * sizeof(float);
  for (ptrdiff_t o = 0; o < outer; o++, out += inner) {
    __builtin_memset(out, 0, bytes);
    for (ptrdiff_t start = 0; start < rows; start += 64) {
      __builtin_memset(partial, 0, bytes);
      const ptrdiff_t end = start + 64 < rows ? start + 64 : rows;
      for (ptrdiff_t row = start; row < end; row++, x += inner)
        for (ptrdiff_t i = 0; i < inner; i++) partial[i] += x[i];
      for (ptrdiff_t i = 0; i < inner; i++) out[i] += partial[i];
    }
  }
}

static void gather(ptrdiff_t count, ptrdiff_t width, const float *table, const int32_t *ids, float *out) {
  for (ptrdiff_t i = 0; i < count; i++) __builtin_memcpy(out + i * width, table + ids[i] * width, size_t(width) * sizeof(float));
}

static void scatter(ptrdiff_t count, ptrdiff_t rows, ptrdiff_t width, const int32_t *ids, const float *gradient, float *out) {
  __builtin_memset(out, 0, size_t(rows * width) * sizeof(float));
  for (ptrdiff_t i = 0; i < count; i++) {
    float *to = out + ids[i] * width;
    const float *from = gradient + i * width;
    for (ptrdiff_t j = 0; j < width; j++) to[j] += from[j];
  }
}

static void crossEntropy(ptrdiff_t rows, ptrdiff_t classes, const float *logits, const int32_t *right, const uint8_t *valid,
                         float *probabilities, float *losses) {
  for (ptrdiff_t row = 0; row < rows; row++) {
    const float *x = logits + row * classes;
    float *p = probabilities + row * classes;
    float largest = x[0];
    for (ptrdiff_t j = 1; j < classes; j++) largest = x[j] > largest ? x[j] : largest;
    Vector sums{};
    for (ptrdiff_t j = 0; j < classes; j += LANES) {
      const ptrdiff_t count = classes - j;
      const Vector z = load(x + j, count) - largest;
      store(p + j, z < -87.3f ? Vector{} : boundedExponential(bounded(z, 87.3f)), count);
      sums += load(p + j, count);
    }
    const float total = sum(sums), scale = 1.0f / total;
    for (ptrdiff_t j = 0; j < classes; j++) p[j] *= scale;
    losses[row] = !valid || valid[row] ? largest - x[right[row]] + __builtin_logf(total) : 0.0f;
  }
}

static void crossEntropyGradient(ptrdiff_t rows, ptrdiff_t classes, const float *probabilities, const int32_t *right,
                                 const uint8_t *valid, float scale, float *out) {
  for (ptrdiff_t row = 0; row < rows; row++, probabilities += classes, out += classes) {
    if (valid && !valid[row]) {
      __builtin_memset(out, 0, size_t(classes) * sizeof(float));
      continue;
    }
    for (ptrdiff_t j = 0; j < classes; j++) out[j] = probabilities[j] * scale;
    out[right[row]] = (probabilities[right[row]] - 1.0f) * scale;
  }
}

static float norm(ptrdiff_t count, const float *x) {
  double total = 0;
  for (ptrdiff_t start = 0; start < count; start += 64 * LANES) {
    const ptrdiff_t end = start + 64 * LANES < count ? start + 64 * LANES : count;
    Vector sums{};
    for (ptrdiff_t i = start; i < end; i += LANES) {
      const Vector each = load(x + i, end - i);
      sums += each * each;
    }
    for (int lane = 0; lane < LANES; lane++) total += double(sums[lane]);
  }
  return float(__builtin_sqrt(total));
}

INLINE Vector root(Vector x) {
  for (int i = 0; i < LANES; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
}

/// The rules of libs/training/src/optim, whose files say where they come from; `s` are their scalars in their order.
template <Rule O>
static void updateLane(const Update &u, ptrdiff_t lane) {
  constexpr bool twoSlots = O != Rule::sgd && O != Rule::adagrad;
  float s[9];
  for (int i = 0; i < (O == Rule::adam || O == Rule::adamw ? 9 : O == Rule::rmsprop ? 6 : O == Rule::sgd ? 5 : 3); i++)
    s[i] = u.scalars[i * u.lanes + lane];
  // As torch.nn.utils.clip_grad_norm_; a norm that is NaN makes every value NaN.
  const float ratio = u.limits[lane] / (u.norms[lane] + 1e-6f), clip = ratio > 1.0f ? 1.0f : ratio;
  const ptrdiff_t offset = lane * u.length;
  for (ptrdiff_t i = 0; i < u.length; i += LANES) {
    const ptrdiff_t at = offset + i, count = u.length - i;
    const Vector w = load(u.parameters + at, count), given = load(u.gradient + at, count) * clip;
    const Vector first = load(u.slots[0] + at, count);
    Vector second{}, next, nextFirst, nextSecond{};
    if constexpr (twoSlots) second = load(u.slots[1] + at, count);
    if constexpr (O == Rule::adam || O == Rule::adamw) {
      const float beta1 = s[0], rest1 = s[1], beta2 = s[2], rest2 = s[3], stepSize = s[4], correction = s[5], epsilon = s[6],
                  coupled = s[7], keep = s[8];
      const Vector g = O == Rule::adam ? given + w * coupled : given, start = O == Rule::adam ? w : w * keep;
      nextFirst = first * beta1 + g * rest1;
      nextSecond = second * beta2 + g * g * rest2;
      next = start - nextFirst / (root(nextSecond) * correction + epsilon) * stepSize;
    } else if constexpr (O == Rule::rmsprop) {
      const float rate = s[0], alpha = s[1], rest = s[2], momentum = s[3], epsilon = s[4], decay = s[5];
      const Vector g = given + w * decay;
      nextFirst = first * alpha + g * g * rest;
      nextSecond = second * momentum + g / (root(nextFirst) + epsilon);
      next = w - nextSecond * rate;
    } else if constexpr (O == Rule::sgd) {
      const float rate = s[0], momentum = s[1], ofGradient = s[2], ofVelocity = s[3], decay = s[4];
      const Vector g = given + w * decay;
      nextFirst = first * momentum + g;
      next = w - (g * ofGradient + nextFirst * ofVelocity) * rate;
    } else {
      const float rate = s[0], epsilon = s[1], decay = s[2];
      const Vector g = given + w * decay;
      nextFirst = first + g * g;
      next = w - g / (root(nextFirst) + epsilon) * rate;
    }
    store(u.nextParameters + at, next, count);
    store(u.nextSlots[0] + at, nextFirst, count);
    if constexpr (twoSlots) store(u.nextSlots[1] + at, nextSecond, count);
  }
}

static void update(const Update &u) {
  for (ptrdiff_t lane = 0; lane < u.lanes; lane++) switch (u.rule) {
      case Rule::adam: updateLane<Rule::adam>(u, lane); break;
      case Rule::adamw: updateLane<Rule::adamw>(u, lane); break;
      case Rule::rmsprop: updateLane<Rule::rmsprop>(u, lane); break;
      case Rule::sgd: updateLane<Rule::sgd>(u, lane); break;
      case Rule::adagrad: updateLane<Rule::adagrad>(u, lane); break;
    }
}

static void exponentials(ptrdiff_t count, const float *x, float *out) {
  for (ptrdiff_t i = 0; i < count; i += LANES) store(out + i, exponential(load(x + i, count - i)), count - i);
}

static void tangents(ptrdiff_t count, const float *x, float *out) {
  for (ptrdiff_t i = 0; i < count; i += LANES) store(out + i, tangent(load(x + i, count - i)), count - i);
}

/// Twelve independent chains: enough to keep two units of a latency of four busy.
static double multiplyAdds(ptrdiff_t rounds, float *out) {
  Vector chains[12];
  for (int i = 0; i < 12; i++) chains[i] = all(out[0] + float(i));
  const Vector factor = all(out[0] * 0.5f), term = all(out[0]);
  for (ptrdiff_t round = 0; round < rounds; round++)
#pragma GCC unroll 12
    for (int i = 0; i < 12; i++) chains[i] = chains[i] * factor + term;
  float total = 0;
  for (int i = 0; i < 12; i++) total += sum(chains[i]);
  out[0] = total;
  return 2.0 * 12 * LANES * double(rounds);
}
