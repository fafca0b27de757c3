package io.t2v.ffmpeg;

import io.t2v.Video;
import io.t2v.testing.FuzzedReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.ImageIO;

/** Any bytes in the place of a video or a picture. */
public final class VideosFuzz implements FuzzedReader {
  private static final VideoReader READER =
      VideoReader.create().withFrames(2).withMemoryLimit(1 << 26);

  private Path file = Path.of("");

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    file = folder.resolve("input");
    Video clip = Clips.gradients(16, 16, 2, 8);
    Map<String, byte[]> seeds = new LinkedHashMap<>();
    seeds.put("mp4", VideoWriter.mp4().toBytes(clip));
    seeds.put("webm", VideoWriter.webm().toBytes(clip));
    seeds.put("gif", VideoWriter.gif().toBytes(clip));
    seeds.put("apng", VideoWriter.apng().toBytes(clip));
    seeds.put("webp", VideoWriter.webp().toBytes(Clips.gradients(16, 16, 1, 8)));
    for (String format : new String[] {"png", "jpg", "bmp"}) {
      ByteArrayOutputStream picture = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(9, 7, BufferedImage.TYPE_INT_RGB), format, picture);
      seeds.put(format, picture.toByteArray());
    }
    return seeds;
  }

  @Override
  public void read(byte[] content) throws IOException {
    Files.write(file, content);
    try {
      READER.read(file);
    } catch (VideoReadException e) {
      // refused, as it should be
    }
  }
}
