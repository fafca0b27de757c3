package io.t2v.checkpoint;

import io.t2v.device.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a checkpoint is, told from its configurations and the headers of its weight files. No
 * weights are read, and libtorch is not needed.
 *
 * @param folder of the checkpoint
 * @param layout {@code diffusers} or {@code ModelScope}
 * @param pipeline class that the checkpoint's index names, such as {@code TextToVideoSDPipeline}
 * @param variant word in the names of the weight files that were looked at; empty for plain ones
 * @param variants words in the names of all weight files of the denoiser
 * @param components text encoder, denoiser and autoencoder, in this order
 * @param width of a frame that the model was trained on, in pixels; empty if unknown
 * @param height of such a frame
 * @param frames of a clip that the checkpoint names; empty if it names none
 * @param framesPerSecond of that clip
 * @param scheduler class of the checkpoint's own scheduler; empty if it cannot be read
 * @param predictionType what the denoiser predicts, such as {@code epsilon}
 * @param licence of the weights, from the model card or a licence file; empty if unknown
 * @param problems what keeps a pipeline from being built of it, each with its cure where one is
 *     known: configurations, weights and tokenizer files that are missing or damaged. Whether
 *     weights fit their configuration is seen when a pipeline is built
 */
public record CheckpointSummary(
    Path folder,
    String layout,
    String pipeline,
    Optional<String> variant,
    Set<String> variants,
    List<Component> components,
    OptionalInt width,
    OptionalInt height,
    OptionalInt frames,
    OptionalDouble framesPerSecond,
    Optional<String> scheduler,
    Optional<String> predictionType,
    Optional<String> licence,
    List<String> problems) {
  public CheckpointSummary {
    variants = Set.copyOf(variants);
    components = List.copyOf(components);
    problems = List.copyOf(problems);
  }

  /**
   * Returns the number of parameters of all networks.
   *
   * @return their sum; empty if a network's weights are missing or damaged
   */
  public OptionalLong parameters() {
    return components.stream().anyMatch(component -> component.parameters().isEmpty())
        ? OptionalLong.empty()
        : OptionalLong.of(components.stream().mapToLong(Component::knownParameters).sum());
  }

  /**
   * Returns how much memory the weights take. What is computed with them comes on top, and depends
   * on the size of the clip.
   *
   * @param precision of the weights
   * @return bytes, of those networks whose weights are known
   */
  public Memory memory(Precision precision) {
    long[] bytes =
        components.stream()
            .mapToLong(component -> component.knownParameters() * precision.bytes())
            .toArray();
    long all = 0;
    long largest = 0;
    for (long network : bytes) {
      all += network;
      largest = Math.max(largest, network);
    }
    return new Memory(all, largest);
  }

  /**
   * A network.
   *
   * @param name such as {@code unet}
   * @param parameters number of its parameters; empty if its weights are missing or damaged
   * @param dtypes how they are stored, such as {@code F16}
   * @param problem what is wrong with its weights; empty if nothing is
   */
  public record Component(
      String name, OptionalLong parameters, Set<String> dtypes, Optional<String> problem) {
    /**
     * Takes a network's parts.
     *
     * @param name such as {@code unet}
     * @param parameters number of its parameters
     * @param dtypes how they are stored
     * @param problem what is wrong with its weights
     */
    public Component {
      dtypes = Set.copyOf(dtypes);
    }

    private long knownParameters() {
      return parameters.orElse(0);
    }
  }

  /**
   * Memory for weights.
   *
   * @param allNetworks bytes for all networks at once
   * @param largestNetwork bytes for the largest one, if each is in memory only while it computes
   */
  public record Memory(long allNetworks, long largestNetwork) {
    /**
     * Takes numbers of bytes.
     *
     * @param allNetworks for all networks at once
     * @param largestNetwork for the largest one
     */
    public Memory {}
  }
}
