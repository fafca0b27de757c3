package io.t2v;

import java.util.List;

/**
 * What is being generated, after one of the denoising steps: noise at first, then more and more of
 * the videos.
 *
 * @param step that was done last, from 1
 * @param steps of the whole generation
 * @param videos one a prompt; their size depends on the {@linkplain PreviewMode mode}
 */
public record Preview(int step, int steps, List<Video> videos) {
  /**
   * Copies the list.
   *
   * @param step that was done last, from 1
   * @param steps of the whole generation
   * @param videos one a prompt
   */
  public Preview {
    videos = List.copyOf(videos);
  }
}
