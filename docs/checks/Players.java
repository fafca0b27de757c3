import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;

/**
 * Checks with programs from elsewhere that files of t2v play: ffprobe, ffmpeg and Chromium, which
 * have to be on the path. Files are made with the command line; each is described, decoded, and
 * played to its end in a page, where colors are read back.
 *
 * <pre>
 * java docs/checks/Players.java t2v-examples/cli/target/t2v.jar
 * </pre>
 */
public final class Players {
  private static final int[] COLOURS = {
    0xff0000, 0x00ff00, 0x0000ff, 0xffff00, 0xffffff, 0x800080, 0xffa500, 0x00ffff
  };
  private static final int SIDE = 32;
  private static final int FRAMES = 16;
  private static final int PATIENCE_SECONDS = 60;

  private final Path folder;
  private final String jar;
  private int failures;

  private Players(String jar) throws IOException {
    this.jar = jar;
    this.folder = Files.createTempDirectory("t2v-players-");
  }

  public static void main(String[] arguments) throws Exception {
    Players players = new Players(arguments[0]);
    try {
      players.check();
    } finally {
      deleteAll(players.folder.toFile());
    }
    System.out.println(players.failures == 0 ? "All files play." : players.failures + " failures");
    System.exit(players.failures == 0 ? 0 : 1);
  }

  private void check() throws Exception {
    drawPatches(folder.resolve("patches"));
    List<String> videos = List.of("patches.mp4", "patches.webm", "patches-av1.mp4", "model.mp4");
    List<String> pictures = List.of("patches.gif", "patches.webp", "patches.apng");
    for (String file : List.of("patches.mp4", "patches.webm", "patches.gif", "patches.apng")) {
      t2v("convert", at("patches"), at(file));
    }
    t2v("convert", at("patches"), at("patches.webp"), "--quality", "100");
    t2v("convert", at("patches"), at("patches.mov"));
    t2v("convert", at("patches"), at("patches-av1.mp4"), "--encoder", "libsvtav1");
    t2v("generate", "a red circle moving right", "--seed", "1", "-f", "16", "-s", "2", "-q", "-o",
        at("model.mp4"));
    for (String file : videos) {
      describe(file);
      decode(file);
    }
    decode("patches.mov");
    decode("patches.gif");
    indexComesFirst("patches.mp4");
    expect("settings in the comment", run("ffprobe", "-v", "error", "-show_entries",
        "format_tags=comment", "-of", "default=nw=1:nk=1", at("model.mp4")).contains("\"seed\":1"));
    List<String> all = new ArrayList<>(videos);
    all.addAll(pictures);
    play(all);
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  /** A folder of pictures with eight patches side by side, and a square that moves above them. */
  private static void drawPatches(Path to) throws IOException {
    Files.createDirectory(to);
    BufferedImage image =
        new BufferedImage(COLOURS.length * SIDE, 2 * SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    for (int i = 0; i < COLOURS.length; i++) {
      graphics.setColor(new Color(COLOURS[i]));
      graphics.fillRect(i * SIDE, 0, SIDE, 2 * SIDE);
    }
    for (int i = 0; i < FRAMES; i++) {
      graphics.setColor(Color.BLACK);
      graphics.fillRect(0, 0, image.getWidth(), 8);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(i * 12, 0, 8, 8);
      ImageIO.write(image, "png", to.resolve(i + ".png").toFile());
    }
    graphics.dispose();
  }

  private void t2v(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-jar", jar));
    command.addAll(List.of(arguments));
    run(command.toArray(String[]::new));
  }

  /** What ffprobe says of the stream, after counting its frames. */
  private void describe(String file) throws Exception {
    String said = run("ffprobe", "-v", "error", "-count_frames", "-show_entries",
        "stream=pix_fmt,color_range,color_space,color_transfer,color_primaries,nb_read_frames,"
            + "r_frame_rate:format=duration", "-of", "default=nw=1", at(file));
    for (String wanted : List.of("pix_fmt=yuv420p", "color_range=tv", "color_space=bt709",
        "color_transfer=bt709", "color_primaries=bt709", "nb_read_frames=16", "r_frame_rate=8/1",
        "duration=2.000000")) {
      expect(file + ": ffprobe says " + wanted, said.lines().toList().contains(wanted));
    }
  }

  /** ffmpeg decodes all of it and has nothing to say. */
  private void decode(String file) throws Exception {
    String said = run("ffmpeg", "-nostdin", "-v", "warning", "-i", at(file), "-f", "null", "-");
    expect(file + ": ffmpeg decodes it" + (said.isBlank() ? "" : ": " + said), said.isBlank());
  }

  private void indexComesFirst(String file) throws IOException {
    String bytes = Files.readString(folder.resolve(file), StandardCharsets.ISO_8859_1);
    expect(file + ": the index comes first", bytes.indexOf("moov") < bytes.indexOf("mdat"));
  }

  private void play(List<String> files) throws Exception {
    BlockingQueue<String> results = new ArrayBlockingQueue<>(files.size());
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool(task -> {
      Thread thread = new Thread(task);
      thread.setDaemon(true);
      return thread;
    }));
    server.createContext("/", exchange -> answer(exchange, files, results));
    server.start();
    Process browser = browser("http://localhost:" + server.getAddress().getPort() + "/");
    try {
      Map<String, String> played = new LinkedHashMap<>();
      for (int i = 0; i < files.size(); i++) {
        String result = results.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (result == null) {
          throw new IllegalStateException(
              "Chromium did not answer: " + Files.readString(folder.resolve("browser.log")));
        }
        played.put(result.substring(0, result.indexOf(' ')), result);
      }
      for (String file : files) {
        judge(file, String.valueOf(played.get(file)));
      }
    } finally {
      browser.descendants().forEach(ProcessHandle::destroy);
      browser.destroy();
      browser.waitFor();
      server.stop(0);
    }
  }

  /**
   * With an empty profile of its own, and without calls to anywhere. Pictures are composed as with a
   * graphics card, which SwiftShader stands in for: the other way, --disable-gpu, converts colors
   * with factors of too few bits for BT.709, and shows every such file's blue 12 levels too dark.
   */
  private Process browser(String page) throws IOException {
    List<String> command = new ArrayList<>(List.of("chromium", "--headless", "--no-sandbox",
        "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
        "--ignore-gpu-blocklist", "--disable-quic", "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        "--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0",
        "--user-data-dir=" + Files.createDirectory(folder.resolve("profile")), page));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("browser.log").toFile())
        .start();
  }

