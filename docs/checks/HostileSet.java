import com.sun.management.OperatingSystemMXBean;
import io.t2v.GenerationRequest;
import io.t2v.SavedRun;
import io.t2v.TextToVideoPipeline;
import io.t2v.adapter.Adapter;
import io.t2v.cli.keyframes.FrameWeights;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.minimodel.MiniModel;
import io.t2v.text.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/**
 * Hands everything that was made to harm to the readers, on Linux: each must refuse it, with one of
 * the exceptions of docs/security.md, within 5 s of CPU time and 512 MB of resident memory. A
 * reader that waits for ever ends the program after ten minutes. Prints the worst ones. Harmless files
 * of extreme shapes, which are read, are named so.
 *
 * <pre>
 * java -Xmx256m -cp t2v-examples/cli/target/t2v.jar docs/checks/HostileSet.java
 * </pre>
 */
public final class HostileSet {
  private static final double MOST_SECONDS = 5;
  private static final double MOST_MEGABYTES = 512;
  private static final int LONGEST_WAIT_SECONDS = 600;
  private static final int MANY = 1_000_000;
  private static final int DEEP = 100_000;
  private static final int WORST = 5;

  /** Those that may come out of a reader; others are named in full. */
  private static final List<String> REFUSALS =
      List.of(
          "CheckpointException",
          "IllegalArgumentException",
          "InsufficientMemoryException",
          "NonFiniteValueException",
          "SavedRunException",
          "VideoReadException");

  /** Maps of other names than those of special tokens, which are ignored as the reference does. */
  private static final List<String> NO_SPECIAL_TOKENS =
      List.of("ranks that lie", "offsets beyond", "a million keys");

  private interface Reading {
    void read(Path path) throws Exception;
  }

  private record Result(String name, double seconds, double megabytes, String end) {
    boolean isRight() {
      return seconds <= MOST_SECONDS
          && megabytes <= MOST_MEGABYTES
          && (REFUSALS.contains(end) || end.equals("read") && name.startsWith("harmless"));
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%5.2f s %6.1f MB  %s: %s", seconds, megabytes, name, end);
    }
  }

  private final Path folder;
  private final List<Result> results = new ArrayList<>();
  private volatile String current = "";
  private volatile long started = System.nanoTime();
  private volatile long cpuBefore = cpuNanos();

