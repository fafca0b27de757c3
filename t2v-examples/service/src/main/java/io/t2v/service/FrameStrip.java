package io.t2v.service;

import io.t2v.Video;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/**
 * A small video as one picture, its frames side by side, to be shown one after the other.
 *
 * @param step of denoising that it was made after
 * @param frames side by side
 * @param width of a frame in pixels
 * @param height of a frame in pixels
 * @param fps frames per second
 * @param image a PNG file as a data URL
 */
record FrameStrip(int step, int frames, int width, int height, double fps, String image) {
  static FrameStrip of(int step, Video video) throws IOException {
    BufferedImage strip =
        new BufferedImage(
            video.frameCount() * video.width(), video.height(), BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < video.frameCount(); i++) {
      strip.getRaster().setRect(i * video.width(), 0, video.image(i).getRaster());
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(strip, "png", png);
    return new FrameStrip(
        step,
        video.frameCount(),
        video.width(),
        video.height(),
        video.framesPerSecond(),
        "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray()));
  }
}
