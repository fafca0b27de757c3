package io.t2v.internal.pipeline;

import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Ends guidance where it makes no difference any more: once the predictions for the prompt and for
 * the negative prompt point the same way, all later steps take the prompt's as it is.
 *
 * <p>Each video of a batch has its own end, so that it comes out as it would alone. The work of the
 * second prediction is saved once the last of them has ended. The predictions are compared in
 * double precision, video by video; on a device that waits for them, once a guided step.
 *
 * @see <a href="https://arxiv.org/abs/2312.12487">Castillo et al., Adaptive Guidance: Training-free
 *     Acceleration of Conditional Diffusion Models</a>
 */
final class GuidanceAgreement {
  private final double threshold;
  private final boolean[] reached;

  /**
   * Starts a run in which no video has agreed.
   *
   * @param threshold cosine similarity
   * @param videos of the run
   */
  GuidanceAgreement(double threshold, int videos) {
    this.threshold = threshold;
    reached = new boolean[videos];
  }

  /** Continues a run whose {@link #state} this is. */
  static GuidanceAgreement ofState(double threshold, Tensor state) {
    float[] values = HostTensors.toFloats(state);
    GuidanceAgreement agreement = new GuidanceAgreement(threshold, values.length);
    for (int video = 0; video < values.length; video++) {
      agreement.reached[video] = values[video] == 1;
    }
    return agreement;
  }

  /** One number a video: 1 where it is guided no more. */
  Tensor state() {
    float[] values = new float[reached.length];
    for (int video = 0; video < values.length; video++) {
      values[video] = reached[video] ? 1 : 0;
    }
    return HostTensors.of(values, values.length);
  }

  /** Whether no video is guided any more. */
  boolean isComplete() {
    for (boolean one : reached) {
      if (!one) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes the prompt's prediction for the videos that agreed in an earlier step, and compares those
   * that did not.
   *
   * @param guided of the three, all [videos, channels, frames, height, width]; changed in place
   * @return the same tensor
   */
  Tensor applyTo(Tensor guided, Tensor negative, Tensor positive) {
    try (TensorScope scope = TensorScope.open()) {
      for (int video = 0; video < reached.length; video++) {
        Tensor own = positive.narrow(0, video, 1);
        if (reached[video]) {
          guided.narrow(0, video, 1).copy_(own);
        } else {
          reached[video] = cosine(negative.narrow(0, video, 1), own) >= threshold;
        }
      }
    }
    return guided;
  }

  private static double cosine(Tensor one, Tensor other) {
    Tensor a = one.flatten().to(ScalarType.Double);
    Tensor b = other.flatten().to(ScalarType.Double);
    return a.dot(b).div(a.norm().mul(b.norm())).item_double();
  }
}
