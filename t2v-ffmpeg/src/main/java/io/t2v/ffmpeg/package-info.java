/**
 * Videos as files, written in process with FFmpeg's libraries.
 *
 * <p>{@link io.t2v.ffmpeg.VideoWriter} writes files that browsers and system players play; {@link
 * io.t2v.ffmpeg.ContactSheet} shows all frames of a video in one picture.
 *
 * <p>The module brings FFmpeg's Java API only. An application adds the native libraries of its
 * platforms, such as {@code org.bytedeco:ffmpeg} and {@code org.bytedeco:javacpp} with the
 * classifier {@code linux-x86_64}, {@code windows-x86_64} or {@code macosx-arm64}.
 */
@NullMarked
package io.t2v.ffmpeg;

import org.jspecify.annotations.NullMarked;
