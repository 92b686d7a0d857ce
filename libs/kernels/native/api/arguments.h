// The arguments of one call from JavaScript, checked by name: types, lengths, indices.
#pragma once
#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace unroll::api {

/// Every getter throws TypeError or RangeError, naming the argument. Typed arrays are used in place and not kept after the call.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo &info);
  /// Of one of several calls. `used`, if any, gets the typed arrays, for a caller that keeps them.
  Arguments(Napi::Env env, const Napi::Value &value, Napi::Array *used = nullptr);

  /// An integer from `least` to 2³¹ − 1.
  ptrdiff_t size(const char *name, ptrdiff_t least = 1);
  bool flag(const char *name) { return object.Get(name).ToBoolean(); }
  std::string text(const char *name);
  bool has(const char *name);

  // `length` is a double: it is a product of sizes that may exceed 2⁶³.
  float *floats(const char *name, double length) { return static_cast<float *>(array(name, length, napi_float32_array)); }
  int32_t *integers(const char *name, double length) { return static_cast<int32_t *>(array(name, length, napi_int32_array)); }
  uint8_t *bytes(const char *name, double length) { return static_cast<uint8_t *>(array(name, length, napi_uint8_array)); }
  float *floatsOrNull(const char *name, double length) { return has(name) ? floats(name, length) : nullptr; }
  uint8_t *bytesOrNull(const char *name, double length) { return has(name) ? bytes(name, length) : nullptr; }

  /// Integers in [least, limit), except where `valid` (or null) is 0.
  int32_t *indices(const char *name, double length, ptrdiff_t limit, const uint8_t *valid = nullptr, ptrdiff_t least = 0);

  [[noreturn]] void fail(const std::string &message) const { throw Napi::RangeError::New(env, message); }

 private:
  void *array(const char *name, double length, napi_typedarray_type type);

  Napi::Env env;
  Napi::Object object;
  Napi::Array *used = nullptr;
};

}  // namespace unroll::api
