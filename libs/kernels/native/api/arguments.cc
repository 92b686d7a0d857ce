#include "arguments.h"

namespace unroll::api {

Arguments::Arguments(const Napi::CallbackInfo &info) : env(info.Env()) {
  if (info.Length() != 1 || !info[0].IsObject()) throw Napi::TypeError::New(env, "expected one object of arguments");
  object = info[0].As<Napi::Object>();
}

Arguments::Arguments(Napi::Env env, const Napi::Value &value, Napi::Array *used) : env(env), used(used) {
  if (!value.IsObject()) throw Napi::TypeError::New(env, "expected an object of arguments");
  object = value.As<Napi::Object>();
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
  napi_typedarray_type found;
  size_t count;
  void *data;  // at the array's own offset; one look at it, since small networks are called often
  if (!value.IsTypedArray() || napi_get_typedarray_info(env, value, &found, &count, &data, nullptr, nullptr) != napi_ok || found != type) {
    const char *expected = type == napi_float32_array ? "Float32Array" : type == napi_int32_array ? "Int32Array" : "Uint8Array";
    throw Napi::TypeError::New(env, std::string(name) + " must be a " + expected);
  }
  if (double(count) != length)
    fail(std::string(name) + " must have " + std::to_string(int64_t(length)) + " values, not " + std::to_string(count));
  if (used) used->Set(used->Length(), value);
  return data;
}

}  // namespace unroll::api
