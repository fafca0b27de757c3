package io.t2v.cli;

import io.t2v.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a file records of the video and pictures that its own video started from: their digests, as
 * it does not hold them.
 *
 * @param initVideo SHA-256 of the frames
 * @param strength of that video
 * @param frames index to key frame
 */
record RecordedStart(
    Optional<String> initVideo, Optional<Double> strength, NavigableMap<Integer, Frame> frames) {
  /**
   * A key frame.
   *
   * @param image SHA-256 of its pixels
   * @param mask SHA-256 of its mask's pixels
   */
  record Frame(double weight, String image, Optional<String> mask) {}

  static RecordedStart none() {
    return new RecordedStart(Optional.empty(), Optional.empty(), new TreeMap<>());
  }

  static RecordedStart of(Map<String, Object> record) {
    NavigableMap<Integer, Frame> frames = new TreeMap<>();
    if (record.get(Provenance.KEY_FRAMES) instanceof List<?> keys) {
      for (Object key : keys) {
        if (key instanceof Map<?, ?> fields
            && fields.get("frame") instanceof Number frame
            && fields.get("weight") instanceof Number weight) {
          frames.put(
              frame.intValue(),
              new Frame(
                  weight.doubleValue(),
                  String.valueOf(fields.get("image")),
                  Optional.ofNullable(fields.get("mask")).map(String::valueOf)));
        }
      }
    }
    return new RecordedStart(
        Optional.ofNullable(record.get(Provenance.INIT_VIDEO)).map(String::valueOf),
        Optional.ofNullable(record.get(Provenance.STRENGTH)).map(x -> ((Number) x).doubleValue()),
        frames);
  }

  Optional<Frame> frame(int index) {
    return Optional.ofNullable(frames.get(index));
  }

  /** Weights of the first frames, as far as they stand at one picture. */
  List<Double> firstWeights() {
    List<Double> weights = new ArrayList<>();
    Optional<String> picture = frame(0).map(Frame::image);
    for (Map.Entry<Integer, Frame> entry : frames.entrySet()) {
      boolean next = entry.getKey() == weights.size();
      if (!next || !picture.equals(Optional.of(entry.getValue().image()))) {
        break;
      }
      weights.add(entry.getValue().weight());
    }
    return weights;
  }
}
