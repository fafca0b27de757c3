package io.t2v.unet;

/**
 * Size of a frame of latents, usually an eighth of the frame's size in pixels.
 *
 * @param height in pixels of the latents
 * @param width in pixels of the latents
 */
public record LatentSize(int height, int width) {}
