package io.t2v.gpucheck;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A LoRA file of PEFT for one attention of a checkpoint's UNet. */
final class RandomLora {
  private static final String LAYER =
      "unet.down_blocks.0.temp_attentions.0.transformer_blocks.0.attn1.to_v";
  private static final int RANK = 4;
  private static final float SCALE = 0.2f;

  private RandomLora() {}

  /** checkpoint: a folder in diffusers' layout. */
  static void write(Path file, Path checkpoint) throws IOException {
    Map<String, Object> config =
        JSON.std.mapFrom(Files.readString(checkpoint.resolve("unet/config.json")));
    List<?> widths = (List<?>) requireNonNull(config.get("block_out_channels"));
    int width = ((Number) requireNonNull(widths.get(0))).intValue();
    int bytes = RANK * width * Float.BYTES;
    Map<String, Object> header = new LinkedHashMap<>();
    header.put(LAYER + ".lora_A.weight", tensor(RANK, width, 0, bytes));
    header.put(LAYER + ".lora_B.weight", tensor(width, RANK, bytes, bytes));
    byte[] json = JSON.std.asString(header).getBytes(StandardCharsets.UTF_8);
    ByteBuffer content =
        ByteBuffer.allocate(Long.BYTES + json.length + 2 * bytes).order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(json.length).put(json);
    Random random = new Random(0);
    while (content.hasRemaining()) {
      content.putFloat(SCALE * (float) random.nextGaussian());
    }
    Files.write(file, content.array());
  }

  private static Map<String, Object> tensor(int rows, int columns, int start, int bytes) {
    return Map.of(
        "dtype", "F32",
        "shape", List.of(rows, columns),
        "data_offsets", List.of(start, start + bytes));
  }
}
