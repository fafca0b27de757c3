package io.t2v.testing;

import io.t2v.internal.torch.HostTensors;
import io.t2v.text.EncodedText;
import io.t2v.text.TextEncoder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A text encoder that knows a text by its hash, and counts what is asked of it. */
public final class StubTextEncoder implements TextEncoder {
  private final int width;
  private int calls;
  private boolean closed;

  public StubTextEncoder(int width) {
    this.width = width;
  }

  public int calls() {
    return calls;
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int maxTokens() {
    return 5;
  }

  @Override
  public int maxClipSkip() {
    return 3;
  }

  @Override
  public EncodedText encode(List<String> texts, int clipSkip, int tokens) {
    calls++;
    float[] values = new float[texts.size() * tokens * width];
    for (int i = 0; i < texts.size(); i++) {
      int length = tokens * width;
      Arrays.fill(values, i * length, (i + 1) * length, (texts.get(i).hashCode() % 64) / 64f);
    }
    return new EncodedText(
        HostTensors.of(values, texts.size(), tokens, width), Collections.nCopies(texts.size(), ""));
  }

  @Override
  public void close() {
    closed = true;
  }
}
