package io.t2v.firststeps;

import io.t2v.FrameWindow;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.adapter.Adapter;
import io.t2v.minimodel.MiniModel;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Shows with the miniature model what videos become that start from a video or an image, long ones,
 * and those of a model with adapters: draws the pictures of docs/from-video.md, docs/long-video.md
 * and docs/adapters.md, a row of frames for each video.
 */
public final class FilmStrips {
  private static final String CIRCLE = "a red circle moving right on a gray background";
  private static final String SQUARE = "a blue square moving right on a gray background";
  private static final int COLUMNS = 12;
  private static final int LABEL_WIDTH = 124;
  private static final int GAP = 2;

  private final TextToVideoPipeline pipeline;

  private FilmStrips(TextToVideoPipeline pipeline) {
    this.pipeline = pipeline;
  }

  /**
   * Draws four pictures.
   *
   * @param arguments the folder for them
   * @throws IOException if one cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      FilmStrips strips = new FilmStrips(pipeline);
      draw(strips.strengths(), folder.resolve("strengths.png"));
      draw(strips.heldFrames(), folder.resolve("held-frames.png"));
      draw(strips.longVideos(), folder.resolve("long-videos.png"));
      draw(strips.adapters(), folder.resolve("adapters.png"));
    }
  }

  private static GenerationRequest.Builder request(String prompt) {
    return request(prompt, 1);
  }

  private static GenerationRequest.Builder request(String prompt, long seed) {
    return MiniModel.request(prompt).seed(seed);
  }

  private Video generate(GenerationRequest.Builder request) {
    return pipeline.generate(request.build());
  }

  /** A circle on its way to a square. */
  private Map<String, Video> strengths() {
    Map<String, Video> rows = new LinkedHashMap<>();
    Video circle = generate(request(CIRCLE));
    rows.put("start", circle);
    for (double strength : new double[] {0.2, 0.4, 0.6, 0.8, 1}) {
      rows.put(
          "strength " + strength, generate(request(SQUARE).initVideo(circle).strength(strength)));
    }
    return rows;
  }

  /** One frame, two frames, and the same frame at both ends. */
  private Map<String, Video> heldFrames() {
    Map<String, Video> rows = new LinkedHashMap<>();
    Video circle = generate(request(CIRCLE));
    int last = circle.frameCount() - 1;
    BufferedImage left = circle.image(0);
    BufferedImage right = circle.image(last);
    rows.put("free", generate(request(CIRCLE, 3)));
    rows.put("first frame", generate(request(CIRCLE, 3).initImage(left)));
    rows.put("in-between", generate(request(CIRCLE, 3).keyFrame(0, left).keyFrame(last, right)));
    rows.put("loop", generate(request(CIRCLE, 3).keyFrame(0, left).keyFrame(last, left)));
    return rows;
  }

  /** More frames than the 8 that the model was trained on. */
  private Map<String, Video> longVideos() {
    FrameWindow window = FrameWindow.of(8).overlap(4);
    Map<String, Video> rows = new LinkedHashMap<>();
    rows.put("64, plain", generate(request(CIRCLE).frames(64)));
    rows.put("64, windows", generate(request(CIRCLE).frames(64).window(window)));
    rows.put(
        "changing prompt",
        generate(
            request(CIRCLE)
                .frames(64)
                .window(window)
                .promptAt(20, CIRCLE)
                .promptAt(44, "a blue square moving left on a gray background")));
    rows.put("loop of 32", generate(request(CIRCLE).frames(32).window(window.loop(true))));
    return rows;
  }

  /** A motion and a colour that the model does not know, without and with what teaches it. */
  private Map<String, Video> adapters() {
    String jumping = "a red circle jumping on a black background";
    String pink = "a <pink> circle moving right on a black background";
    Adapter lora = Adapter.load(MiniModel.jumpingLora());
    Map<String, Video> rows = new LinkedHashMap<>();
    rows.put("jumping, plain", generate(request(jumping, 2)));
    try (TextToVideoPipeline adapted = pipeline.withAdapters(List.of(lora));
        TextToVideoPipeline word =
            MiniModel.pipeline().learnedWords(MiniModel.pinkWord()).adapter(lora).build()) {
      rows.put("with the LoRA", adapted.generate(request(jumping, 2).build()));
      rows.put("<pink>, plain", generate(request(pink)));
      rows.put("with the word", word.generate(request(pink).build()));
      rows.put(
          "with both", word.generate(request(pink.replace("moving right", "jumping"), 2).build()));
    }
    return rows;
  }

  /** Of a long video, frames at equal distances, the first and the last one among them. */
  private static void draw(Map<String, Video> rows, Path png) throws IOException {
    Video first = rows.values().iterator().next();
    int columns = Math.min(COLUMNS, first.frameCount());
    int width = first.width() + GAP;
    int height = first.height() + GAP;
    BufferedImage picture =
        new BufferedImage(
            LABEL_WIDTH + columns * width, rows.size() * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
    graphics.setColor(Color.BLACK);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    int top = 0;
    for (Map.Entry<String, Video> row : rows.entrySet()) {
      graphics.drawString(row.getKey(), 4, top + height / 2 + 4);
      Video video = row.getValue();
      for (int i = 0; i < columns; i++) {
        int frame = columns == 1 ? 0 : i * (video.frameCount() - 1) / (columns - 1);
        graphics.drawImage(video.image(frame), LABEL_WIDTH + i * width, top, null);
      }
      top += height;
    }
    graphics.dispose();
    coarsen(picture);
    ImageIO.write(picture, "png", png.toFile());
  }

  /** Five bits a color: nobody sees the difference, and the file is half as large. */
  private static void coarsen(BufferedImage picture) {
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        picture.setRGB(x, y, picture.getRGB(x, y) & 0xf8f8f8);
      }
    }
  }
}
