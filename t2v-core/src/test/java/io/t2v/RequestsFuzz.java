package io.t2v;

import io.t2v.internal.io.Json;
import io.t2v.internal.io.JsonException;
import io.t2v.testing.FuzzedReader;
import io.t2v.testing.HostileOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * Properties of requests. The first byte says whether the others are JSON, or hostile values in a
 * complete request.
 */
public final class RequestsFuzz implements FuzzedReader {
  private static final byte[] COMPLETE =
      """
      {"prompts": ["a", "b"], "promptSyntax": "A1111", "negativePrompts": ["c", "d"],
       "seeds": [1, 2], "promptAt": {"2": "e"}, "negativePromptAt": {"3": "f"},
       "window": {"length": 8, "overlap": 4, "weights": "TRIANGULAR", "shiftEachStep": true,
                  "loop": false, "correlatedNoise": true},
       "acceleration": {"cacheInterval": 2, "cacheDepth": 1, "guidanceAgreement": 0.5},
       "steps": 10, "guidanceScale": 5, "guidanceRescale": 0.1, "guidanceStart": 0.1,
       "guidanceStop": 0.9, "freeU": {"b1": 1.1, "b2": 1.2, "s1": 0.9, "s2": 0.8},
       "temporalAttentionStrength": 0.9, "temporalConvStrength": 0.9, "eta": 0.5, "frames": 16,
       "size": [64, 32], "strength": 0.5, "clipSkip": 1, "framesPerSecond": 8,
       "pixelRounding": "FLOOR", "watermark": "00000000c0ffee00",
       "initLatents": {"shape": [1, 4, 1, 1, 1], "values": "AAAAAAAAAAAAAAAAAAAAAA=="}}
      """
          .getBytes(StandardCharsets.UTF_8);

  @Override
  public Map<String, byte[]> start(Path folder) {
    byte[] whole = new byte[1 + COMPLETE.length];
    System.arraycopy(COMPLETE, 0, whole, 1, COMPLETE.length);
    return Map.of("whole", whole, "option", new byte[] {1, 0, 0, 20, 0});
  }

  @Override
  public void read(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    boolean whole = (input[0] & 1) == 0;
    byte[] json =
        whole ? Arrays.copyOfRange(input, 1, input.length) : HostileOptions.in(COMPLETE, input, 1);
    try {
      GenerationRequest request = GenerationRequest.fromProperties(Json.parseObject(json, "input"));
      String unused = request.toBuilder().build().toString();
    } catch (IllegalArgumentException | IllegalStateException | JsonException e) {
      // refused, as it should be
    }
  }
}
