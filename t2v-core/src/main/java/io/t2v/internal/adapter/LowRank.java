package io.t2v.internal.adapter;

/**
 * One layer of an adapter: two factors, whose product is added to the layer's weight.
 *
 * @param key name of the layer in the file, or its place in a list without names
 * @param up name of the factor's tensor in the file, [out, rank, ...]
 * @param down likewise, [rank, in, ...]
 * @param rank of the product, at least 1
 * @param strength what the product is multiplied by at scale 1: alpha over rank, or alpha over its
 *     square root
 * @param embedding whether the file says that the layer is an embedding
 */
public record LowRank(
    String key, String up, String down, long rank, double strength, boolean embedding) {}
