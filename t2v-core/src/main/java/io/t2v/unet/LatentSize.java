package io.t2v.unet;

/**
 * Size of one frame of latents.
 *
 * @param height in latent rows, at least 1
 * @param width in latent columns, at least 1
 */
public record LatentSize(int height, int width) {}
