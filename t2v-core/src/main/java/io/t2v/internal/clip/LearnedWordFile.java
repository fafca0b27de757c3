package io.t2v.internal.clip;

import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import com.google.common.primitives.Longs;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.io.Printable;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * Reads a file of textual inversion: a word, and the vectors that stand for it. There are two kinds
 * of files, each as safetensors or as PyTorch's: diffusers' hold one tensor under the word itself;
 * those of AUTOMATIC1111's web UI hold it under a fixed name, and the file's name is the word.
 *
 * @param path of the file
 * @param word that prompts name
 * @param vectors one row a vector
 * @param width of a vector
 * @see <a href="https://arxiv.org/abs/2208.01618">An Image is Worth One Word</a>
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record LearnedWordFile(Path path, String word, float[] vectors, int width) {
  private static final String WEB_UI_PICKLE = "string_to_param.";
  private static final String WEB_UI_SAFETENSORS = "emb_params";

  /** Ids of the word's stand-in, which may be tensors. */
  private static final String WEB_UI_IDS = "string_to_token.";

  /** No encoder takes more in one text; a larger tensor is no word. */
  private static final long MAX_ELEMENTS = 1 << 22;

  /**
   * Reads a file.
   *
   * @throws CheckpointException if it is missing, damaged, or holds anything but the vectors of one
   *     word
   */
  static LearnedWordFile read(Path path) {
    TensorFiles file = TensorFiles.ofFile(path);
    List<String> names =
        file.names().stream().filter(name -> !name.startsWith(WEB_UI_IDS)).toList();
    if (names.size() != 1) {
      throw new CheckpointException(
          "%s: expected one tensor, the vectors of a learned word, found %s.%s"
              .formatted(path, shown(names), advice(names)));
    }
    String name = names.get(0);
    ImmutableList<Long> shape = ImmutableList.copyOf(file.shape(name));
    if (shape.isEmpty() || shape.size() > 2 || shape.contains(0L)) {
      throw new CheckpointException(
          "%s: '%s' has the shape %s, expected [width] or [vectors, width] of a learned word."
              .formatted(path, Printable.of(name), shape));
    }
    long[] dimensions = Longs.toArray(shape);
    if (file.checkedEntry(name, dimensions).elements() > MAX_ELEMENTS) {
      throw new CheckpointException(
          "%s: '%s' has the shape %s, more than a learned word has."
              .formatted(path, Printable.of(name), shape));
    }
    try (TensorReader reader = TensorReader.open(file);
        TensorScope scope = TensorScope.open()) {
      float[] values = HostTensors.toFloats(reader.read(name, dimensions));
      int width = Math.toIntExact(dimensions[dimensions.length - 1]);
      return new LearnedWordFile(path, word(path, name), requireFinite(path, values), width);
    }
  }

  private static String word(Path path, String name) {
    boolean ofWebUi = name.startsWith(WEB_UI_PICKLE) || name.equals(WEB_UI_SAFETENSORS);
    String word = ofWebUi ? MoreFiles.getNameWithoutExtension(path) : name;
    if (word.isBlank() || !word.equals(word.strip())) {
      throw new CheckpointException(
          "%s: the learned word is '%s', expected a word without blanks around it."
              .formatted(path, Printable.of(word)));
    }
    return word;
  }

  private static String shown(List<String> names) {
    String some =
        String.join(", ", new TreeSet<>(names).stream().limit(4).map(Printable::of).toList());
    return names.isEmpty() ? "none" : names.size() + ", such as " + some;
  }

  private static String advice(List<String> names) {
    return names.contains("clip_g") || names.contains("clip_l")
        ? " The word was learned for the two text encoders of Stable Diffusion XL."
        : "";
  }

  private static float[] requireFinite(Path path, float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new CheckpointException(
            path + ": a vector of the learned word is not finite. Fetch the file again.");
      }
    }
    return values;
  }

  int count() {
    return vectors.length / width;
  }
}