  private HostileSet(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("t2v-hostile-");
    HostileSet set = new HostileSet(folder);
    try {
      set.watch();
      set.warmUp();
      set.weights();
      set.configs();
      set.pictures();
      set.texts();
    } finally {
      try (Stream<Path> all = Files.walk(folder)) {
        all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
    System.exit(set.report() ? 0 : 1);
  }

  private void watch() {
    Thread watch =
        new Thread(
            () -> {
              while ((System.nanoTime() - started) / 1e9 < LONGEST_WAIT_SECONDS
                  && (cpuNanos() - cpuBefore) / 1e9 < 10 * MOST_SECONDS) {
                try {
                  Thread.sleep(1000);
                } catch (InterruptedException e) {
                  return;
                }
              }
              System.out.println(current + " does not end");
              Runtime.getRuntime().halt(1);
            });
    watch.setDaemon(true);
    watch.start();
  }

  private boolean report() {
    List<Result> wrong = results.stream().filter(result -> !result.isRight()).toList();
    System.out.println(results.size() + " tried, wrong: " + wrong.size());
    wrong.forEach(System.out::println);
    for (Comparator<Result> by :
        List.of(
            Comparator.comparingDouble(Result::seconds),
            Comparator.comparingDouble(Result::megabytes))) {
      System.out.println("the worst:");
      results.stream().sorted(by.reversed()).limit(WORST).forEach(System.out::println);
    }
    return wrong.isEmpty();
  }

  /** Classes and natives are loaded by something harmless. */
  private void warmUp() throws Exception {
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      pipeline.plan(GenerationRequest.builder("a red circle").steps(1).frames(1).build());
    }
    VideoReader.create().read(Files.write(folder.resolve("small.png"), png(8, 8)));
    TextToVideoPipeline.inspect(MiniModel.folder());
  }

  private void attempt(String name, Path path, Reading reading) throws IOException {
    System.gc();
    Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // the peak starts anew
    long before = resident("VmRSS");
    long cpu = cpuNanos();
    cpuBefore = cpu;
    current = name;
    started = System.nanoTime();
    String end = "read";
    try {
      reading.read(path);
    } catch (Throwable e) {
      end = e.getClass().getSimpleName();
      if (!REFUSALS.contains(end)) {
        e.printStackTrace(System.out);
      }
    }
    results.add(
        new Result(
            name, (cpuNanos() - cpu) / 1e9, (resident("VmHWM") - before) / 1e6, end));
    started = System.nanoTime();
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static long resident(String field) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith(field + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElseThrow();
    }
  }

  // weights

  /** Each in the place of the denoiser's, as an adapter, as a learned word and as a saved run. */
  private void weights() throws Exception {
    Map<String, Path> files = new LinkedHashMap<>(notFiles());
    for (Map.Entry<String, Supplier<String>> header : headers().entrySet()) {
      files.put(header.getKey(), safetensors(header.getKey(), header.getValue().get(), 64));
    }
    byte[] whole =
        Files.readAllBytes(MiniModel.folder().resolve("unet/diffusion_pytorch_model.safetensors"));
    for (int part : new int[] {0, 7, 8, 1000, whole.length / 2, whole.length - 1}) {
      files.put("cut at " + part, write("cut" + part, Arrays.copyOf(whole, part)));
    }
    byte[] nan = whole.clone();
    for (int i = nan.length / 2; i + 4 <= nan.length; i += 1 << 12) {
      nan[i | 3] = (byte) 0x7f;
      nan[i | 2] = (byte) 0xc0;
    }
    files.put("NaN", write("nan", nan));
    for (Map.Entry<String, byte[]> pickle : pickles().entrySet()) {
      files.put(pickle.getKey(), write(pickle.getKey(), torchFile(pickle.getValue())));
    }
    files.put("zip bomb", write("bomb", bomb()));
    files.put("web page", write("page", "<!DOCTYPE html>".getBytes(StandardCharsets.UTF_8)));
    for (Map.Entry<String, Path> file : files.entrySet()) {
      Path model = modelWith("unet/diffusion_pytorch_model.safetensors", file.getValue());
      String name = "weights, " + file.getKey();
      attempt(name, model, HostileSet::generate);
      attempt("adapter, " + file.getKey(), file.getValue(), Adapter::load);
      attempt(
          "learned word, " + file.getKey(),
          file.getValue(),
          path -> MiniModel.pipeline().learnedWords(path).build().close());
      attempt("saved run, " + file.getKey(), file.getValue(), SavedRun::read);
    }
  }

  private static void generate(Path model) {
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder().checkpoint(model).threads(1).build()) {
      pipeline.generate(
          GenerationRequest.builder("a red circle").size(32, 32).steps(1).frames(1).build());
    }
  }

  private Map<String, Path> notFiles() throws Exception {
    Map<String, Path> all = new LinkedHashMap<>();
    all.put(
        "/dev/zero", Files.createSymbolicLink(folder.resolve("zero"), Path.of("/dev/zero")));
    Path pipe = folder.resolve("pipe");
    new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor();
    all.put("pipe", pipe);
    Path sparse = write("sparse", new byte[8]);
    try (var channel = Files.newByteChannel(sparse, StandardOpenOption.WRITE)) {
      channel.position((3L << 30) - 1).write(ByteBuffer.allocate(1));
    }
    all.put("3 GB of nothing", sparse);
    all.put("folder", Files.createDirectory(folder.resolve("directory")));
    all.put("link to nothing", Files.createSymbolicLink(folder.resolve("x"), Path.of("/none")));
    return all;
  }