  private void answer(HttpExchange exchange, List<String> files, BlockingQueue<String> results)
      throws IOException {
    String path = exchange.getRequestURI().getPath().substring(1);
    byte[] body = new byte[0];
    if (path.equals("result")) {
      results.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    } else if (path.isEmpty()) {
      exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
      body = page(files).getBytes(StandardCharsets.UTF_8);
    } else if (files.contains(path)) {
      body = Files.readAllBytes(folder.resolve(path));
    }
    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** A page that shows one file after the other, and tells what it saw. */
  private static String page(List<String> files) {
    return """
        <!doctype html><title>players</title><body><script>
        function colors(source, width, height) {
          const canvas = document.createElement("canvas");
          canvas.width = width;
          canvas.height = height;
          const graphics = canvas.getContext("2d");
          graphics.drawImage(source, 0, 0);
          const means = [];
          for (let i = 0; i < COUNT; i++) {
            const side = Math.floor(width / COUNT / 2);
            const left = Math.floor((i + 0.25) * width / COUNT);
            const data = graphics.getImageData(left, height / 4, side, height / 2).data;
            const sum = [0, 0, 0];
            for (let j = 0; j < data.length; j++) if (j % 4 < 3) sum[j % 4] += data[j];
            means.push(sum.map(s => s / (data.length / 4)).join(","));
          }
          return means.join(";");
        }
        async function video(file) {
          const v = document.createElement("video");
          v.muted = true;
          v.src = file;
          document.body.append(v);
          await new Promise((ok, no) => {
            v.onloadeddata = ok;
            v.onerror = () => no(v.error.message);
          });
          v.currentTime = 1;
          await new Promise(ok => v.onseeked = ok);
          // The frame is there for scripts some time after it is there for eyes.
          await new Promise(ok => {
            v.requestVideoFrameCallback(ok);
            setTimeout(ok, 1000);
          });
          const seen = colors(v, v.videoWidth, v.videoHeight);
          v.playbackRate = 4;
          const end = await new Promise((ok, no) => {
            v.onended = () => ok(v.currentTime);
            v.play().catch(no);
          });
          v.remove();
          return `${v.duration} ${end} ${v.videoWidth}x${v.videoHeight} ${seen}`;
        }
        async function picture(file) {
          const bytes = await (await fetch(file)).arrayBuffer();
          const type = "image/" + file.split(".").pop();
          const decoder = new ImageDecoder({data: bytes, type});
          await decoder.tracks.ready;
          await decoder.completed;
          let seconds = 0;
          let frame;
          for (let i = 0; i < decoder.tracks.selectedTrack.frameCount; i++) {
            frame = (await decoder.decode({frameIndex: i})).image;
            seconds += frame.duration / 1e6;
          }
          const seen = colors(frame, frame.displayWidth, frame.displayHeight);
          return `${seconds} ${seconds} ${frame.displayWidth}x${frame.displayHeight} ${seen}`;
        }
        (async () => {
          for (const file of [FILES]) {
            let result;
            try {
              const isVideo = /(mp4|webm)$/.test(file);
              result = await (isVideo ? video(file) : picture(file));
            } catch (e) {
              result = "error " + e;
            }
            await fetch("/result", {method: "POST", body: file + " " + result});
          }
        })();
        </script></body>
        """
        .replace("COUNT", String.valueOf(COLOURS.length))
        .replace("FILES", "\"" + String.join("\",\"", files) + "\"");
  }

  private void judge(String file, String result) {
    String[] fields = result.split(" ", 5);
    if (fields.length < 5 || fields[1].equals("error")) {
      expect(file + ": Chromium plays it: " + result, false);
      return;
    }
    expect(file + ": Chromium plays 2 s, and says " + fields[1],
        Math.abs(Double.parseDouble(fields[1]) - 2) < 1e-6
            && Math.abs(Double.parseDouble(fields[2]) - 2) < 1e-3);
    if (!file.startsWith("patches")) {
      expect(file + ": Chromium shows 64x64, and says " + fields[3], fields[3].equals("64x64"));
      return;
    }
    expect(file + ": Chromium shows 256x64, and says " + fields[3], fields[3].equals("256x64"));
    double[] errors = new double[3];
    String[] patches = fields[4].split(";");
    for (int i = 0; i < COLOURS.length; i++) {
      String[] channels = patches[i].split(",");
      for (int c = 0; c < 3; c++) {
        double wanted = COLOURS[i] >> 16 - 8 * c & 0xff;
        errors[c] += Math.abs(Double.parseDouble(channels[c]) - wanted) / COLOURS.length;
      }
    }
    expect(file + ": mean error of colors in Chromium: " + Arrays.toString(errors)
            + " of " + fields[4],
        Arrays.stream(errors).allMatch(error -> error < 1));
  }

  private void expect(String what, boolean isSo) {
    System.out.println((isSo ? "ok    " : "WRONG ") + what);
    failures += isSo ? 0 : 1;
  }

  /** Runs a program; what it says on both streams. */
  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + " failed: " + said);
    }
    return said;
  }

  private static void deleteAll(File file) {
    File[] content = file.listFiles();
    if (content != null) {
      for (File entry : content) {
        deleteAll(entry);
      }
    }
    if (!file.delete()) {
      file.deleteOnExit();
    }
  }
}
