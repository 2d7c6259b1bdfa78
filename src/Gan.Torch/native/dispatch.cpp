// Calls any ATen operator by name through the boxed dispatcher.
#include "gan.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <cstring>
#include <sstream>
#include <vector>

namespace {

enum Kind : int32_t {
  None = 0,
  Tensor = 1,
  Tensors = 2,
  Int = 3,
  Double = 4,
  Bool = 5,
  Ints = 6,
  String = 7,
  Device = 8,
};

// One argument or result: `bits` is the value itself, or the address of `count` elements.
struct Argument {
  int32_t kind;
  int32_t count;
  int64_t bits;
};

double as_double(int64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

c10::IValue to_ivalue(const Argument& argument) {
  switch (argument.kind) {
    case None:
      return c10::IValue();
    case Tensor:
      return gan::borrow(reinterpret_cast<gan_tensor>(argument.bits));
    case Tensors: {
      c10::List<at::Tensor> list;
      list.reserve(argument.count);
      auto handles = reinterpret_cast<gan_tensor*>(argument.bits);
      for (int i = 0; i < argument.count; i++) list.push_back(gan::borrow(handles[i]));
      return list;
    }
    case Int:
      return argument.bits;
    case Double:
      return as_double(argument.bits);
    case Bool:
      return argument.bits != 0;
    case Ints: {
      auto values = reinterpret_cast<const int64_t*>(argument.bits);
      return std::vector<int64_t>(values, values + argument.count);
    }
    case String:
      return std::string(reinterpret_cast<const char*>(argument.bits), argument.count);
    case Device:
      return c10::Device(static_cast<c10::DeviceType>(argument.bits), static_cast<c10::DeviceIndex>(argument.count));
  }
  throw std::runtime_error("argument kind " + std::to_string(argument.kind) + " is unknown");
}

}  // namespace

// Finds an operator, and writes its schema as the dispatcher prints it into `schema`.
GAN_API int gan_find(const char* name, const char* overload, c10::OperatorHandle** found, char* schema, int capacity) {
  GAN_GUARD({
    auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    std::ostringstream text;
    text << handle.schema();
    if (static_cast<int>(text.str().size()) >= capacity) throw std::runtime_error("the schema is longer than its buffer");
    std::strcpy(schema, text.str().c_str());
    *found = new c10::OperatorHandle(handle);
  })
}

// Calls an operator. Arguments are checked against its schema first and trailing defaults are filled in.
// Tensors in the results belong to the caller.
GAN_API int gan_call(
    const c10::OperatorHandle* op, const Argument* arguments, int count, gan_tensor* results, int capacity, int* produced) {
  GAN_GUARD({
    torch::jit::Stack stack;
    stack.reserve(op->schema().arguments().size() + 2);
    for (int i = 0; i < count; i++) stack.push_back(to_ivalue(arguments[i]));
    static const std::unordered_map<std::string, c10::IValue> no_names;
    op->schema().checkAndNormalizeInputs(stack, no_names);
    op->callBoxed(stack);
    std::vector<at::Tensor> tensors;
    for (auto& value : stack) {
      if (value.isTensor()) {
        tensors.push_back(std::move(value).toTensor());
      } else if (value.isTensorList()) {
        for (auto& element : value.toTensorVector()) tensors.push_back(std::move(element));
      } else {
        throw std::runtime_error("the operator returned a " + value.tagKind() + ", which no binding reads");
      }
    }
    if (static_cast<int>(tensors.size()) > capacity) throw std::runtime_error("the operator returned more tensors than its binding expects");
    for (size_t i = 0; i < tensors.size(); i++) results[i] = gan::hand_over(std::move(tensors[i]));
    *produced = static_cast<int>(tensors.size());
  })
}
