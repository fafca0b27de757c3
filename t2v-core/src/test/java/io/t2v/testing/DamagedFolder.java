package io.t2v.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A folder of which a fuzzer damages one file at a time. The first byte of an input chooses the
 * file. Below {@value #OPTIONS} the other bytes are its content; from there on they put hostile
 * values in the place of options of the JSON file.
 */
public final class DamagedFolder {
  private static final int OPTIONS = 128;

  private final List<Path> files;
  private final Map<Path, byte[]> originals = new HashMap<>();

  /** Of some files, in this order, fewer than {@value #OPTIONS}. */
  public DamagedFolder(List<Path> files) throws IOException {
    this.files = List.copyOf(files);
    for (Path file : files) {
      originals.put(file, Files.readAllBytes(file));
    }
  }

  /** Inputs that leave each file as it is. */
  public Map<String, byte[]> seeds() {
    Map<String, byte[]> seeds = new HashMap<>();
    for (int i = 0; i < files.size(); i++) {
      byte[] content = original(i);
      byte[] whole = new byte[1 + content.length];
      whole[0] = (byte) i;
      System.arraycopy(content, 0, whole, 1, content.length);
      seeds.put("whole-" + i, whole);
      if (isJson(files.get(i))) {
        seeds.put("option-" + i, new byte[] {(byte) (OPTIONS + i), 0, 0});
      }
    }
    return seeds;
  }

  private byte[] original(int file) {
    return originals.get(files.get(file));
  }

  private static boolean isJson(Path file) {
    return file.toString().endsWith(".json");
  }

  /** Reads the folder while one file is damaged, which the reading is told. */
  public void read(byte[] input, Consumer<Path> reading) throws IOException {
    if (input.length == 0) {
      return;
    }
    int choice = input[0] & 0xff;
    int number = choice % OPTIONS % files.size();
    Path file = files.get(number);
    try {
      if (choice < OPTIONS) {
        Files.write(file, Arrays.copyOfRange(input, 1, input.length));
      } else if (isJson(file)) {
        Files.write(file, HostileOptions.in(original(number), input, 1));
      }
      reading.accept(file);
    } finally {
      Files.write(file, original(number));
    }
  }
}
