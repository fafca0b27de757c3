package io.t2v.internal.torch;

import org.bytedeco.pytorch.Tensor;

/** Folds the frames of videos into the batch, and back: networks and schedulers see images. */
public final class VideoLayout {
  private VideoLayout() {}

  /**
   * [videos, channels, frames, height, width] as [videos × frames, channels, height, width], in the
   * order of the reference.
   */
  public static Tensor foldFrames(Tensor videos) {
    return videos
        .permute(0, 2, 1, 3, 4)
        .reshape(videos.size(0) * videos.size(2), videos.size(1), videos.size(3), videos.size(4));
  }

  /** As {@link #foldFrames}, in channels-last memory format. */
  public static Tensor foldFramesChannelsLast(Tensor videos) {
    return videos
        .permute(0, 2, 3, 4, 1)
        .reshape(videos.size(0) * videos.size(2), videos.size(3), videos.size(4), videos.size(1))
        .permute(0, 3, 1, 2);
  }

  /** [videos × frames, channels, height, width] as [videos, channels, frames, height, width]. */
  public static Tensor unfoldFrames(Tensor images, long frames) {
    return images
        .reshape(images.size(0) / frames, frames, images.size(1), images.size(2), images.size(3))
        .permute(0, 2, 1, 3, 4);
  }
}
