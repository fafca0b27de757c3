package io.t2v.scheduler;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One run of a scheduler of the reference, as docs/reference/make_scheduler_goldens.py keeps it.
 */
record Golden(String scheduler, Map<String, Object> fields) {
  /** Distance of the elements that are kept of every step. */
  static final int STRIDE = 61;

  static Stream<Golden> all(String scheduler) {
    try (InputStream in =
        Golden.class.getResourceAsStream("/golden/schedulers/" + scheduler + ".json")) {
      List<?> cases = (List<?>) JSON.std.mapFrom(Objects.requireNonNull(in)).get("cases");
      return cases.stream().map(one -> new Golden(scheduler, castMap(one)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SchedulerConfig config() {
    return new SchedulerConfig(scheduler, castMap(fields.get("config")));
  }

  PlanRequest request() {
    double eta = ((Number) fields.getOrDefault("eta", 0.0)).doubleValue();
    if (fields.containsKey("requestedSigmas")) {
      return PlanRequest.ofSigmas(numbers("requestedSigmas"));
    }
    if (fields.containsKey("requestedTimesteps")) {
      List<Double> timesteps = numbers("requestedTimesteps");
      return new PlanRequest(timesteps.size(), eta, timesteps, List.of());
    }
    return new PlanRequest(((Number) fields.get("steps")).intValue(), eta);
  }

  int start() {
    return ((Number) fields.getOrDefault("start", 0)).intValue();
  }

  long seed() {
    return ((Number) fields.get("seed")).longValue();
  }

  long[] shape() {
    return numbers("shape").stream().mapToLong(Double::longValue).toArray();
  }

  long[] modelShape() {
    long[] shape = shape();
    shape[1] = ((Number) fields.get("modelChannels")).longValue();
    return shape;
  }

  double[] timesteps() {
    return numbers("timesteps").stream().mapToDouble(Double::doubleValue).toArray();
  }

  double initialNoiseScale() {
    return ((Number) fields.get("initNoiseSigma")).doubleValue();
  }

  double tolerance() {
    return ((Number) fields.getOrDefault("tolerance", 1e-5)).doubleValue();
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  float[] floats(String name) {
    ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode((String) fields.get(name)));
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private List<Double> numbers(String name) {
    return ((List<?>) fields.get(name)).stream().map(n -> ((Number) n).doubleValue()).toList();
  }

  @SuppressWarnings("unchecked") // a JSON object
  private static Map<String, Object> castMap(Object object) {
    return (Map<String, Object>) object;
  }

  @Override
  public String toString() {
    return config().options() + " " + request() + " from " + start();
  }
}
