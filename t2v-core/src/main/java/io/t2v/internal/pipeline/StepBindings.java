package io.t2v.internal.pipeline;

import io.t2v.internal.torch.TensorScope;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.Unet3dDenoiser;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * The denoiser, bound to the texts of a run: to each once, from the first step that reads it to the
 * last one, so that texts that are not read take no memory. The only text of a run is bound at
 * once.
 */
final class StepBindings implements AutoCloseable {
  private final Unet3dDenoiser denoiser;
  private final Conditioning conditioning;
  private final StepTexts texts;
  private final UnaryOperator<Tensor> part;
  private final Map<Integer, BoundDenoiser> bound = new TreeMap<>();

  /**
   * Binds the only text; of several, none yet.
   *
   * @param conditioning whose text is replaced
   * @param part what of each text to bind to
   */
  StepBindings(
      Unet3dDenoiser denoiser,
      Conditioning conditioning,
      StepTexts texts,
      UnaryOperator<Tensor> part) {
    this.denoiser = denoiser;
    this.conditioning = conditioning;
    this.texts = texts;
    this.part = part;
    if (texts.texts().size() == 1) {
      at(0);
    }
  }

  /** Returns the denoiser for a step; steps are asked for in order. */
  BoundDenoiser at(int step) {
    List<Integer> read =
        bound.keySet().stream().filter(text -> !texts.isReadFrom(step, text)).toList();
    PipelineComponents.closeAll(read.stream().map(bound::remove).toList());
    return bound.computeIfAbsent(texts.ofStep().get(step), this::bind);
  }

  private BoundDenoiser bind(int text) {
    try (TensorScope scope = TensorScope.open()) {
      return denoiser.bind(conditioning.withText(part.apply(texts.texts().get(text))));
    }
  }

  @Override
  public void close() {
    PipelineComponents.closeAll(bound.values());
  }
}
