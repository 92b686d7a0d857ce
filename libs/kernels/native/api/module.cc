// The addon: the kernels for JavaScript. libs/kernels/src/addon.ts declares what it exports.
#include <napi.h>

#include <atomic>
#include <new>

#include "../runtime/denormals.h"
#include "../runtime/instruction-sets.h"
#include "../runtime/memory.h"
#include "../runtime/threads.h"
#include "arguments.h"
#include "functions.h"

namespace unroll::api {
namespace {

template <void (*Kernels::*Function)(ptrdiff_t, const float *, float *)>
void elementwise(const CallbackInfo &info) {
  Arguments args(info);
  const ptrdiff_t count = args.size("count");
  (current().*Function)(count, args.floats("x", double(count)), args.floats("out", double(count)));
}

Napi::Value availableInstructionSets(const CallbackInfo &info) {
  const auto &found = instructionSets();
  Napi::Array names = Napi::Array::New(info.Env(), found.size());
  for (size_t i = 0; i < found.size(); i++) names.Set(uint32_t(i), found[i]->name);
  return names;
}

Napi::Value instructionSet(const CallbackInfo &info) { return Napi::String::New(info.Env(), chosen().name); }

Napi::Value precisions(const CallbackInfo &info) {
  Napi::Array names = Napi::Array::New(info.Env());
  names.Set(0u, "float32");
  if (inBfloat16(chosen())) names.Set(1u, "bfloat16");
  return names;
}

void usePrecisionOf(const CallbackInfo &info) {
  const std::string name = info.Length() == 1 && info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
  const bool known = name == "float32" || name == "bfloat16";
  if (!known || !usePrecision(name == "bfloat16" ? Precision::bfloat16 : Precision::float32))
    throw Napi::RangeError::New(info.Env(), "the instruction set " + std::string(chosen().name) + " has no products of \"" + name + "\"");
}

Napi::Value multiplyAdds(const CallbackInfo &info) {
  const double rounds = info.Length() == 1 && info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
  if (!(rounds >= 1 && rounds <= 1e9)) throw Napi::RangeError::New(info.Env(), "rounds must be in [1, 1e9]");
  float memory = 1.0f;
  return Napi::Number::New(info.Env(), current().multiplyAdds(ptrdiff_t(rounds), &memory));
}

void chooseInstructionSet(const CallbackInfo &info) {
  const std::string name = info.Length() == 1 && info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : "";
  if (!choose(name)) throw Napi::RangeError::New(info.Env(), "this processor has no instruction set \"" + name + "\"");
}

void useThreads(const CallbackInfo &info) {
  const double count = info.Length() == 1 && info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
  if (!(count >= 1 && count <= 256 && count == double(int64_t(count))))
    throw Napi::RangeError::New(info.Env(), "threads must be an integer from 1 to 256");
  setThreads(ptrdiff_t(count));
}

/// Undefined where Node does not take memory that is not its own.
Napi::Value memory(const CallbackInfo &info) {
  const Napi::Env env = info.Env();
  const double bytes = info.Length() == 1 && info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : 0;
  if (!(bytes >= 1 && bytes <= 9e15 && bytes == double(int64_t(bytes)))) throw Napi::RangeError::New(env, "bytes must be a positive integer");
  void *const room = allocateMemory(size_t(bytes));
  if (!room) throw Napi::RangeError::New(env, "out of memory");
  napi_value buffer;
  const auto release = [](napi_env, void *data, void *) { freeMemory(data); };
  if (napi_create_external_arraybuffer(env, room, size_t(bytes), release, nullptr, &buffer) == napi_ok) return {env, buffer};
  freeMemory(room);
  return env.Undefined();
}

/// Turns a kernel's std::bad_alloc into an Error. JavaScript's own numbers stay as they are: outside, denormal ones are not 0.
template <void (*Function)(const CallbackInfo &)>
void guarded(const CallbackInfo &info) {
  const FlushDenormals flush;
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

template <Napi::Value (*Function)(const CallbackInfo &)>
void provide(Napi::Object exports, const char *name) {
  exports.Set(name, Napi::Function::New<Function>(exports.Env(), name));
}

/// Environments, the main one and those of worker threads, that have the addon. Node may unload it after the last.
std::atomic<int> environments{0};

Napi::Object start(Napi::Env env, Napi::Object exports) {
  environments++;
  env.AddCleanupHook([] {
    if (--environments == 0) setThreads(1);
  });
  provide<availableInstructionSets>(exports, "instructionSets");
  provide<instructionSet>(exports, "instructionSet");
  provide<chooseInstructionSet>(exports, "choose");
  provide<precisions>(exports, "precisions");
  provide<usePrecisionOf>(exports, "usePrecision");
  provide<useThreads>(exports, "useThreads");
  provide<memory>(exports, "memory");
  provide<multiply>(exports, "multiply");
  provide<recurrent>(exports, "recurrent");
  provide<recurrentGradient>(exports, "recurrentGradient");
  provide<packedSize>(exports, "packedSize");
  provide<pack>(exports, "pack");
  provide<multiplyPacked>(exports, "multiplyPacked");
  provide<recurrentPacked>(exports, "recurrentPacked");
  provide<bindPacked>(exports, "bindPacked");
  provide<scan>(exports, "scan");
  provide<scanGradient>(exports, "scanGradient");
  provide<selectiveScan>(exports, "selectiveScan");
  provide<selectiveScanGradient>(exports, "selectiveScanGradient");
  provide<firstSilu>(exports, "firstSilu");
  provide<firstSiluGradient>(exports, "firstSiluGradient");
  provide<mlstm>(exports, "mlstm");
  provide<mlstmGradient>(exports, "mlstmGradient");
  provide<gatedLinearUnit>(exports, "gatedLinearUnit");
  provide<gatedLinearUnitGradient>(exports, "gatedLinearUnitGradient");
  provide<addRows>(exports, "addRows");
  provide<sumRows>(exports, "sumRows");
  provide<tanhGradient>(exports, "tanhGradient");
  provide<permute>(exports, "permute");
  provide<gather>(exports, "gather");
  provide<scatterAdd>(exports, "scatterAdd");
  provide<layerNorm>(exports, "layerNorm");
  provide<layerNormGradient>(exports, "layerNormGradient");
  provide<selfAttention>(exports, "selfAttention");
  provide<selfAttentionGradient>(exports, "selfAttentionGradient");
  provide<attention>(exports, "attention");
  provide<attentionGradient>(exports, "attentionGradient");
  provide<treeNodes>(exports, "treeNodes");
  provide<treeNodesGradient>(exports, "treeNodesGradient");
  provide<crossEntropy>(exports, "crossEntropy");
  provide<crossEntropyGradient>(exports, "crossEntropyGradient");
  provide<dropoutMask>(exports, "dropoutMask");
  provide<norms>(exports, "norms");
  provide<update>(exports, "update");
  provide<updateRules>(exports, "updateRules");
  provide<elementwise<&Kernels::exp>>(exports, "exp");
  provide<elementwise<&Kernels::tanh>>(exports, "tanh");
  provide<multiplyAdds>(exports, "multiplyAdds");
  return exports;
}

}  // namespace

// NODE_API_MODULE declares extern "C" functions, which name `start` as it is found here.
NODE_API_MODULE(unroll_kernels, start)

}  // namespace unroll::api
