package io.t2v.internal.torch;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;

/**
 * An operator that libtorch registers but the Java API does not map, called through libtorch's
 * dispatcher.
 *
 * <p>Find it once and keep it: the search by name is slow, the call is not. Thread-safe.
 */
final class Operator {
  private final OperatorHandle handle;

  private Operator(OperatorHandle handle) {
    this.handle = handle;
  }

  /**
   * Finds an operator. Its handle is never freed.
   *
   * @throws RuntimeException if this libtorch has no such operator
   */
  static Operator find(String name, String overload) {
    OperatorHandle handle = Dispatcher.singleton().findSchemaOrThrow(name, overload);
    handle.retainReference();
    return new Operator(handle);
  }

  /** Makes an empty list of the type of the argument with this index. */
  IValue emptyList(long argument) {
    return new IValue(typedList(argument));
  }

  /**
   * Makes a list of integers.
   *
   * @param listArgument index of an argument of type {@code int[]}, not {@code int[]?}: libtorch
   *     needs the schema's own element type
   */
  IValue integers(long listArgument, long... values) {
    GenericList list = typedList(listArgument);
    for (long value : values) {
      list.push_back(new IValue(value));
    }
    return new IValue(list);
  }

  private GenericList typedList(long argument) {
    return new GenericList(
        handle.schema().arguments().getPointer(argument).type().get().containedType(0));
  }

  /** Calls the operator; the result belongs to the innermost open scope. */
  Tensor call(IValue... arguments) {
    IValueVector stack = new IValueVector(arguments);
    handle.callBoxed(stack);
    return new Tensor(stack.get(0).toTensor());
  }
}
