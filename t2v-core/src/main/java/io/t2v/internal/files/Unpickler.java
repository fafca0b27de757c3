package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Bytes;
import com.google.common.primitives.Longs;
import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs the program that a pickle is, as far as a state dict needs it: {@link PickleOpcode} lists
 * the instructions, {@link PickleGlobals} the functions. Anything else ends the reading.
 *
 * <p>Values become {@code String}, {@code Long}, {@code BigInteger}, {@code Double}, {@code
 * Boolean}, {@code List}, {@code Map} in the order of the file, {@link PickledTuple} and {@link
 * PickledTensor}; {@code None} is null. Their number, and how deep they are nested, is limited, and
 * nothing here follows them recursively. Used by one thread.
 */
final class Unpickler {
  private static final int LOWEST_PROTOCOL = 2;
  private static final int HIGHEST_PROTOCOL = 5;
  private static final int MAX_LONG_BYTES = 16;

  /** A tensor takes about 25 values, the largest models have some thousand tensors. */
  private static final int MAX_VALUES = 500_000;

  /** Python writes a dict in batches of 1000 names and values. */
  private static final int MAX_STACK = 8192;

  private static final int MAX_DEPTH = 64;

  private final PickleInput in;
  private final List<@Nullable Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Integer, @Nullable Object> memo = new HashMap<>();
  private final Map<String, PickledStorage> storages = new LinkedHashMap<>();
  private int values;

  private Unpickler(PickleInput in) {
    this.in = in;
  }

  /**
   * What a pickle says.
   *
   * @param value of the whole pickle
   * @param storages that its tensors use, by key
   */
  record Result(@Nullable Object value, ImmutableMap<String, PickledStorage> storages) {}

  /**
   * Reads one pickle, and leaves the input behind it.
   *
   * @throws CheckpointException if it is damaged, or does what no state dict needs
   * @throws IOException if the file cannot be read
   */
  static Result read(PickleInput in) throws IOException {
    in.startPickle();
    Unpickler unpickler = new Unpickler(in);
    unpickler.run();
    return new Result(unpickler.pop(), ImmutableMap.copyOf(unpickler.storages));
  }

  private void run() throws IOException {
    while (true) {
      long position = in.position();
      int code = in.unsignedByte();
      PickleOpcode opcode = PickleOpcode.of(code);
      if (opcode == null) {
        throw in.refused("uses the pickle instruction 0x%02x at byte %s".formatted(code, position));
      }
      switch (opcode) {
        case STOP -> {
          return;
        }
        case PROTO -> protocol(in.unsignedByte());
        case FRAME -> in.longInteger();
        case MARK -> mark();
        case GLOBAL -> push(global(in.line(), in.line()));
        case STACK_GLOBAL -> stackGlobal();
        case REDUCE, NEWOBJ -> reduce();
        case BUILD -> build();
        case BINPERSID -> push(storage(pop()));
        case BINPUT -> remember(in.unsignedByte());
        case LONG_BINPUT -> remember(in.integer());
        case MEMOIZE -> remember(memo.size());
        case BINGET -> recall(in.unsignedByte());
        case LONG_BINGET -> recall(in.integer());
        case NONE -> push(null);
        case NEWTRUE -> push(true);
        case NEWFALSE -> push(false);
        case BININT -> push((long) in.integer());
        case BININT1 -> push((long) in.unsignedByte());
        case BININT2 -> push((long) in.unsignedShort());
        case LONG1 -> push(integer(in.unsignedByte()));
        case BINFLOAT -> push(in.floatingPoint());
        case BINUNICODE, BINSTRING -> push(in.text(in.unsignedInteger()));
        case SHORT_BINUNICODE, SHORT_BINSTRING -> push(in.text(in.unsignedByte()));
        case BINUNICODE8 -> push(in.text(in.longInteger()));
        case EMPTY_TUPLE -> push(tuple(List.of()));
        case TUPLE -> push(tuple(popToMark()));
        case TUPLE1 -> push(tuple(pop(1)));
        case TUPLE2 -> push(tuple(pop(2)));
        case TUPLE3 -> push(tuple(pop(3)));
        case EMPTY_LIST -> push(new ArrayList<@Nullable Object>());
        case APPEND -> append(pop(1));
        case APPENDS -> append(popToMark());
        case EMPTY_DICT -> push(new LinkedHashMap<Object, @Nullable Object>());
        case SETITEM -> setItems(pop(2));
        case SETITEMS -> setItems(popToMark());
      }
    }
  }

  private void protocol(int version) {
    if (version < LOWEST_PROTOCOL || version > HIGHEST_PROTOCOL) {
      throw in.damaged(
          "its pickle has the protocol "
              + version
              + ", expected "
              + LOWEST_PROTOCOL
              + " to "
              + HIGHEST_PROTOCOL);
    }
  }

  private void push(@Nullable Object value) {
    if (++values > MAX_VALUES || stack.size() == MAX_STACK) {
      throw in.refused("has a pickle of too many values, or too deeply nested ones");
    }
    stack.add(value);
  }

  private @Nullable Object pop() {
    if (stack.size() == floor()) {
      throw in.damaged("its pickle takes a value that is not there");
    }
    return stack.remove(stack.size() - 1);
  }

  /** Below the last mark nothing may be taken. */
  private int floor() {
    return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
  }

  private List<@Nullable Object> pop(int count) {
    if (stack.size() - floor() < count) {
      throw in.damaged("its pickle takes values that are not there");
    }
    return popFrom(stack.size() - count);
  }

  private List<@Nullable Object> popToMark() {
    if (marks.isEmpty()) {
      throw in.damaged("its pickle closes what it did not open");
    }
    return popFrom(marks.remove(marks.size() - 1));
  }