  private static Map<String, Supplier<String>> headers() {
    Map<String, Supplier<String>> all = new LinkedHashMap<>();
    all.put("header of brackets", () -> "[".repeat(31 << 20));
    all.put("header nested", () -> "{\"a\":".repeat(DEEP) + "1" + "}".repeat(DEEP));
    all.put("ranks that lie", () -> "{\"a\":{\"dtype\":\"F32\",\"shape\":[1099511627776,1099511627776],\"data_offsets\":[0,64]}}");
    all.put("a rank of a million", () -> "{\"a\":{\"dtype\":\"F32\",\"shape\":[1" + ",1".repeat(MANY) + "],\"data_offsets\":[0,4]}}");
    all.put("offsets beyond", () -> "{\"a\":{\"dtype\":\"F32\",\"shape\":[16],\"data_offsets\":[9223372036854775743,"
            + "9223372036854775807]}}");
    all.put("a million keys", () -> IntStream.range(0, MANY).mapToObj(i -> "\"" + i + "\":1").collect(braced()));
    all.put("many empty tensors", () -> IntStream.range(0, 400_000)
            .mapToObj(
                i -> "\"" + i + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}")
            .collect(braced()));
    all.put("a long number", () -> "{\"a\":" + "9".repeat(MANY) + "}");
    all.put("a long name", () -> "{\"" + "x".repeat(30 << 20) + "\":1}");
    return all;
  }

  private static java.util.stream.Collector<CharSequence, ?, String> braced() {
    return Collectors.joining(",", "{", "}");
  }

