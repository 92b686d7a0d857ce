#include "../runtime/instruction-sets.h"
#include "arguments.h"
#include "functions.h"

namespace unroll::api {

void crossEntropy(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t rows = args.size("rows"), classes = args.size("classes");
  const double all = double(rows) * classes;
  const uint8_t *valid = args.bytesOrNull("valid", double(rows));
  const float *logits = args.floats("logits", all);
  const int32_t *targets = args.indices("targets", double(rows), classes, valid);
  float *probabilities = args.floats("probabilities", all), *losses = args.floats("losses", double(rows));
  current().crossEntropy(rows, classes, logits, targets, valid, probabilities, losses);
}

void crossEntropyGradient(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t lanes = args.size("lanes"), rows = args.size("rows"), classes = args.size("classes");
  const double all = double(lanes) * rows;
  const uint8_t *valid = args.bytesOrNull("valid", all);
  const float *p = args.floats("probabilities", all * classes), *scales = args.floats("scales", double(lanes));
  const int32_t *targets = args.indices("targets", all, classes, valid);
  float *out = args.floats("out", all * classes);
  for (ptrdiff_t lane = 0; lane < lanes; lane++) {
    const ptrdiff_t row = lane * rows;
    current().crossEntropyGradient(rows, classes, p + row * classes, targets + row, valid ? valid + row : nullptr, scales[lane],
                                   out + row * classes);
  }
}

void norms(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t lanes = args.size("lanes"), length = args.size("length");
  const float *x = args.floats("x", double(lanes) * length);
  float *out = args.floats("out", double(lanes));
  for (ptrdiff_t lane = 0; lane < lanes; lane++) out[lane] = current().norm(length, x + lane * length);
}

void dropoutMask(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t lanes = args.size("lanes");
  const Mask m = {args.size("rows"), args.size("blocks"), args.size("width"), args.size("blocksOfRow"), args.size("units")};
  const int32_t *keys = args.integers("keys", double(lanes) * 4);
  const float *scales = args.floats("scales", double(lanes));
  float *out = args.floats("out", double(lanes) * double(m.rows) * double(m.blocks) * double(m.width));
  for (ptrdiff_t lane = 0; lane < lanes; lane++) {
    const uint32_t *key = reinterpret_cast<const uint32_t *>(keys) + 4 * lane;
    current().dropoutMask(m, key, scales[lane], out + lane * m.rows * m.blocks * m.width);
  }
}

void update(const CallbackInfo &info) {
  Arguments args(info);
  const std::string kind = args.text("rule");
  const UpdateRule *rule = current().updateRules, *end = rule + current().updateRuleCount;
  while (rule != end && kind != rule->kind) rule++;
  if (rule == end) args.fail("there is no update rule \"" + kind + "\"");
  Update u{};
  u.lanes = args.size("lanes");
  u.length = args.size("length");
  const double lanes = double(u.lanes), all = lanes * u.length;
  u.parameters = args.floats("parameters", all);
  u.gradient = args.floats("gradient", all);
  u.norms = args.floats("norms", lanes);
  u.limits = args.floats("limits", lanes);
  u.scalars = args.floats("scalars", lanes * rule->scalars);
  u.nextParameters = args.floats("nextParameters", all);
  static const char *const names[][2] = {{"slot0", "nextSlot0"}, {"slot1", "nextSlot1"}};
  for (int slot = 0; slot < rule->slots; slot++) {
    u.slots[slot] = args.floats(names[slot][0], all);
    u.nextSlots[slot] = args.floats(names[slot][1], all);
  }
  rule->update(u);
}

/// The rules with the names of their scalars, which JavaScript holds against its own.
Napi::Value updateRules(const CallbackInfo &info) {
  const Napi::Env env = info.Env();
  const Kernels &kernels = current();
  Napi::Array all = Napi::Array::New(env, size_t(kernels.updateRuleCount));
  for (int i = 0; i < kernels.updateRuleCount; i++) {
    const UpdateRule &rule = kernels.updateRules[i];
    Napi::Object described = Napi::Object::New(env);
    described.Set("kind", rule.kind);
    described.Set("slots", rule.slots);
    described.Set("scalars", rule.scalarNames);
    all.Set(uint32_t(i), described);
  }
  return all;
}

}  // namespace unroll::api
