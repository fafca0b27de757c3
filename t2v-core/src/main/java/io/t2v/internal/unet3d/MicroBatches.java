package io.t2v.internal.unet3d;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.List;

/**
 * How the samples of a batch are divided into micro-batches, and in which order these are computed.
 *
 * <p>Samples are numbered as their texts are: with guidance, first those of the negative prompts,
 * one a video, then those of the prompts. Sample i belongs to video i mod videos. What sees no text
 * is computed once a video, and shared by its samples; therefore the samples of a video are
 * computed together.
 *
 * @param videos how many different latents there are
 * @param samples a multiple of the videos
 * @param size samples of a micro-batch
 * @param blockByBlock whether all micro-batches go through a block before any goes through the next
 */
record MicroBatches(int videos, int samples, int size, boolean blockByBlock) {
  /**
   * Some videos, whose shared features are in memory together.
   *
   * @param microBatches the samples of each micro-batch
   */
  record Group(int firstVideo, int videos, List<List<Integer>> microBatches) {}

  List<Group> groups() {
    int videosAtOnce = blockByBlock ? videos : Math.max(1, size / (samples / videos));
    List<Group> groups = new ArrayList<>();
    for (int first = 0; first < videos; first += videosAtOnce) {
      int count = Math.min(videosAtOnce, videos - first);
      groups.add(new Group(first, count, Lists.partition(samplesOf(first, count), size)));
    }
    return groups;
  }

  private List<Integer> samplesOf(int firstVideo, int count) {
    List<Integer> indices = new ArrayList<>();
    for (int video = firstVideo; video < firstVideo + count; video++) {
      for (int sample = video; sample < samples; sample += videos) {
        indices.add(sample);
      }
    }
    return indices;
  }

  int count() {
    return groups().stream().mapToInt(group -> group.microBatches().size()).sum();
  }
}
