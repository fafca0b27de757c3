package io.t2v.adapter;

import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the file of an adapter says about it.
 *
 * @param format such as {@code PEFT}, {@code kohya} or {@code stable_lora}
 * @param layers number of layers that it changes, or of pairs of factors in a list without names
 * @param unetLayers how many of them are the UNet's; empty in lists without names, where the
 *     checkpoint tells
 * @param textEncoderLayers how many are the text encoder's, likewise
 * @param smallestRank of a layer
 * @param largestRank of a layer
 * @param parameters of all factors
 * @param dtypes in which they are stored, such as {@code F16}
 * @param notes what the trainer wrote about itself and the training, from name to text; often empty
 */
public record AdapterSummary(
    String format,
    int layers,
    OptionalInt unetLayers,
    OptionalInt textEncoderLayers,
    long smallestRank,
    long largestRank,
    long parameters,
    Set<String> dtypes,
    Map<String, String> notes) {
  public AdapterSummary {
    dtypes = Set.copyOf(dtypes);
    notes = Map.copyOf(notes);
  }
}
