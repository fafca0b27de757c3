package io.t2v.internal.unet3d;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.List;

/**
 * In which order the clips of a prediction go through the network, and which of them together.
 *
 * <p>Clips are numbered as their texts are: with guidance, first those of the negative prompts, one
 * a video, then those of the prompts. The clips of one video share what sees no text.
 *
 * @param videos how many different latents there are
 * @param clips a multiple of the videos
 * @param together how many clips are computed as one batch
 * @param stageByStage whether all clips go through a stage before the next one
 */
record MicroBatches(int videos, int clips, int together, boolean stageByStage) {
  /**
   * Videos whose shared features are there at the same time.
   *
   * @param firstVideo the first of them
   * @param videos how many
   * @param groups the clips of each batch
   */
  record Bundle(int firstVideo, int videos, List<List<Integer>> groups) {}

  List<Bundle> bundles() {
    int clipsOfVideo = clips / videos;
    int atOnce = stageByStage ? videos : Math.max(1, together / clipsOfVideo);
    List<Bundle> bundles = new ArrayList<>();
    for (int first = 0; first < videos; first += atOnce) {
      int count = Math.min(atOnce, videos - first);
      bundles.add(new Bundle(first, count, Lists.partition(clipsOf(first, count), together)));
    }
    return bundles;
  }

  private List<Integer> clipsOf(int firstVideo, int count) {
    List<Integer> numbers = new ArrayList<>();
    for (int video = firstVideo; video < firstVideo + count; video++) {
      for (int clip = video; clip < clips; clip += videos) {
        numbers.add(clip);
      }
    }
    return numbers;
  }

  int groups() {
    return bundles().stream().mapToInt(bundle -> bundle.groups().size()).sum();
  }
}
