package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.io.BaseEncoding;
import com.google.common.io.Resources;
import com.google.common.primitives.Bytes;
import com.sun.management.ThreadMXBean;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.RawPickle;
import io.t2v.testing.RawTorchFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PyTorch files that are out for harm, or cut off: an error that names what, and little memory. */
class HostileFilesTest {
  private static final long FEW_BYTES = 128L << 20;
  private static final int NESTED = 10_000;
  private static final byte[] SIXTEEN_BYTES = new byte[16];

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("model.bin");
  }

  @ParameterizedTest
  @CsvSource({
    "os, system",
    "posix, system",
    "nt, system",
    "subprocess, Popen",
    "builtins, eval",
    "builtins, exec",
    "builtins, getattr",
    "__builtin__, eval",
    "torch.hub, load",
    "torch, load",
    "collections, namedtuple",
    "numpy.core.multiarray, _reconstruct"
  })
  void callsNoFunction(String module, String name) throws IOException {
    Path trace = folder.resolve("executed");
    byte[] byGlobal =
        new RawPickle().global(module, name).text("touch " + trace).op(0x85, 'R').stop();
    byte[] onStack =
        new RawPickle()
            .text(module)
            .text(name)
            .op(0x93)
            .text("touch " + trace)
            .op(0x85, 'R')
            .stop();
    for (byte[] pickle : new byte[][] {byGlobal, onStack}) {
      assertRefused(
          RawTorchFile.zip(pickle, SIXTEEN_BYTES), "refers to Python's " + module + "." + name);
      assertRefused(
          RawTorchFile.legacy(pickle, new byte[0], new byte[0]),
          "refers to Python's " + module + "." + name);
    }
    assertThat(trace).doesNotExist();
  }

  @Test
  void namesAFunctionWithoutControlCharacters() throws IOException {
    refusePickle(
        new RawPickle().global("evil\u001b[2J", "x").stop(), "refers to Python's evil?[2J.x.");
    refusePickle(
        new RawPickle().ops("c" + "x".repeat(1000)).stop(), "a name of more than 256 bytes");
  }

  @Test
  void callsNothingThatIsNoFunction() throws IOException {
    refusePickle(new RawPickle().text("x").ops(")R").stop(), "calls what is no function");
    refusePickle(
        new RawPickle().global("torch", "FloatStorage").ops(")R").stop(),
        "calls what is no function");
    refusePickle(
        new RawPickle().global("collections", "OrderedDict").ops("}R").stop(),
        "calls what is no function");
    refusePickle(
        new RawPickle().global("torch", "Size").ops(")R").stop(), "arguments that do not fit");
    refusePickle(new RawPickle().text("x").ops("}b").stop(), "sets the state of an object");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "2", "1", "I1\n", "L1L\n", "S'x'\n", "Vx\n", "i os\nsystem\n", "P1\n"})
  void refusesOtherInstructions(String ops) throws IOException {
    refusePickle(
        new RawPickle().ops(ops).stop(),
        "uses the pickle instruction 0x%02x at byte".formatted((int) ops.charAt(0)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(.", "t.", "e.", "u.", "s.", "a.", "R.", "b.", "Q.", ".", "h\0.", "q\0."})
  void refusesProgramsThatTakeWhatIsNotThere(String ops) throws IOException {
    refusePickle(new RawPickle().ops(ops).bytes(), "is no intact PyTorch file: its pickle ");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 255})
  void refusesOtherProtocols(int protocol) throws IOException {
    refusePickle(new RawPickle().op(0x80, protocol).ops("}").stop(), "protocol " + protocol);
  }

  @ParameterizedTest
  @MethodSource
  void refusesEndlessNesting(byte[] pickle) throws IOException {
    refusePickle(pickle, "nested");
  }

  static Stream<byte[]> refusesEndlessNesting() {
    return Stream.of(
        nested(")", "\u0085", ""),
        nested("", "(", "t"),
        nested("", "(", "t".repeat(NESTED)),
        nested("", "]", "a".repeat(NESTED)),
        nested("", "](", "e".repeat(NESTED)),
        nested("", "}X\u0001\0\0\0a", "s".repeat(NESTED)),
        dictsInDicts(9));
  }

  private static byte[] nested(String start, String level, String end) {
    return new RawPickle().ops(start).ops(level.repeat(NESTED)).ops(end).stop();
  }

  private static byte[] dictsInDicts(int levels) {
    return new RawPickle()
        .ops("}X\1\0\0\0a".repeat(levels))
        .ops("}")
        .ops("s".repeat(levels))
        .stop();
  }

  /** Eight levels of a thousand dicts each, which are all the same. */
  @Test
  void refusesEndlessRepetition() throws IOException {
    RawPickle pickle = new RawPickle().ops("}q\0");
    for (int level = 1; level < 8; level++) {
      pickle.ops("}q").op(level).ops("(");
      for (int i = 0; i < 1000; i++) {
        pickle.number(i).ops("h").op(level - 1);
      }
      pickle.ops("u");
    }
    refusePickle(pickle.stop(), "holds more than 500000 entries");
  }

  @Test
  void refusesTooManyValues() throws IOException {
    refusePickle(new RawPickle().ops("](" + "}".repeat(9000) + "e").stop(), "too many values");
    refusePickle(new RawPickle().ops("]" + "}a".repeat(500_001)).stop(), "too many values");
    refusePickle(new RawPickle().ops("}" + "K\1K\1s".repeat(250_001)).stop(), "too many values");
  }

  /** Each object copies its parameters: many with one large dict would fill the heap. */
  @Test
  void refusesParameterDictsOfManyEntries() throws IOException {
    Files.write(file, RawTorchFile.zip(parameterDict(64), SIXTEEN_BYTES));
    assertThat(TensorFormat.open(file).entries()).hasSize(64);
    refusePickle(parameterDict(65), "has a pickle that sets the state of an object");
  }

  private static byte[] parameterDict(int entries) {
    RawPickle pickle =
        new RawPickle()
            .global("torch.nn.modules.container", "ParameterDict")
            .ops(")R}")
            .text("_parameters")
            .ops("}(");
    for (int i = 0; i < entries; i++) {
      pickle.text("word" + i).then(tensor(4, 0, new long[] {4}, 1));
    }
    return pickle.ops("usb").stop();
  }

  @ParameterizedTest
  @CsvSource({
    "X\u00ff\u00ff\u00ff\u00ff, a string of 4294967295 bytes",
    "X\u00ff\u00ff\u00ff\u007f, a string of 2147483647 bytes",
    "\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff, a string of 18446744073709551615 bytes",
    "X\u00ff\u00ff\u00ff\u0000, it ends within a pickle",
    "\u008a\u00ff, an integer of 255 bytes",
    "X\u0001\u0000\u0000\u0000\u00ff, no UTF-8"
  })
  void refusesImpossibleStrings(String ops, String why) throws IOException {
    refusePickle(new RawPickle().ops(ops).bytes(), why);
  }

  @Test
  void refusesAHugePickle() throws IOException {
    byte[] pickle = new RawPickle().ops("]").bytes();
    byte[] huge = new byte[(16 << 20) + 1000];
    for (int i = 0; i + 9 <= huge.length; i += 9) {
      huge[i] = (byte) 0x95; // a frame of 0 bytes, which means nothing
    }
    refusePickle(Bytes.concat(pickle, huge), "a pickle of more than the 16777216 bytes");
  }

  @ParameterizedTest
  @MethodSource
  void refusesTensorsOutsideOfTheirStorage(RawPickle tensor, String why) throws IOException {
    byte[] pickle = new RawPickle().ops("}").text("a").then(tensor).ops("s").stop();
    refusePickle(pickle, why);
    assertRefused(
        RawTorchFile.legacy(
            pickle,
            new RawPickle().ops("]").text("0").ops("a").stop(),
            RawTorchFile.storage(4, SIXTEEN_BYTES)),
        why.contains("bytes, but") ? "numbers, expected" : why);
  }

  static Stream<Arguments> refusesTensorsOutsideOfTheirStorage() {
    return Stream.of(
        Arguments.of(tensor(4, 0, new long[] {5}, 1), "tensor a of shape [5]"),
        Arguments.of(tensor(4, 1, new long[] {4}, 1), "reaches beyond its storage of 4 numbers"),
        Arguments.of(tensor(4, 0, new long[] {2}, 4), "reaches beyond its storage of 4 numbers"),
        Arguments.of(tensor(4, 4, new long[] {}), "reaches beyond its storage of 4 numbers"),
        Arguments.of(tensor(4, Long.MAX_VALUE, new long[] {2}, 1), "reaches beyond"),
        Arguments.of(tensor(4, 0, new long[] {1L << 62, 4}, 1, 1), "reaches beyond"),
        Arguments.of(tensor(4, 0, new long[] {1L << 40, 1L << 40}, 0, 0), "reaches beyond"),
        Arguments.of(tensor(4, 0, new long[] {2}, Long.MAX_VALUE), "reaches beyond"),
        Arguments.of(tensor(4, -1, new long[] {1}, 1), "tensor a has a negative size"),
        Arguments.of(tensor(4, 0, new long[] {-1}, 1), "tensor a has a negative size"),
        Arguments.of(tensor(4, 3, new long[] {2}, -1), "tensor a has a negative size"),
        Arguments.of(tensor(4, 0, new long[] {2, 2}, 1), "the shape [2, 2], but the strides [1]"),
        Arguments.of(tensor(-1, 0, new long[] {1}, 1), "its storage 0 has -1 numbers"),
        Arguments.of(tensor(5, 0, new long[] {1}, 1), "16 bytes, but is to hold 5 numbers"),
        Arguments.of(tensor(1L << 62, 0, new long[] {1}, 1), "its storage 0"));
  }

  private static RawPickle tensor(long elements, long offset, long[] shape, long... strides) {
    return new RawPickle().tensor("0", elements, offset, shape, strides);
  }

  @Test
  void refusesAStorageThatIsMissing() throws IOException {
    byte[] pickle = new RawPickle().ops("}").text("a").ops("Q").stop();
    refusePickle(pickle, "refers to something outside that is no storage");
    refusePickle(
        new RawPickle().storage("FloatStorage", "../1", 4).stop(),
        "its entry archive/data/../1 is missing");
    refusePickle(
        new RawPickle()
            .ops("(")
            .storage("FloatStorage", "0", 4)
            .storage("HalfStorage", "0", 8)
            .ops("t")
            .stop(),
        "its storage 0 is there with two types or lengths");
  }

  @Test
  void refusesALegacyFileWhoseStoragesAreNotThere() throws IOException {
    byte[] pickle = new RawPickle().ops("}").text("a").ops("N").ops("s").stop();
    byte[] keys = new RawPickle().ops("]").text("0").ops("a").stop();
    assertRefused(RawTorchFile.legacy(pickle, keys, SIXTEEN_BYTES), "that no tensor uses");
    assertRefused(
        RawTorchFile.legacy(pickle, pickle, SIXTEEN_BYTES), "list of storages is missing");
    byte[] used =
        new RawPickle().ops("}").text("a").storage("FloatStorage", "0", 1 << 30).ops("s").stop();
    assertRefused(
        RawTorchFile.legacy(used, keys, RawTorchFile.storage(1 << 30, SIXTEEN_BYTES)),
        "its storage 0 of 4294967296 bytes begins at byte");
  }

  @Test
  void refusesAZipBomb() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(new byte[8 << 20]);
      zip.closeEntry();
    }
    assertRefused(
        bytes.toByteArray(),
        "has the compressed or encrypted entry archive/data.pkl",
        "torch.save");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../data.pkl",
        "archive/../data.pkl",
        "archive/..",
        "/etc/data.pkl",
        "..",
        "a\\b",
        "a\nb",
        "a\0"
      })
  void refusesEntriesThatPointElsewhere(String name) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", new RawPickle().ops("}").stop());
    entries.put(name, new byte[1]);
    assertRefused(RawTorchFile.zip(entries), "which points out of it");
  }

  @Test
  void refusesOtherZipFiles() throws IOException {
    assertRefused(RawTorchFile.zip(Map.of("a/b", new byte[1])), "not one that torch.save wrote");
    assertRefused(
        RawTorchFile.zip(Map.of("a/data.pkl", new byte[1], "b/data.pkl", new byte[1])),
        "not one that torch.save wrote");
    assertRefused(
        RawTorchFile.zip(Map.of("a/data.pkl", new byte[1], "a/constants.pkl", new byte[1])),
        "TorchScript");
    assertRefused(
        RawTorchFile.zip(
            Map.of(
                "a/data.pkl",
                new byte[1],
                "a/byteorder",
                "big".getBytes(StandardCharsets.US_ASCII))),
        "its byte order is big");
  }

  @Test
  void findsEntriesOfLargeFiles() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", oneTensor());
    entries.put("archive/data/0", SIXTEEN_BYTES);
    byte[] large = RawTorchFile.zip(entries, true);
    Files.write(file, large);
    assertThat(TensorFormat.open(file).entries().get("a").offset())
        .isEqualTo(Bytes.indexOf(large, "archive/data/0".getBytes(StandardCharsets.UTF_8)) + 14);
    int locator = Bytes.indexOf(large, new byte[] {'P', 'K', 6, 7});
    int extra = Bytes.indexOf(large, new byte[] {0x42, 0x42});
    for (int position : new int[] {locator, locator + 15, locator - 1, locator - 9, extra + 8}) {
      byte[] bad = large.clone();
      bad[position] ^= (byte) 0xff;
      assertRefused(bad, "");
    }
  }

  private static byte[] oneTensor() {
    return new RawPickle().ops("}").text("a").then(tensor(4, 0, new long[] {4}, 1)).ops("s").stop();
  }

  /** Every length and offset of the directory, set to the highest value that it can have. */
  @Test
  void refusesAZipDirectoryThatLies() throws IOException {
    byte[] good = RawTorchFile.zip(oneTensor(), SIXTEEN_BYTES);
    Files.write(file, good);
    assertThat(TensorFormat.open(file).entries()).containsOnlyKeys("a");
    int end = good.length - 22;
    int directory = Bytes.indexOf(good, new byte[] {'P', 'K', 1, 2});
    for (int position :
        new int[] {
          end + 12, end + 16, directory + 10, directory + 20, directory + 24, directory + 42
        }) {
      for (int value : new int[] {0x7fffffff, 0xfffffffe, 0xffffffff}) {
        byte[] bad = good.clone();
        for (int i = 0; i < 4; i++) {
          bad[position + i] = (byte) (value >> (8 * i));
        }
        assertRefused(bad, "");
      }
    }
    for (int position : new int[] {directory + 28, directory + 30, directory + 32, 26, 28}) {
      byte[] bad = good.clone();
      bad[position] = (byte) 0xff;
      bad[position + 1] = (byte) 0xff;
      assertRefused(bad, "");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "features.bin",
        "features-legacy.bin",
        "features-protocol-5.bin",
        "features.safetensors"
      })
  void refusesWhatWasCutOff(String resource) throws IOException {
    byte[] whole = Resources.toByteArray(Resources.getResource("golden/pickles/" + resource));
    for (int part : IntStream.range(0, 20).toArray()) {
      file = folder.resolve(part + resource);
      assertRefused(Arrays.copyOf(whole, whole.length * part / 20), "");
    }
    assertRefused(Arrays.copyOf(whole, whole.length - 1), "");
  }

  @Test
  void namesFilesOfOtherKinds() throws IOException {
    byte[] tar = new byte[1024];
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    assertRefused(tar, "is a tar file, not weights", "before version 0.2");
    assertRefused(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"
            .getBytes(StandardCharsets.US_ASCII),
        "is a Git LFS pointer",
        "git lfs pull");
    assertRefused("<!DOCTYPE html>".getBytes(StandardCharsets.US_ASCII), "is a web page");
    assertRefused(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, "holds no weights");
    assertRefused(new RawPickle().ops("}").stop(), "not one that torch.save wrote");
  }

  @ParameterizedTest
  @CsvSource({
    "89504e470d0a1a0a0000000d, is a PNG picture",
    "ffd8ffe000104a464946, is a JPEG picture",
    "47494638396101000100, is a GIF",
    "0000002066747970697336d0, is an MP4 video",
    "1a45dfa39f4286810142, is a Matroska or WebM video",
    "474755460300000000000000, is a GGUF file",
    "894844460d0a1a0a00000000, is an HDF5 file",
    "1f8b0800000000000003, is a file that gzip compressed",
    "7f454c46020101000000, is a program or a native library",
  })
  void namesTheKindWhateverTheNameOfTheFile(String hex, String kind) throws IOException {
    for (String name : List.of("model.bin", "model.safetensors")) {
      file = folder.resolve(name);
      assertRefused(BaseEncoding.base16().lowerCase().decode(hex), kind, ", not weights.");
    }
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> StateFile.read(file, "t2v-run-1"))
        .withMessageStartingWith(file + " " + kind)
        .withMessageContaining(", not a safetensors file of the format t2v-run-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Entry not found",
        "Invalid username or password.",
        "{\"error\":\"Repository not found\"}",
      })
  void quotesTheErrorThatWasDownloaded(String text) throws IOException {
    for (String name : List.of("model.bin", "model.safetensors")) {
      file = folder.resolve(name);
      assertRefused(
          (text + "\n").repeat(50).getBytes(StandardCharsets.US_ASCII),
          "is text, not weights: it begins with \"" + text + "\".",
          "download it again");
    }
  }

  /** Its length is a header's length, too. */
  @Test
  void gzipsMarkIsNoReasonToRefuseSafetensors() throws IOException {
    byte[] header = ("{" + " ".repeat(0x088b1f - 2) + "}").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    Files.write(file, bytes.putLong(header.length).put(header).array());

    assertThat(TensorFormat.open(file).entries()).isEmpty();
  }

  @Test
  void opensSafetensorsByAnotherName() throws IOException {
    byte[] safetensors =
        Resources.toByteArray(Resources.getResource("golden/pickles/features.safetensors"));
    Files.write(file, safetensors);
    assertThat(TensorFormat.open(file).entries()).containsKey("größe");
  }

  private void refusePickle(byte[] pickle, String... parts) throws IOException {
    assertRefused(RawTorchFile.zip(pickle, SIXTEEN_BYTES), parts);
  }

  private void assertRefused(byte[] content, String... parts) throws IOException {
    Files.write(file, content);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TensorFormat.open(file))
        .withMessageStartingWith(file.toString())
        .withMessageContainingAll(parts);
    assertThat(threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before)
        .isLessThan(FEW_BYTES);
  }
}
