package io.t2v.testing;

import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.LatentSize;
import io.t2v.unet.Unet3dDenoiser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A denoiser that adds a tenth of the latents to the first number of its text, and counts. */
public final class StubDenoiser implements Unet3dDenoiser {
  private static final int BLOCKS = 3;
  private static final int CHANNELS = 4;

  private final int textWidth;
  private final @Nullable LatentSize sampleSize;
  private final int outChannels;
  private int bound;
  private int open;
  private int predictions;
  private final List<Integer> clipsOfCalls = new ArrayList<>();
  private final List<Integer> framesOfCalls = new ArrayList<>();
  private boolean closed;

  public StubDenoiser(int textWidth, @Nullable LatentSize sampleSize) {
    this(textWidth, sampleSize, CHANNELS);
  }

  public StubDenoiser(int textWidth, @Nullable LatentSize sampleSize, int outChannels) {
    this.textWidth = textWidth;
    this.sampleSize = sampleSize;
    this.outChannels = outChannels;
  }

  public int bound() {
    return bound;
  }

  public int open() {
    return open;
  }

  public int predictions() {
    return predictions;
  }

  /** For each prediction since the last {@link #forgetClips}, of how many clips it was. */
  public List<Integer> clips() {
    return List.copyOf(clipsOfCalls);
  }

  /** For each prediction since the last {@link #forgetClips}, of how many frames it was. */
  public List<Integer> frames() {
    return List.copyOf(framesOfCalls);
  }

  public void forgetClips() {
    clipsOfCalls.clear();
    framesOfCalls.clear();
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public int inChannels() {
    return CHANNELS;
  }

  @Override
  public int outChannels() {
    return outChannels;
  }

  @Override
  public int textWidth() {
    return textWidth;
  }

  @Override
  public Optional<LatentSize> sampleSize() {
    return Optional.ofNullable(sampleSize);
  }

  @Override
  public boolean readsTextOfEachFrame() {
    return true;
  }

  @Override
  public BoundDenoiser bind(Conditioning conditioning) {
    bound++;
    open++;
    long clips = conditioning.text().size(0);
    Tensor first = conditioning.text().select(-1, 0).select(-1, 0);
    Tensor text = first.clone().view(clips, 1, -1, 1, 1);
    text.retainReference();
    return new Bound(text, clips);
  }

  @Override
  public void close() {
    closed = true;
  }

  private final class Bound implements BoundDenoiser {
    private final Tensor text;
    private final long clips;

    Bound(Tensor text, long clips) {
      this.text = text;
      this.clips = clips;
    }

    @Override
    public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
      predictions++;
      clipsOfCalls.add((int) clips);
      framesOfCalls.add((int) latents.size(2));
      for (int i = 1; i <= BLOCKS; i++) {
        listener.onBlock(i, BLOCKS);
      }
      Tensor filled = latents.repeat(clips / latents.size(0), 1, 1, 1, 1);
      return filled.mul(new Scalar(0.1)).add_(text);
    }

    @Override
    public void close() {
      open--;
      text.releaseReference();
    }
  }
}
