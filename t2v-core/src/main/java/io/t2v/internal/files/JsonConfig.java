package io.t2v.internal.files;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.io.Json;
import io.t2v.internal.io.JsonException;
import io.t2v.internal.io.Printable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of options, read field by field with their types checked.
 *
 * <p>It remembers which fields were asked for, so that {@link #requireAllRead} can name those that
 * nobody understands. Used by one thread.
 */
public final class JsonConfig {
  private static final System.Logger LOGGER = System.getLogger(JsonConfig.class.getName());

  /** The largest are indexes of shards, with a line for each tensor. */
  private static final int MAX_BYTES = 16 << 20;

  /** Far above any model, and so small that nothing overflows or exhausts the heap. */
  private static final int MAX_NUMBER = 1 << 16;

  private static final int MAX_LIST = 16;

  /** How many unknown options a message names. */
  private static final int MAX_LISTED = 20;

  private static final ImmutableMap<String, Integer> MAX_NUMBER_OF =
      ImmutableMap.of(
          "layers_per_block", 64,
          "unet_res_blocks", 64,
          "num_hidden_layers", 512,
          "vocab_size", 1 << 24);

  private final String origin;
  private final Map<String, @Nullable Object> fields;
  private final boolean strict;
  private final Set<String> read = new HashSet<>();

  private JsonConfig(String origin, Map<String, @Nullable Object> fields, boolean strict) {
    this.origin = origin;
    this.fields = fields;
    this.strict = strict;
  }

  /**
   * Takes options that were not read from a file.
   *
   * @param origin for messages, instead of a path
   * @param fields the options
   * @return the configuration
   */
  public static JsonConfig of(String origin, Map<String, ? extends @Nullable Object> fields) {
    return new JsonConfig(origin, Collections.unmodifiableMap(new LinkedHashMap<>(fields)), false);
  }

  /**
   * Reads a file.
   *
   * @param file UTF-8 text with one JSON object
   * @return the configuration
   * @throws CheckpointException if the file is missing or holds no JSON object
   */
  public static JsonConfig read(Path file) {
    try {
      return of(file.toString(), Json.readObject(file, MAX_BYTES));
    } catch (NoSuchFileException e) {
      throw new CheckpointException(
          "There is no file " + file + ". Expected a checkpoint in diffusers layout.", e);
    } catch (JsonException | FileSystemException e) {
      throw new CheckpointException(e.getMessage() + ".", e);
    } catch (IOException e) {
      throw new CheckpointException("Could not read " + file + ": " + e + ".", e);
    }
  }

  /**
   * Returns the same options, of which nobody has read one yet.
   *
   * @param refusesUnknown whether {@link #requireAllRead} refuses every option that nobody reads,
   *     neutral ones as well
   */
  JsonConfig unread(boolean refusesUnknown) {
    return new JsonConfig(origin, fields, refusesUnknown);
  }

  /**
   * Returns where the options come from.
   *
   * @return a path, or another word for messages
   */
  public String origin() {
    return origin;
  }

  /**
   * Returns all fields.
   *
   * @return unmodifiable, in the order of the file
   */
  public Map<String, @Nullable Object> fields() {
    return fields;
  }

  /**
   * Returns a field as it is.
   *
   * @param name of the field
   * @return the value, or null if it is absent or null
   */
  public @Nullable Object raw(String name) {
    read.add(name);
    return fields.get(name);
  }

  /**
   * Tells whether a field is there, and not null.
   *
   * @param name of the field
   * @return true if it has a value
   */
  public boolean has(String name) {
    return raw(name) != null;
  }

  /**
   * Reads an integer of at least 1.
   *
   * @param name of the field
   * @param otherwise what stands for an absent field
   * @return the value
   * @throws CheckpointException if it is no such number
   */
  public int positive(String name, int otherwise) {
    Object value = absent(name) ? Integer.valueOf(otherwise) : raw(name);
    if (value instanceof Integer number && number > 0) {
      return bounded(name, number);
    }
    throw unexpected(name, "an integer of at least 1");
  }

  /**
   * Reads an integer of at least 0.
   *
   * @param name of the field
   * @param otherwise what stands for an absent field
   * @return the value
   * @throws CheckpointException if it is no such number
   */
  public int nonNegative(String name, int otherwise) {
    Object value = absent(name) ? Integer.valueOf(otherwise) : raw(name);
    if (value instanceof Integer number && number >= 0) {
      return bounded(name, number);
    }
    throw unexpected(name, "an integer of at least 0");
  }

  private int bounded(String name, int number) {
    int most = requireNonNull(MAX_NUMBER_OF.getOrDefault(name, MAX_NUMBER));
    if (number > most) {
      throw unexpected(name, "at most " + most);
    }
    return number;
  }

  private void requireShort(String name, @Nullable Object value) {
    if (value instanceof List<?> list && list.size() > MAX_LIST) {
      throw unexpected(name, "at most " + MAX_LIST + " entries");
    }
  }

  /**
   * Reads a number.
   *
   * @param name of the field
   * @param otherwise what stands for an absent field
   * @return the value
   * @throws CheckpointException if it is no finite number
   */
  public double number(String name, double otherwise) {
    Object value = absent(name) ? Double.valueOf(otherwise) : raw(name);
    if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    throw unexpected(name, value instanceof Number ? "a number that is finite" : "a number");
  }

  /**
   * Reads a truth value.
   *
   * @param name of the field
   * @param otherwise what stands for an absent field
   * @return the value
   * @throws CheckpointException if it is neither true nor false
   */
  public boolean flag(String name, boolean otherwise) {
    Object value = absent(name) ? Boolean.valueOf(otherwise) : raw(name);
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw unexpected(name, "true or false");
  }

  /**
   * Reads a string.
   *
   * @param name of the field
   * @param otherwise what stands for an absent field
   * @return the value
   * @throws CheckpointException if it is no string
   */
  public String text(String name, String otherwise) {
    Object value = absent(name) ? otherwise : raw(name);
    if (value instanceof String text) {
      return text;
    }
    throw unexpected(name, "a string");
  }

  /**
   * Reads a list of integers of at least 1.
   *
   * @param name of the field
   * @param otherwise what stands for an absent field
   * @return the values, at least one
   * @throws CheckpointException if it is no such list
   */
  public List<Integer> positives(String name, List<Integer> otherwise) {
    Object value = absent(name) ? otherwise : raw(name);
    requireShort(name, value);
    List<Integer> numbers = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof Integer number && number > 0) {
          numbers.add(bounded(name, number));
        }
      }
      if (!list.isEmpty() && numbers.size() == list.size()) {
        return List.copyOf(numbers);
      }
    }
    throw unexpected(name, "a list of integers of at least 1");
  }

  /**
   * Reads a list of strings.
   *
   * @param name of the field
   * @param otherwise what stands for an absent field
   * @return the values, at least one
   * @throws CheckpointException if it is no such list
   */
  public List<String> texts(String name, List<String> otherwise) {
    Object value = absent(name) ? otherwise : raw(name);
    requireShort(name, value);
    List<String> texts = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof String text) {
          texts.add(text);
        }
      }
      if (!list.isEmpty() && texts.size() == list.size()) {
        return List.copyOf(texts);
      }
    }
    throw unexpected(name, "a list of strings");
  }

  private boolean absent(String name) {
    read.add(name);
    return !fields.containsKey(name);
  }

  /**
   * Makes the error for a field whose value this library cannot use.
   *
   * @param name of the field
   * @param expected what it should be
   * @return the error, to be thrown
   */
  public CheckpointException unexpected(String name, String expected) {
    return new CheckpointException(
        origin
            + ": "
            + name
            + " is "
            + Printable.of(fields.get(name))
            + ", expected "
            + expected
            + ".");
  }

  /**
   * Takes fields that change nothing in what is computed here.
   *
   * @param names of the fields
   */
  public void ignore(Set<String> names) {
    read.addAll(names);
  }

  /**
   * Refuses fields that nobody read. Those whose value is {@linkplain NeutralOptions neutral} are
   * named in a warning instead, unless the reader is strict. Passed over are null, names that begin
   * with an underscore, and, unless the reader is strict, false: it switches something off.
   *
   * @throws CheckpointException if there are any, with their names
   */
  public void requireAllRead() {
    Set<String> unknown = new TreeSet<>();
    Set<String> neutral = new TreeSet<>();
    fields.forEach(
        (name, value) -> {
          boolean off = value == null || (Boolean.FALSE.equals(value) && !strict);
          if (!read.contains(name) && !off && !name.startsWith("_")) {
            boolean refused = strict || !NeutralOptions.isNeutral(name, value);
            (refused ? unknown : neutral).add(Printable.of(name) + " = " + Printable.of(value));
          }
        });
    if (!unknown.isEmpty()) {
      throw new CheckpointException(
          origin
              + " has options that this library does not know: "
              + firstOf(unknown)
              + ". The model would not compute what its makers meant.");
    }
    if (!neutral.isEmpty()) {
      LOGGER.log(
          Level.WARNING,
          "{0} has options that this library does not know, with values that change nothing: {1}",
          origin,
          firstOf(neutral));
    }
  }

  /** A file can hold more than a message. */
  private static String firstOf(Set<String> options) {
    String first = options.stream().limit(MAX_LISTED).toList().toString();
    int others = options.size() - MAX_LISTED;
    return others > 0 ? first + " and %,d more".formatted(others) : first;
  }
}