  private List<@Nullable Object> popFrom(int start) {
    List<@Nullable Object> tail = stack.subList(start, stack.size());
    List<@Nullable Object> popped = new ArrayList<>(tail);
    tail.clear();
    return popped;
  }

  private void mark() {
    if (marks.size() == MAX_DEPTH) {
      throw tooDeep();
    }
    marks.add(stack.size());
  }

  private PickledTuple tuple(List<@Nullable Object> items) {
    PickledTuple tuple = PickledTuple.of(items);
    if (tuple.depth() > MAX_DEPTH) {
      throw tooDeep();
    }
    return tuple;
  }

  private CheckpointException tooDeep() {
    return in.refused("has a pickle that is nested deeper than " + MAX_DEPTH + " levels");
  }

  private void remember(int index) {
    if (memo.size() == MAX_VALUES) {
      throw in.refused("has a pickle that remembers more than " + MAX_VALUES + " values");
    }
    Object value = pop();
    stack.add(value);
    memo.put(index, value);
  }

  private void recall(int index) {
    if (!memo.containsKey(index)) {
      throw in.damaged("its pickle refers to a value that was not remembered");
    }
    push(memo.get(index));
  }

  private Object integer(int bytes) throws IOException {
    if (bytes > MAX_LONG_BYTES) {
      throw in.damaged("its pickle has an integer of " + bytes + " bytes");
    }
    byte[] bigEndian = in.bytes(bytes);
    Bytes.reverse(bigEndian);
    BigInteger value = bytes == 0 ? BigInteger.ZERO : new BigInteger(bigEndian);
    return bytes > Longs.BYTES ? value : (Object) value.longValueExact();
  }

  private Object global(String module, String name) {
    Object global = PickleGlobals.named(module, name);
    if (global == null) {
      throw in.refused("refers to Python's " + printable(module + "." + name));
    }
    return global;
  }

  private static String printable(String name) {
    return name.codePoints()
        .limit(100)
        .map(c -> Character.isISOControl(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private void stackGlobal() {
    if (!(pop() instanceof String name) || !(pop() instanceof String module)) {
      throw in.damaged("its pickle refers to a Python name that is no string");
    }
    push(global(module, name));
  }

  private void reduce() {
    Object arguments = pop();
    Object function = pop();
    if (!(function instanceof PickleGlobals.Function known)
        || !(arguments instanceof PickledTuple tuple)) {
      throw in.damaged("its pickle calls what is no function");
    }
    Object result = known.call(tuple.items());
    if (result == null) {
      throw in.damaged("its pickle makes a value from arguments that do not fit");
    }
    push(result);
  }

  /** An ordered dict may carry attributes, of which a state dict's have no meaning here. */
  private void build() {
    Object state = pop();
    Object owner = pop();
    boolean filled =
        owner instanceof PickleGlobals.ParameterDict parameters
            ? parameters.fill(state)
            : owner instanceof Map<?, ?>;
    if (!filled) {
      throw in.refused("has a pickle that sets the state of an object");
    }
    push(owner);
  }

  @SuppressWarnings("unchecked") // lists on the stack come from EMPTY_LIST alone
  private void append(List<@Nullable Object> items) {
    if (stack.size() == floor() || !(stack.get(stack.size() - 1) instanceof List<?> list)) {
      throw in.damaged("its pickle appends to what is no list");
    }
    ((List<@Nullable Object>) list).addAll(items);
  }

  @SuppressWarnings("unchecked") // maps on the stack come from EMPTY_DICT and OrderedDict alone
  private void setItems(List<@Nullable Object> keysAndValues) {
    if (stack.size() == floor()
        || !(stack.get(stack.size() - 1) instanceof Map<?, ?> map)
        || keysAndValues.size() % 2 != 0) {
      throw in.damaged("its pickle puts values into what is no dict");
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = keysAndValues.get(i);
      if (!PickleGlobals.isKey(key)) {
        throw in.refused("has a dict whose keys are neither strings nor numbers");
      }
      ((Map<Object, @Nullable Object>) map).put(String.valueOf(key), keysAndValues.get(i + 1));
    }
  }

  /** ("storage", class, key, device, elements), in old files followed by a part of it or None. */
  private PickledStorage storage(@Nullable Object id) {
    if (!(id instanceof PickledTuple tuple)
        || tuple.items().size() < 5
        || !"storage".equals(tuple.items().get(0))
        || !(tuple.items().get(1) instanceof PickleGlobals.StorageType type)
        || !(tuple.items().get(2) instanceof String key)
        || !(tuple.items().get(4) instanceof Long elements)) {
      throw in.damaged("its pickle refers to something outside that is no storage");
    }
    if (elements < 0) {
      throw in.damaged("its storage " + printable(key) + " has " + elements + " numbers");
    }
    PickledStorage whole = new PickledStorage(key, type.type(), elements, 0, elements);
    PickledStorage known = storages.putIfAbsent(key, whole);
    if (known != null && !known.equals(whole)) {
      throw in.damaged("its storage " + printable(key) + " is there with two types or lengths");
    }
    return tuple.items().size() > 5 ? part(whole, tuple.items().get(5)) : whole;
  }

  private PickledStorage part(PickledStorage whole, @Nullable Object view) {
    if (view == null) {
      return whole;
    }
    if (view instanceof PickledTuple tuple
        && tuple.items().size() == 3
        && tuple.items().get(1) instanceof Long offset
        && tuple.items().get(2) instanceof Long elements
        && offset >= 0
        && elements >= 0
        && offset <= whole.elements() - elements) {
      return new PickledStorage(whole.key(), whole.type(), whole.elements(), offset, elements);
    }
    throw in.damaged("a part of its storage " + printable(whole.key()) + " lies outside of it");
  }
}