  private static Map<String, byte[]> pickles() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("pickle nested", latin("\u0080\u0002" + ")" + "\u0085".repeat(DEEP) + "."));
    all.put("pickle of marks", latin("\u0080\u0002" + "(".repeat(15 << 20) + "t."));
    all.put("pickle of lists", latin("\u0080\u0002]" + "]a".repeat(7 << 20) + "."));
    all.put("pickle of numbers", latin("\u0080\u0002](" + "K\u0001".repeat(7 << 20) + "e."));
    all.put("pickle of a long text", latin("\u0080\u0002X\u00ff\u00ff\u00ff\u007f"));
    all.put("pickle that calls", latin("\u0080\u0002cos\nsystem\nX\u0002\u0000\u0000\u0000id\u0085R."));
    StringBuilder dicts = new StringBuilder("\u0080\u0002}q\u0000");
    for (int level = 1; level < 8; level++) {
      dicts.append("}q").append((char) level).append('(');
      for (int i = 0; i < 1000; i++) {
        dicts.append('M').append((char) (i & 255)).append((char) (i >> 8));
        dicts.append('h').append((char) (level - 1));
      }
      dicts.append('u');
    }
    all.put("pickle of dicts in dicts", latin(dicts + "."));
    return all;
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] torchFile(byte[] pickle) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      ZipEntry entry = new ZipEntry("archive/data.pkl");
      CRC32 crc = new CRC32();
      crc.update(pickle);
      entry.setSize(pickle.length);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(pickle);
    }
    return bytes.toByteArray();
  }

  private static byte[] bomb() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 1024; i++) {
        zip.write(zeros);
      }
    }
    return bytes.toByteArray();
  }

  private Path safetensors(String name, String json, int dataBytes) throws IOException {
    byte[] header = latin(json);
    Path file = folder.resolve(name.replace('/', '-') + ".safetensors");
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
      out.write(header);
      out.write(new byte[dataBytes]);
    }
    return file;
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name.replace('/', '-').replace(' ', '-')), content);
  }

  /** The bundled model with another file in the place of one. */
  private Path modelWith(String replaced, Path file) throws IOException {
    Path model = Files.createTempDirectory(folder, "model");
    try (Stream<Path> all = Files.walk(MiniModel.folder())) {
      for (Path each : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        Path own = model.resolve(MiniModel.folder().relativize(each).toString());
        Files.createDirectories(own.getParent());
        Files.createSymbolicLink(
            own, own.equals(model.resolve(replaced)) ? file.toAbsolutePath() : each);
      }
    }
    Files.createDirectories(model.resolve(replaced).getParent());
    if (!Files.exists(model.resolve(replaced), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      Files.createSymbolicLink(model.resolve(replaced), file.toAbsolutePath());
    }
    return model;
  }

  // configs and tokenizers

  private void configs() throws Exception {
    List<String> places =
        List.of(
            "model_index.json",
            "unet/config.json",
            "vae/config.json",
            "text_encoder/config.json",
            "scheduler/scheduler_config.json",
            "tokenizer/vocab.json",
            "tokenizer/merges.txt",
            "tokenizer/tokenizer_config.json",
            "tokenizer/tokenizer.json",
            "tokenizer/special_tokens_map.json",
            "tokenizer/added_tokens.json");
    Map<String, Path> files = new LinkedHashMap<>();
    for (String name : List.of("zero", "pipe", "sparse", "directory")) {
      files.put(name, folder.resolve(name));
    }
    headers()
        .forEach(
            (name, text) -> {
              try {
                files.put(name, write("json " + name, latin(text.get())));
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    for (String place : places) {
      for (Map.Entry<String, Path> file : files.entrySet()) {
        Path model = modelWith(place, file.getValue());
        boolean ignored =
            place.endsWith("special_tokens_map.json") && NO_SPECIAL_TOKENS.contains(file.getKey());
        attempt(
            (ignored ? "harmless " : "") + place + ", " + file.getKey(), model, HostileSet::generate);
        attempt("harmless or not, inspected " + place + ", " + file.getKey(), model, HostileSet::inspect);
      }
    }
    for (String change :
        List.of(
            "unet/config.json layers_per_block",
            "unet/config.json norm_num_groups",
            "unet/config.json cross_attention_dim",
            "unet/config.json attention_head_dim",
            "vae/config.json layers_per_block",
            "vae/config.json latent_channels",
            "vae/config.json sample_size",
            "text_encoder/config.json num_hidden_layers",
            "text_encoder/config.json hidden_size",
            "text_encoder/config.json max_position_embeddings",
            "scheduler/scheduler_config.json num_train_timesteps",
            "tokenizer/tokenizer_config.json model_max_length")) {
      String place = change.substring(0, change.indexOf(' '));
      String option = change.substring(change.indexOf(' ') + 1);
      for (String value : List.of("2147483647", "1e308", "NaN", "-1", "[" + "4,".repeat(MANY) + "4]")) {
        String json = Files.readString(MiniModel.folder().resolve(place));
        String changed =
            json.contains('"' + option + '"')
                ? json.replaceAll("(\"" + option + "\"\\s*:\\s*)[^,}\\]]+", "$1" + value)
                : json.replaceFirst("\\{", "{\"" + option + "\": " + value + ",");
        Path model = modelWith(place, write("changed", latin(changed)));
        String shown = value.length() > 20 ? "a long list" : value;
        boolean neutral = option.equals("model_max_length") || option.equals("sample_size");
        attempt(
            (neutral ? "harmless " : "") + change + " = " + shown, model, HostileSet::generate);
      }
    }
  }

  private static void inspect(Path model) {
    TextToVideoPipeline.inspect(model).problems().forEach(problem -> {});
  }

  // videos and pictures

  private void pictures() throws Exception {
    VideoReader reader = VideoReader.create();
    Map<String, Path> files = new LinkedHashMap<>();
    for (String name : List.of("zero", "pipe", "sparse")) {
      files.put(name, folder.resolve(name));
    }
    byte[] small = png(8, 8);
    for (int side : new int[] {60_000, Integer.MAX_VALUE}) {
      byte[] lying = small.clone();
      ByteBuffer.wrap(lying).putInt(16, side).putInt(20, side);
      CRC32 crc = new CRC32();
      crc.update(lying, 12, 17);
      ByteBuffer.wrap(lying).putInt(29, (int) crc.getValue());
      files.put("png of " + side, write("lying" + side + ".png", lying));
    }
    files.put("png of 9000", write("large.png", png(9000, 9000)));
    files.put("gif of a screen of 65535", write("screen.gif", gif(0xffff, 1)));
    files.put("gif of 100000 pictures", write("many.gif", gif(1000, DEEP)));
    files.put("noise", write("noise.mp4", new byte[1 << 20]));
    for (Map.Entry<String, Path> file : files.entrySet()) {
      attempt("video, " + file.getKey(), file.getValue(), reader::read);
    }
  }

  private static byte[] png(int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(
        new BufferedImage(width, height, BufferedImage.TYPE_BYTE_BINARY), "png", bytes);
    return bytes.toByteArray();
  }

  /** Pictures of one pixel on a large screen. */
  private static byte[] gif(int screen, int pictures) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(latin("GIF89a"));
    out.writeBytes(
        new byte[] {
          (byte) screen, (byte) (screen >> 8), (byte) screen, (byte) (screen >> 8), (byte) 0x80, 0, 0
        });
    out.writeBytes(new byte[6]);
    for (int i = 0; i < pictures; i++) {
      out.writeBytes(new byte[] {0x21, (byte) 0xf9, 4, 0, 10, 0, 0, 0});
      out.writeBytes(new byte[] {0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0});
    }
    out.write(0x3b);
    return out.toByteArray();
  }

  // prompts, weights of frames, and requests

  private void texts() throws Exception {
    Map<String, String> texts = new LinkedHashMap<>();
    for (String level : List.of("(", "[", "[a:", "[a|", "(a:", "\\", "((a)+ ", "\"a\"+(", "{", "a+")) {
      texts.put(level + " 100000 times", level.repeat(DEEP));
    }
    texts.put("closed brackets", "(".repeat(DEEP) + "a" + ")".repeat(DEEP));
    texts.put("closed edits", "[".repeat(DEEP) + "a" + ":1]".repeat(DEEP));
    texts.put("a blend of 100000", "(" + "\"a\",".repeat(DEEP) + "\"a\").blend()");
    texts.put("a long weight", "(a:" + "9".repeat(MANY) + ")");
    texts.put("a million words", "a ".repeat(MANY));
    for (Map.Entry<String, String> text : texts.entrySet()) {
      for (PromptSyntax syntax : PromptSyntax.values()) {
        attempt(
            "harmless or not, " + syntax + ", " + text.getKey(),
            folder,
            path -> {
              syntax.check(text.getValue());
              syntax.textOfEachStep(text.getValue(), 2);
            });
      }
    }
    for (String level : List.of("(", "-", "2**", "min(", "1+")) {
      attempt(
          "weights of frames, " + level,
          folder,
          path -> FrameWeights.parse("0:" + level.repeat(DEEP)).ofFrames(2, 2, 1));
    }
    for (String setting : List.of("steps", "frames", "clipSkip", "framesPerSecond", "strength")) {
      for (Number value : List.of(BigInteger.TWO.pow(64).add(BigInteger.ONE), 1e300, Double.NaN)) {
        // Any finite rate is harmless here: an encoder says which ones it takes.
        boolean rate = setting.equals("framesPerSecond") && Double.isFinite(value.doubleValue());
        attempt(
            (rate ? "harmless " : "") + "request, " + setting + " = " + value,
            folder,
            path ->
                GenerationRequest.fromProperties(Map.of("prompts", List.of("a"), setting, value)));
      }
    }
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      for (int frames : new int[] {DEEP, Integer.MAX_VALUE}) {
        attempt(
            "harmless plan, " + frames + " frames",
            folder,
            path -> pipeline.plan(MiniModel.request("a").frames(frames).build()));
      }
      attempt(
          "harmless prompt of a million words",
          folder,
          path ->
              pipeline.plan(
                  MiniModel.request("a ".repeat(MANY)).promptSyntax(PromptSyntax.PLAIN).build()));
    }
  }
}
