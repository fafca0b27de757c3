package io.t2v.contract;

import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.LatentSize;
import io.t2v.unet.Unet3dDenoiser;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * What the pipeline relies on, checked for any denoiser, which stays the caller's to close:
 *
 * <pre>{@code
 * Unet3dDenoiserContract.of(denoiser).check();
 * }</pre>
 *
 * <p>Predictions are new tensors of the right shape and dtype, and depend on latents, text and
 * timestep alone, which stay as they are; what is bound, threads and the videos of a batch do not
 * disturb each other; both halves of guidance may share latents; the text may be freed once it is
 * bound; the listener hears of progress and can stop a call; no native object is left behind.
 * Immutable.
 */
public final class Unet3dDenoiserContract extends TensorContract {
  private static final double[] TIMESTEPS = {901, 500.5, 1};
  private static final int FRAMES = 2;
  private static final int TOKENS = 5;
  private static final LatentSize SIZE = new LatentSize(8, 8);

  private final Unet3dDenoiser denoiser;
  private final LatentSize size;

  private Unet3dDenoiserContract(Unet3dDenoiser denoiser, LatentSize size) {
    super(denoiser.getClass().getName(), "videos");
    this.denoiser = denoiser;
    this.size = size;
  }

  /**
   * Takes a denoiser.
   *
   * @param denoiser to be checked, on two frames of latents of its sample size, or of 8 × 8
   * @return the contract
   */
  public static Unet3dDenoiserContract of(Unet3dDenoiser denoiser) {
    return new Unet3dDenoiserContract(denoiser, denoiser.sampleSize().orElse(SIZE));
  }

  /**
   * Sets the size of the latents.
   *
   * @param size which the denoiser can compute
   * @return the contract with this size
   */
  public Unet3dDenoiserContract size(LatentSize size) {
    return new Unet3dDenoiserContract(denoiser, size);
  }

  @Override
  public void check() {
    require(requireConstant("inChannels", denoiser::inChannels) >= 1, "has no channel");
    require(requireConstant("textWidth", denoiser::textWidth) >= 1, "has no textWidth");
    require(
        requireConstant("outChannels", denoiser::outChannels) == denoiser.inChannels(),
        "has other outChannels than inChannels");
    requireConstant("sampleSize", denoiser::sampleSize);
    requireConstant("device", denoiser::device);
    checkRuns();
    sharesLatentsBetweenTexts();
    outlivesItsText();
    readsTextOfEachFrame();
    tellsItsListener();
    stopsForItsListener();
  }

  private long[] latents() {
    return new long[] {1, denoiser.inChannels(), FRAMES, size.height(), size.width()};
  }

  private Tensor text(Arguments arguments) {
    return arguments.gaussian(1, TOKENS, denoiser.textWidth());
  }

  private BoundDenoiser bind(Tensor text, int microBatch) {
    return requireResult("bind", denoiser.bind(new Conditioning(text, null, microBatch)));
  }

  @Override
  int calls() {
    return TIMESTEPS.length;
  }

  @Override
  Run start(Arguments arguments) {
    BoundDenoiser bound = bind(text(arguments), 1);
    return new Run() {
      @Override
      public Tensor call(int index) {
        Tensor latents = arguments.gaussian(latents());
        return checked(
            "predict",
            bound.predict(latents, TIMESTEPS[index], BlockListener.none()),
            arguments.ofAll(latents()),
            latents);
      }

      @Override
      public void close() {
        bound.close();
      }
    };
  }

  /** One prediction for one video, for texts that are bound together. */
  private float[] predict(Arguments arguments, Tensor text, int microBatch) {
    long[] shape = latents();
    shape[0] = text.size(0);
    try (BoundDenoiser bound = bind(text, microBatch);
        Draws draws = new Draws(3)) {
      Tensor latents = arguments.given(draws.gaussian(latents()));
      return Draws.floats(
          checked(
              "predict",
              bound.predict(latents, TIMESTEPS[0], BlockListener.none()),
              shape,
              latents));
    }
  }

  private void sharesLatentsBetweenTexts() {
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true);
        Arguments arguments = new Arguments(5, 6)) {
      Tensor texts = text(arguments);
      float[] both = predict(arguments, texts, 1);
      int half = both.length / 2;
      for (int i = 0; i < 2; i++) {
        require(
            close(
                Arrays.copyOfRange(both, i * half, (i + 1) * half),
                predict(arguments, texts.narrow(0, i, 1), 1)),
            "mixes up two texts that are bound together: sample i of the batch is predicted from"
                + " text i and video i mod videos");
      }
      require(
          close(predict(arguments, texts, 2), both), "predicts something else with a microBatch");
    }
  }

  private void outlivesItsText() {
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true);
        Arguments arguments = new Arguments(5)) {
      Tensor text = text(arguments);
      Tensor latents = arguments.gaussian(latents());
      try (BoundDenoiser bound = bind(text, 1)) {
        float[] before = predict(bound, latents);
        text.fill_(new Scalar(Double.NaN));
        require(
            Arrays.equals(predict(bound, latents), before),
            "reads the text after bind has returned, when it may be freed");
      }
    }
  }

  private static float[] predict(BoundDenoiser bound, Tensor latents) {
    return Draws.floats(bound.predict(latents, TIMESTEPS[0], BlockListener.none()));
  }

  private void readsTextOfEachFrame() {
    if (denoiser.readsTextOfEachFrame()) {
      try (PointerScope scope = new PointerScope();
          InferenceMode mode = new InferenceMode(true);
          Arguments arguments = new Arguments(5)) {
        Tensor text = text(arguments);
        Tensor ofEach = text.unsqueeze(1).repeat(1, FRAMES, 1, 1);
        require(
            close(predict(arguments, ofEach, 1), predict(arguments, text, 1)),
            "predicts something else where each frame has the same text");
      }
    }
  }

  private void tellsItsListener() {
    int[] last = {0, 0};
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true);
        Arguments arguments = new Arguments(5);
        BoundDenoiser bound = bind(text(arguments), 1)) {
      bound.predict(
          arguments.gaussian(latents()),
          TIMESTEPS[0],
          (done, total) -> {
            require(
                done == last[0] + 1 && (last[1] == 0 || total == last[1]),
                "tells its listener of block %s of %s after block %s of %s",
                done,
                total,
                last[0],
                last[1]);
            last[0] = done;
            last[1] = total;
          });
    }
    require(
        last[0] > 0 && last[0] == last[1],
        "tells its listener of %s of %s blocks: without it a call cannot be stopped",
        last[0],
        last[1]);
  }

  private void stopsForItsListener() {
    long before = Pointer.totalCount();
    boolean stopped = false;
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true);
        Arguments arguments = new Arguments(5);
        BoundDenoiser bound = bind(text(arguments), 1)) {
      bound.predict(
          arguments.gaussian(latents()),
          TIMESTEPS[0],
          (done, total) -> {
            throw new CancellationException();
          });
    } catch (CancellationException e) {
      stopped = true;
    }
    require(stopped, "keeps an exception of its listener, which should end the call");
    require(
        Pointer.totalCount() <= before, "leaves native objects behind when its listener stops it");
  }
}
