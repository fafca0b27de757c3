package io.t2v.internal.files;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Python names a state dict may refer to, and what stands for them here. There are no others:
 * a pickle is a program, and these are all the functions that it can call.
 */
final class PickleGlobals {
  /** A function or constructor. */
  @FunctionalInterface
  interface Function {
    /**
     * Computes a value.
     *
     * @return null if the arguments are not the function's
     */
    @Nullable Object call(List<? extends @Nullable Object> arguments);
  }

  /** The class of a storage. */
  record StorageType(ElementType type) {}

  /**
   * A network's parameters by name, as the web UI saved learned words. A dict, once it is filled.
   */
  static final class ParameterDict extends LinkedHashMap<Object, @Nullable Object> {
    private static final long serialVersionUID = 1L;
    private static final String PARAMETERS = "_parameters";

    /** A learned word has one. Without a limit, copies of one large dict would fill the heap. */
    private static final int MOST = 64;

    /**
     * Takes the parameters of an object's state; hooks and buffers are of no use here.
     *
     * @return false if there are too many
     */
    boolean fill(@Nullable Object state) {
      if (state instanceof Map<?, ?> attributes
          && attributes.get(PARAMETERS) instanceof Map<?, ?> parameters) {
        if (parameters.size() > MOST) {
          return false;
        }
        putAll(parameters);
      }
      return true;
    }
  }

  /** A value that is of no use here, such as a tensor's dtype among training options. */
  record Inert(String name) {}

  private static final ImmutableMap<String, Object> ALLOWED =
      ImmutableMap.<String, Object>builder()
          .put("collections.OrderedDict", (Function) PickleGlobals::dict)
          .put(
              "torch.nn.modules.container.ParameterDict",
              (Function) arguments -> arguments.isEmpty() ? new ParameterDict() : null)
          .put("__builtin__.set", (Function) arguments -> new Inert("set"))
          .put("builtins.set", (Function) arguments -> new Inert("set"))
          .put("torch.Size", (Function) PickleGlobals::size)
          .put("torch.device", (Function) arguments -> new Inert("torch.device"))
          .put("torch._utils._rebuild_tensor", (Function) PickleGlobals::tensor)
          .put("torch._utils._rebuild_tensor_v2", (Function) PickleGlobals::tensor)
          .put("torch._utils._rebuild_parameter", (Function) PickleGlobals::parameter)
          .put("torch.FloatStorage", new StorageType(ElementType.F32))
          .put("torch.DoubleStorage", new StorageType(ElementType.F64))
          .put("torch.HalfStorage", new StorageType(ElementType.F16))
          .put("torch.BFloat16Storage", new StorageType(ElementType.BF16))
          .put("torch.LongStorage", new StorageType(ElementType.I64))
          .put("torch.IntStorage", new StorageType(ElementType.I32))
          .put("torch.ShortStorage", new StorageType(ElementType.I16))
          .put("torch.CharStorage", new StorageType(ElementType.I8))
          .put("torch.ByteStorage", new StorageType(ElementType.U8))
          .put("torch.BoolStorage", new StorageType(ElementType.BOOL))
          .put("torch.float32", new Inert("torch.float32"))
          .put("torch.float16", new Inert("torch.float16"))
          .put("torch.bfloat16", new Inert("torch.bfloat16"))
          .buildOrThrow();

  private PickleGlobals() {}

  /** What stands for a name, or null if it is not allowed. */
  static @Nullable Object named(String module, String name) {
    return ALLOWED.get(module + "." + name);
  }

  /** An empty dict, or one of pairs, as Python 2 wrote it. */
  private static @Nullable Object dict(List<? extends @Nullable Object> arguments) {
    Map<Object, @Nullable Object> dict = new LinkedHashMap<>();
    if (arguments.isEmpty()) {
      return dict;
    }
    if (arguments.size() > 1 || !(arguments.get(0) instanceof List<?> pairs)) {
      return null;
    }
    for (Object pair : pairs) {
      List<? extends @Nullable Object> items = items(pair);
      if (items == null || items.size() != 2 || !isKey(items.get(0))) {
        return null;
      }
      dict.put(String.valueOf(items.get(0)), items.get(1));
    }
    return dict;
  }

  /** Keys of other kinds would be compared and hashed, to any depth. */
  static boolean isKey(@Nullable Object key) {
    return key instanceof String || key instanceof Long;
  }

  private static @Nullable List<? extends @Nullable Object> items(@Nullable Object sequence) {
    if (sequence instanceof PickledTuple tuple) {
      return tuple.items();
    }
    return sequence instanceof List<?> list ? list : null;
  }

  private static @Nullable Object size(List<? extends @Nullable Object> arguments) {
    return arguments.size() == 1 && arguments.get(0) instanceof PickledTuple dimensions
        ? dimensions
        : null;
  }

  private static @Nullable Object tensor(List<? extends @Nullable Object> arguments) {
    if (arguments.size() >= 4
        && arguments.get(0) instanceof PickledStorage storage
        && arguments.get(1) instanceof Long offset) {
      ImmutableList<Long> shape = longs(arguments.get(2));
      ImmutableList<Long> strides = longs(arguments.get(3));
      if (shape != null && strides != null) {
        return new PickledTensor(storage, offset, shape, strides);
      }
    }
    return null;
  }

  private static @Nullable ImmutableList<Long> longs(@Nullable Object tuple) {
    if (!(tuple instanceof PickledTuple numbers)) {
      return null;
    }
    List<Long> longs = new ArrayList<>();
    for (Object number : numbers.items()) {
      if (!(number instanceof Long integer)) {
        return null;
      }
      longs.add(integer);
    }
    return ImmutableList.copyOf(longs);
  }

  private static @Nullable Object parameter(List<? extends @Nullable Object> arguments) {
    return !arguments.isEmpty() && arguments.get(0) instanceof PickledTensor tensor ? tensor : null;
  }
}
