package io.t2v;

import com.google.common.collect.ImmutableMap;
import io.t2v.internal.files.FileDigest;
import io.t2v.internal.pipeline.LibraryVersion;
import io.t2v.internal.pipeline.PipelineSettings;
import io.t2v.internal.torch.TorchRuntime;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all videos of one pipeline have in common, as properties of their provenance. */
final class PipelineOrigin {
  private PipelineOrigin() {}

  /** source: of the checkpoint, a path or a snapshot of a hub; null if there is none. */
  static Map<String, Object> of(PipelineSettings settings, @Nullable Object source) {
    ImmutableMap.Builder<String, Object> origin = ImmutableMap.builder();
    put(origin, Provenance.CHECKPOINT, source);
    put(origin, Provenance.VARIANT, settings.variant());
    put(origin, Provenance.VAE_SOURCE, settings.vaeFrom());
    put(origin, Provenance.UNET_WEIGHTS, settings.unetWeights());
    if (!settings.learnedWords().isEmpty()) {
      origin.put(
          Provenance.LEARNED_WORDS,
          settings.learnedWords().stream().map(PipelineOrigin::learnedWord).toList());
    }
    origin.put(Provenance.DTYPE, settings.precisions().toString());
    if (!settings.precisions().reason().isEmpty()) {
      origin.put(Provenance.DTYPE_REASON, settings.precisions().reason());
    }
    origin.put(Provenance.DEVICE, settings.device().toString());
    if (!settings.gpuOptimizationsInUse().isEmpty()) {
      origin.put(
          Provenance.GPU_OPTIMIZATIONS,
          settings.gpuOptimizationsInUse().stream().sorted().map(Object::toString).toList());
    }
    return origin
        .put(
            Provenance.VERSIONS,
            ImmutableMap.builder()
                .put("t2v", LibraryVersion.get())
                .putAll(TorchRuntime.versions(settings.device()))
                .buildOrThrow())
        .buildOrThrow();
  }

  private static Map<String, String> learnedWord(Path file) {
    return ImmutableMap.of("file", file.toString(), "sha256", FileDigest.sha256(file));
  }

  private static void put(
      ImmutableMap.Builder<String, Object> origin, String name, @Nullable Object value) {
    if (value != null) {
      origin.put(name, value.toString());
    }
  }
}
