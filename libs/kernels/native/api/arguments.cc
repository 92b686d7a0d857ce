#include "arguments.h"

namespace unroll::api {

Arguments::Arguments(const Napi::CallbackInfo &info) : env(info.Env()) {
  if (info.Length() != 1 || !info[0].IsObject()) throw Napi::TypeError::New(env, "expected one object of arguments");
  object = info[0].As<Napi::Object>();
}

ptrdiff_t Arguments::size(const char *name, ptrdiff_t least) {
  const Napi::Value value = object.Get(name);
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= double(least) && number <= 2147483647.0 && number == double(int64_t(number))))
    fail(std::string(name) + " must be an integer of at least " + std::to_string(least));
  return ptrdiff_t(number);
}

std::string Arguments::text(const char *name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) throw Napi::TypeError::New(env, std::string(name) + " must be a string");
  return value.As<Napi::String>().Utf8Value();
}

bool Arguments::has(const char *name) {
  const Napi::Value value = object.Get(name);
  return !value.IsUndefined() && !value.IsNull();
}

int32_t *Arguments::indices(const char *name, double length, ptrdiff_t limit, const uint8_t *valid, ptrdiff_t least) {
  int32_t *all = integers(name, length);
  for (ptrdiff_t i = 0; i < ptrdiff_t(length); i++)
    if ((!valid || valid[i]) && (all[i] < least || all[i] >= limit))
      fail(std::string(name) + " must be in [" + std::to_string(least) + ", " + std::to_string(limit) + "), not " + std::to_string(all[i]));
  return all;
}

void *Arguments::array(const char *name, double length, napi_typedarray_type type) {
  const Napi::Value value = object.Get(name);
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
    const char *expected = type == napi_float32_array ? "Float32Array" : type == napi_int32_array ? "Int32Array" : "Uint8Array";
    throw Napi::TypeError::New(env, std::string(name) + " must be a " + expected);
  }
  const Napi::TypedArray typed = value.As<Napi::TypedArray>();
  if (double(typed.ElementLength()) != length)
    fail(std::string(name) + " must have " + std::to_string(int64_t(length)) + " values, not " +
         std::to_string(typed.ElementLength()));
  return static_cast<uint8_t *>(typed.ArrayBuffer().Data()) + typed.ByteOffset();
}

}  // namespace unroll::api
