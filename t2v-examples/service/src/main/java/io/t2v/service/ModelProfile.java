package io.t2v.service;

/**
 * The model of this service: its name, and what a request means that does not say.
 *
 * @param name by which requests may choose it
 * @param steps of denoising
 * @param frames of a video
 * @param fps frames per second
 * @param guidanceScale how strongly the video follows the prompt
 */
record ModelProfile(String name, int steps, int frames, double fps, double guidanceScale) {}
