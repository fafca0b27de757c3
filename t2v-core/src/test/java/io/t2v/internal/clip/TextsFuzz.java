package io.t2v.internal.clip;

import io.t2v.testing.FuzzedReader;
import io.t2v.testing.GoldenModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Any text is tokenized, by the tokenizers of both layouts, and can be decoded. */
public final class TextsFuzz implements FuzzedReader {
  private @Nullable ClipTokenizer transformers;
  private @Nullable ClipTokenizer openClip;

  @Override
  public Map<String, byte[]> start(Path folder) throws IOException {
    transformers =
        ClipTokenizer.load(
            GoldenModel.write("one-level", folder.resolve("m")).resolve("tokenizer"));
    openClip = ClipTokenizer.openClip();
    return Map.of(
        "text",
        "A red circle's <|endoftext|>, &lt;b&gt; 12 ﬁ\u0130\u0301 \uD83D\uDE00!"
            .getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void read(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    for (ClipTokenizer tokenizer : new ClipTokenizer[] {transformers, openClip}) {
      tokenizer.tokenize(text);
      tokenizer.decode(tokenizer.encode(text));
    }
    // lone surrogates, which no UTF-8 has
    openClip.encode(new String(input, StandardCharsets.UTF_16BE));
  }
}
