// The kernels for JavaScript. Every argument is checked here: types, lengths, indices; a TypeError or RangeError names it.
// Typed arrays are read and written where they lie, and none is kept after a call.
#include <napi.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "kernels.h"
#include "threads.h"

namespace unroll {

float *workspace(int slot, ptrdiff_t floats) {
  static thread_local struct {
    float *memory = nullptr;
    ptrdiff_t size = 0;
  } slots[6];
  auto &own = slots[slot];
  if (own.size < floats) {
    std::free(own.memory);
    own.size = 0;
    own.memory = static_cast<float *>(std::aligned_alloc(64, (size_t(floats) * sizeof(float) + 63) / 64 * 64));
    if (!own.memory) throw std::bad_alloc();
    own.size = floats;
  }
  return own.memory;
}

// Never destroyed: a process may end while it is used.
static Pool &pool = *new Pool();

void parallel(ptrdiff_t parts, void (*work)(const void *, ptrdiff_t), const void *context) { pool.run(parts, work, context); }
ptrdiff_t threads() { return pool.size(); }

}  // namespace unroll

namespace {

using namespace unroll;
using Napi::CallbackInfo;

std::vector<const Kernels *> supported() {
  std::vector<const Kernels *> found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma"))
    found.push_back(&avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(&avx2);
#elif defined(__aarch64__)
  found.push_back(&neon);
#endif
  found.push_back(&portable);
  return found;
}

const Kernels *current = supported().front();

/// One call's arguments, by their names.
class Arguments {
 public:
  explicit Arguments(const CallbackInfo &info) : env(info.Env()) {
    if (info.Length() != 1 || !info[0].IsObject()) throw Napi::TypeError::New(env, "expected one object of arguments");
    object = info[0].As<Napi::Object>();
  }

  /// A whole number from `least` to 2³¹ − 1.
  ptrdiff_t size(const char *name, ptrdiff_t least = 1) {
    const Napi::Value value = object.Get(name);
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
    if (!(number >= double(least) && number <= 2147483647.0 && number == double(int64_t(number))))
      throw Napi::RangeError::New(env, std::string(name) + " must be a whole number from " + std::to_string(least));
    return ptrdiff_t(number);
  }

  float number(const char *name) {
    const Napi::Value value = object.Get(name);
    if (!value.IsNumber()) throw Napi::TypeError::New(env, std::string(name) + " must be a number");
    return value.As<Napi::Number>().FloatValue();
  }

  bool flag(const char *name) { return object.Get(name).ToBoolean(); }
  bool has(const char *name) {
    const Napi::Value value = object.Get(name);
    return !value.IsUndefined() && !value.IsNull();
  }

  float *floats(const char *name, double length) { return static_cast<float *>(array(name, length, napi_float32_array)); }
  int32_t *integers(const char *name, double length) {
    return static_cast<int32_t *>(array(name, length, napi_int32_array));
  }
  uint8_t *bytes(const char *name, double length) { return static_cast<uint8_t *>(array(name, length, napi_uint8_array)); }
  float *floatsOrNull(const char *name, double length) { return has(name) ? floats(name, length) : nullptr; }
  uint8_t *bytesOrNull(const char *name, double length) { return has(name) ? bytes(name, length) : nullptr; }

  /// Integers that are all in [0, limit), but for those that `valid` (or null) leaves out.
  int32_t *indices(const char *name, double length, ptrdiff_t limit, const uint8_t *valid = nullptr) {
    int32_t *all = integers(name, length);
    for (ptrdiff_t i = 0; i < ptrdiff_t(length); i++)
      if ((!valid || valid[i]) && (all[i] < 0 || all[i] >= limit))
        throw Napi::RangeError::New(env, std::string(name) + " must lie in [0, " + std::to_string(limit) + "), not " +
                                             std::to_string(all[i]));
    return all;
  }

  Napi::Env env;

 private:
  void *array(const char *name, double length, napi_typedarray_type type) {
    const Napi::Value value = object.Get(name);
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type)
      throw Napi::TypeError::New(env, std::string(name) + " must be a " +
                                          (type == napi_float32_array ? "Float32Array"
                                           : type == napi_int32_array ? "Int32Array"
                                                                      : "Uint8Array"));
    const Napi::TypedArray typed = value.As<Napi::TypedArray>();
    if (double(typed.ElementLength()) != length)
      throw Napi::RangeError::New(env, std::string(name) + " must have " + std::to_string(int64_t(length)) +
                                           " values, not " + std::to_string(typed.ElementLength()));
    return static_cast<uint8_t *>(typed.ArrayBuffer().Data()) + typed.ByteOffset();
  }

  Napi::Object object;
};

void multiplyLanes(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t lanes = given.size("lanes"), m = given.size("m"), n = given.size("n"), k = given.size("k");
  const ptrdiff_t lanesA = given.size("lanesA"), lanesB = given.size("lanesB");
  if ((lanesA != 1 && lanesA != lanes) || (lanesB != 1 && lanesB != lanes))
    throw Napi::RangeError::New(given.env, "lanesA and lanesB must be 1 or lanes");
  const float *a = given.floats("a", double(lanesA) * m * k), *b = given.floats("b", double(lanesB) * k * n);
  const float *bias = given.floatsOrNull("bias", double(lanes) * n);
  float *c = given.floats("c", double(lanes) * m * n);
  const bool transposeA = given.flag("transposeA"), transposeB = given.flag("transposeB");
  for (ptrdiff_t lane = 0; lane < lanes; lane++)
    current->multiply(m, n, k, a + (lanesA > 1 ? lane * m * k : 0), transposeA, b + (lanesB > 1 ? lane * k * n : 0), transposeB,
                      bias ? bias + lane * n : nullptr, c + lane * m * n);
}

Recurrent recurrentOf(Arguments &given, bool training) {
  Recurrent r{};
  const ptrdiff_t cell = given.size("cell", 0);
  if (cell > 3) throw Napi::RangeError::New(given.env, "cell must be 0, 1, 2 or 3");
  r.cell = Cell(cell);
  r.lanes = given.size("lanes");
  r.steps = given.size("steps");
  r.batch = given.size("batch");
  r.hidden = given.size("hidden");
  r.reverse = given.flag("reverse");
  const double state = double(r.lanes) * r.batch * r.hidden, sequence = state * r.steps, gates = gatesOf(r.cell);
  const bool lstm = r.cell == Cell::lstm, gru = r.cell == Cell::gru;
  r.kernel = given.floats("kernel", double(r.lanes) * r.hidden * r.hidden * gates);
  r.bias = given.floatsOrNull("bias", double(r.lanes) * r.hidden * gates);
  if (r.bias && !gru) throw Napi::RangeError::New(given.env, "only a gru has a bias of its own");
  r.valid = given.bytesOrNull("valid", double(r.lanes) * r.steps * r.batch);
  r.h0 = given.floats("h0", state);
  r.c0 = lstm ? given.floats("c0", state) : nullptr;
  r.hiddens = given.floats("hiddens", sequence);
  r.gates = training ? given.floats("gates", sequence * gates) : nullptr;
  r.cells = lstm ? given.floats("cells", training ? sequence : state) : nullptr;
  r.products = gru && training ? given.floats("products", sequence) : nullptr;
  return r;
}

void recurrentForward(const CallbackInfo &info) {
  Arguments given(info);
  Recurrent r = recurrentOf(given, given.has("gates"));
  const double state = double(r.lanes) * r.batch * r.hidden, sequence = state * r.steps;
  r.projected = given.floats("projected", sequence * gatesOf(r.cell));
  r.outputs = given.floats("outputs", sequence);
  if (r.valid && r.outputs == r.hiddens)
    throw Napi::RangeError::New(given.env, "outputs and hiddens must differ where valid is given");
  r.hT = given.floats("hT", state);
  r.cT = r.cell == Cell::lstm ? given.floats("cT", state) : nullptr;
  current->recurrent(r);
}

void recurrentBackward(const CallbackInfo &info) {
  Arguments given(info);
  const Recurrent r = recurrentOf(given, true);
  const bool lstm = r.cell == Cell::lstm;
  const double state = double(r.lanes) * r.batch * r.hidden, sequence = state * r.steps, gates = gatesOf(r.cell);
  RecurrentGradient d{};
  d.ofOutputs = given.floats("ofOutputs", sequence);
  d.ofHT = given.floats("ofHT", state);
  d.ofCT = lstm ? given.floats("ofCT", state) : nullptr;
  d.ofProjected = given.floats("ofProjected", sequence * gates);
  d.ofKernel = given.floats("ofKernel", double(r.lanes) * r.hidden * r.hidden * gates);
  d.ofBias = given.floatsOrNull("ofBias", double(r.lanes) * r.hidden * gates);
  d.ofH0 = given.floats("ofH0", state);
  d.ofC0 = lstm ? given.floats("ofC0", state) : nullptr;
  d.ofHiddens = given.floatsOrNull("ofHiddens", sequence);
  current->recurrentGradient(r, d);
}

void addRows(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t outer = given.size("outer"), rows = given.size("rows"), inner = given.size("inner");
  const double all = double(outer) * rows * inner;
  current->addRows(outer, rows, inner, given.floats("x", all), given.floats("y", double(outer) * inner), given.floats("out", all));
}

void sumRows(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t outer = given.size("outer"), rows = given.size("rows"), inner = given.size("inner");
  current->sumRows(outer, rows, inner, given.floats("x", double(outer) * rows * inner),
                   given.floats("out", double(outer) * inner));
}

void gather(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t count = given.size("count"), rows = given.size("rows"), width = given.size("width");
  current->gather(count, width, given.floats("table", double(rows) * width), given.indices("ids", double(count), rows),
                  given.floats("out", double(count) * width));
}

void scatter(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t count = given.size("count"), rows = given.size("rows"), width = given.size("width");
  current->scatter(count, rows, width, given.indices("ids", double(count), rows),
                   given.floats("gradient", double(count) * width), given.floats("out", double(rows) * width));
}

void crossEntropy(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t rows = given.size("rows"), classes = given.size("classes");
  const double all = double(rows) * classes;
  const uint8_t *valid = given.bytesOrNull("valid", double(rows));
  current->crossEntropy(rows, classes, given.floats("logits", all), given.indices("right", double(rows), classes, valid), valid,
                        given.floats("probabilities", all), given.floats("losses", double(rows)));
}

void crossEntropyGradient(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t lanes = given.size("lanes"), rows = given.size("rows"), classes = given.size("classes");
  const double each = double(lanes) * rows;
  const uint8_t *valid = given.bytesOrNull("valid", each);
  const float *p = given.floats("probabilities", each * classes), *scales = given.floats("scales", double(lanes));
  const int32_t *right = given.indices("right", each, classes, valid);
  float *out = given.floats("out", each * classes);
  for (ptrdiff_t lane = 0; lane < lanes; lane++)
    current->crossEntropyGradient(rows, classes, p + lane * rows * classes, right + lane * rows,
                                  valid ? valid + lane * rows : nullptr, scales[lane], out + lane * rows * classes);
}

void norms(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t lanes = given.size("lanes"), length = given.size("length");
  const float *x = given.floats("x", double(lanes) * length);
  float *out = given.floats("out", double(lanes));
  for (ptrdiff_t lane = 0; lane < lanes; lane++) out[lane] = current->norm(length, x + lane * length);
}

void dropoutMask(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t lanes = given.size("lanes");
  const Mask m = {given.size("rows"), given.size("blocks"), given.size("width"), given.size("blocksOfRow"), given.size("units")};
  const ptrdiff_t each = m.rows * m.blocks * m.width;
  const int32_t *keys = given.integers("keys", double(lanes) * 4);
  const float *scales = given.floats("scales", double(lanes));
  float *out = given.floats("out", double(lanes) * double(m.rows) * double(m.blocks) * double(m.width));
  for (ptrdiff_t lane = 0; lane < lanes; lane++)
    current->dropoutMask(m, reinterpret_cast<const uint32_t *>(keys) + 4 * lane, scales[lane], out + lane * each);
}

void update(const CallbackInfo &info) {
  static const struct {
    const char *name;
    int slots, scalars;
  } rules[] = {{"adam", 2, 9}, {"adamw", 2, 9}, {"rmsprop", 2, 6}, {"sgd", 1, 5}, {"adagrad", 1, 3}};
  Arguments given(info);
  Update u{};
  const ptrdiff_t rule = given.size("rule", 0);
  if (rule > 4) throw Napi::RangeError::New(given.env, "rule must be 0, 1, 2, 3 or 4");
  u.rule = Rule(rule);
  u.lanes = given.size("lanes");
  u.length = given.size("length");
  const double all = double(u.lanes) * u.length, lanes = double(u.lanes);
  u.parameters = given.floats("parameters", all);
  u.gradient = given.floats("gradient", all);
  u.norms = given.floats("norms", lanes);
  u.limits = given.floats("limits", lanes);
  u.scalars = given.floats("scalars", lanes * rules[rule].scalars);
  u.nextParameters = given.floats("nextParameters", all);
  for (int slot = 0; slot < rules[rule].slots; slot++) {
    u.slots[slot] = given.floats(slot == 0 ? "slot0" : "slot1", all);
    u.nextSlots[slot] = given.floats(slot == 0 ? "nextSlot0" : "nextSlot1", all);
  }
  current->update(u);
}

template <void (*Kernels::*Function)(ptrdiff_t, const float *, float *)>
void elementwise(const CallbackInfo &info) {
  Arguments given(info);
  const ptrdiff_t count = given.size("count");
  (current->*Function)(count, given.floats("x", double(count)), given.floats("out", double(count)));
}

Napi::Value instructionSets(const CallbackInfo &info) {
  const auto found = supported();
  Napi::Array names = Napi::Array::New(info.Env(), found.size());
  for (size_t i = 0; i < found.size(); i++) names.Set(uint32_t(i), found[i]->name);
  return names;
}

Napi::Value instructionSet(const CallbackInfo &info) { return Napi::String::New(info.Env(), current->name); }

/// To measure a core's peak by.
Napi::Value multiplyAdds(const CallbackInfo &info) {
  const double rounds = info.Length() == 1 && info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
  if (!(rounds >= 1 && rounds <= 1e9)) throw Napi::RangeError::New(info.Env(), "rounds must lie in [1, 1e9]");
  float *memory = workspace(4, 1);
  memory[0] = 1.0f;
  return Napi::Number::New(info.Env(), current->multiplyAdds(ptrdiff_t(rounds), memory));
}

void choose(const CallbackInfo &info) {
  const std::string name = info.Length() == 1 && info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
  for (const Kernels *each : supported())
    if (name == each->name) {
      current = each;
      return;
    }
  throw Napi::RangeError::New(info.Env(), "this processor has no instruction set \"" + name + "\"");
}

void useThreads(const CallbackInfo &info) {
  const double count = info.Length() == 1 && info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
  if (!(count >= 1 && count <= 256 && count == double(int64_t(count))))
    throw Napi::RangeError::New(info.Env(), "threads must be a whole number from 1 to 256");
  if (ptrdiff_t(count) != threads()) pool.resize(ptrdiff_t(count));
}

/// What a kernel throws for want of memory becomes an Error.
template <void (*Function)(const CallbackInfo &)>
void guarded(const CallbackInfo &info) {
  try {
    Function(info);
  } catch (const std::bad_alloc &) {
    throw Napi::Error::New(info.Env(), "out of memory");
  }
}

template <void (*Function)(const CallbackInfo &)>
void provide(Napi::Object exports, const char *name) {
  exports.Set(name, Napi::Function::New<guarded<Function>>(exports.Env(), name));
}

Napi::Object start(Napi::Env env, Napi::Object exports) {
  exports.Set("instructionSets", Napi::Function::New<instructionSets>(env, "instructionSets"));
  exports.Set("instructionSet", Napi::Function::New<instructionSet>(env, "instructionSet"));
  exports.Set("multiplyAdds", Napi::Function::New<multiplyAdds>(env, "multiplyAdds"));
  provide<choose>(exports, "choose");
  provide<useThreads>(exports, "useThreads");
  provide<multiplyLanes>(exports, "multiply");
  provide<recurrentForward>(exports, "recurrent");
  provide<recurrentBackward>(exports, "recurrentGradient");
  provide<addRows>(exports, "addRows");
  provide<sumRows>(exports, "sumRows");
  provide<gather>(exports, "gather");
  provide<scatter>(exports, "scatter");
  provide<crossEntropy>(exports, "crossEntropy");
  provide<crossEntropyGradient>(exports, "crossEntropyGradient");
  provide<norms>(exports, "norms");
  provide<dropoutMask>(exports, "dropoutMask");
  provide<update>(exports, "update");
  provide<elementwise<&Kernels::exponential>>(exports, "exponential");
  provide<elementwise<&Kernels::tangent>>(exports, "tangent");
  return exports;
}

}  // namespace

NODE_API_MODULE(unroll_kernels, start)
