package io.t2v;

import static com.google.common.base.Preconditions.checkState;

import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.internal.pipeline.PlugInResult;
import io.t2v.internal.pipeline.PromptEncoder;
import io.t2v.internal.pipeline.StepTexts;
import io.t2v.internal.pipeline.TextKeyFrames;
import io.t2v.internal.torch.TensorScope;
import io.t2v.text.EncodedText;
import io.t2v.text.PromptSyntax;
import io.t2v.text.TextEncoder;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Encodes the texts of one request, for each step of its run and on the denoiser's device. Used
 * once, within a compute scope.
 */
final class RequestTextEncoder {
  private static final String ENCODER = "The result of the text encoder";
  private static final String DAMAGED =
      "The weights may be damaged: compare the digests of the files with the published ones.";

  private final PipelineComponents components;
  private final GenerationRequest request;
  private final FiniteCheck finite;
  private List<String> truncatedTexts;

  RequestTextEncoder(PipelineComponents components, GenerationRequest request, FiniteCheck finite) {
    this.components = components;
    this.request = request;
    this.finite = finite;
    truncatedTexts = Collections.nCopies(request.videos(), "");
  }

  /** What did not fit into the text encoder, one a video; empty texts before it was asked. */
  List<String> truncatedTexts() {
    return truncatedTexts;
  }

  /**
   * Encodes all texts; they belong to the innermost open scope.
   *
   * @param steps of the run
   * @param guided whether a step needs the negative texts
   */
  StepTexts encode(int steps, boolean guided) {
    PromptLanguage.warnUnlessEnglish(request.prompts());
    try (TextEncoder.Hold hold = components.textEncoder().hold()) {
      return request.promptSyntax() == PromptSyntax.PLAIN
          ? StepTexts.always(encodeText(guided), steps)
          : encodeSteps(steps, guided);
    }
  }

  private StepTexts encodeSteps(int steps, boolean guided) {
    try (TensorScope scope = TensorScope.open()) {
      StepTexts texts =
          new PromptEncoder(components.textEncoder(), request.promptSyntax())
              .encodeSteps(
                  request.prompts(),
                  guided ? negativePrompts() : List.of(),
                  steps,
                  request.clipSkip(),
                  this::received);
      texts.texts().forEach(scope::keep);
      return texts;
    }
  }

  /** What the text encoder made of tokens. */
  private Tensor received(Tensor embeddings) {
    finite.check(embeddings, ENCODER, DAMAGED);
    return toDenoiserDevice(embeddings);
  }

  /**
   * [videos, tokens, width], or [1, frames, tokens, width] if it changes in the course of the
   * video; with guidance preceded by as many negative ones.
   */
  private Tensor encodeText(boolean guided) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor positive =
          toDenoiserDevice(
              request.embeddings().map(NdArray::toTensor).orElseGet(this::encodePrompts));
      if (!guided) {
        return scope.keep(positive);
      }
      Tensor negative =
          toDenoiserDevice(
              request
                  .negativeEmbeddings()
                  .map(NdArray::toTensor)
                  .orElseGet(() -> encodeNegativePrompts(positive.size(-2))));
      return scope.keep(
          positive.dim() == negative.dim()
              ? torch.cat(new TensorVector(negative, positive), 0)
              : torch.cat(new TensorVector(ofEachFrame(negative), ofEachFrame(positive)), 0));
    }
  }

  private Tensor ofEachFrame(Tensor text) {
    return text.dim() == 4 ? text : text.unsqueeze(1).expand(-1, request.frames(), -1, -1);
  }

  private Tensor encodePrompts() {
    Optional<TextKeyFrames> keys = keyFrames(request.prompts(), request.promptsAt());
    List<String> texts = keys.map(TextKeyFrames::distinctTexts).orElse(request.prompts());
    EncodedText encoded = components.textEncoder().encode(texts, request.clipSkip());
    Tensor embeddings = checked(encoded, texts.size());
    truncatedTexts = encoded.truncatedTexts();
    if (keys.isEmpty()) {
      return embeddings;
    }
    truncatedTexts = List.of(String.join("\n", truncatedTexts).strip());
    return blended(keys.get(), embeddings);
  }

  /** The reference skips layers for the prompt only. */
  private Tensor encodeNegativePrompts(long tokens) {
    List<String> prompts = negativePrompts();
    Optional<TextKeyFrames> keys = keyFrames(prompts, request.negativePromptsAt());
    List<String> texts = keys.map(TextKeyFrames::distinctTexts).orElse(prompts);
    Tensor encoded =
        checked(components.textEncoder().encode(texts, 0, Math.toIntExact(tokens)), texts.size());
    if (keys.isPresent()) {
      return blended(keys.get(), encoded);
    }
    return encoded.expand(request.videos(), encoded.size(1), encoded.size(2));
  }

  private Optional<TextKeyFrames> keyFrames(List<String> first, SortedMap<Integer, String> later) {
    if (!GenerationRequest.changes(first, later)) {
      return Optional.empty(); // one text for all frames, which the network reads faster
    }
    SortedMap<Integer, String> all = new TreeMap<>(later);
    all.put(0, first.get(0));
    return Optional.of(new TextKeyFrames(all, request.frames()));
  }

  private Tensor blended(TextKeyFrames keys, Tensor embeddings) {
    return keys.blend(toDenoiserDevice(embeddings), components.runCompute());
  }

  private List<String> negativePrompts() {
    return request.negativePrompts().isEmpty() ? List.of("") : request.negativePrompts();
  }

  private Tensor checked(EncodedText encoded, int texts) {
    TextEncoder encoder = components.textEncoder();
    checkState(encoded != null, "%s.encode returned null", encoder.getClass().getName());
    Tensor embeddings = encoded.embeddings();
    long tokens = embeddings.dim() == 3 ? embeddings.size(1) : encoder.maxTokens();
    PlugInResult.check(embeddings, encoder, "encode", null, texts, tokens, encoder.width());
    finite.check(embeddings, ENCODER, DAMAGED);
    return embeddings;
  }

  /** Embeddings and latents of a request, and cached embeddings, lie in the host's memory. */
  private Tensor toDenoiserDevice(Tensor x) {
    return components.runCompute().toCompute(x);
  }
}
