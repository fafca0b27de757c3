package io.t2v.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Golden data: tensors in a safetensors resource, read without the code under test. */
public final class Golden {
  private final Map<String, Object> header;
  private final ByteBuffer data;

  private Golden(Map<String, Object> header, ByteBuffer data) {
    this.header = header;
    this.data = data;
  }

  /** Reads {@code golden/<name>.safetensors}. */
  public static Golden tensors(String name) {
    try {
      ByteBuffer file =
          ByteBuffer.wrap(
                  Resources.toByteArray(Resources.getResource("golden/" + name + ".safetensors")))
              .order(ByteOrder.LITTLE_ENDIAN);
      byte[] json = new byte[(int) file.getLong()];
      file.get(json);
      return new Golden(
          JSON.std.mapFrom(new String(json, StandardCharsets.UTF_8)),
          file.slice().order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads {@code golden/<name>.json}. */
  public static Map<String, Object> json(String name) {
    try {
      return JSON.std.mapFrom(
          Resources.toString(
              Resources.getResource("golden/" + name + ".json"), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The maps in the list under a key. */
  @SuppressWarnings("unchecked")
  public static List<Map<String, Object>> cases(Map<String, Object> json, String key) {
    return (List<Map<String, Object>>) (List<?>) json.get(key);
  }

  public long[] shape(String name) {
    return longs(field(name, "shape"));
  }

  public float[] floats(String name) {
    assertThat(field(name, "dtype")).isEqualTo("F32");
    long[] offsets = longs(field(name, "data_offsets"));
    float[] values = new float[(int) (offsets[1] - offsets[0]) / Float.BYTES];
    data.slice((int) offsets[0], (int) (offsets[1] - offsets[0]))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  public byte[] bytes(String name) {
    long[] offsets = longs(field(name, "data_offsets"));
    byte[] values = new byte[(int) (offsets[1] - offsets[0])];
    data.get((int) offsets[0], values);
    return values;
  }

  private Object field(String name, String field) {
    Map<?, ?> entry = (Map<?, ?>) header.get(name);
    assertThat(entry).as("golden tensor " + name).isNotNull();
    return entry.get(field);
  }

  private static long[] longs(Object list) {
    return ((List<?>) list).stream().mapToLong(d -> ((Number) d).longValue()).toArray();
  }

  /** Asserts that no value is further off than a fraction of the largest magnitude. */
  public static void assertClose(String what, float[] actual, float[] expected, double fraction) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      double difference = Math.abs((double) actual[i] - expected[i]);
      worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
    }
    assertThat(worst / largest)
        .as(
            "%s: largest difference %s, largest magnitude %s, first values %s and %s",
            what, worst, largest, head(actual), head(expected))
        .isLessThanOrEqualTo(fraction);
  }

  private static String head(float[] values) {
    return Arrays.toString(Arrays.copyOf(values, Math.min(6, values.length)));
  }
}
