package io.t2v;

import static io.t2v.testing.Mistake.assertBroken;

import io.t2v.contract.ContentFilterContract;
import io.t2v.internal.torch.TorchRuntime;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract passes what keeps it, and says what is wrong with what does not. */
class ContentFilterContractTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  private record Filter(UnaryOperator<String> prompts, UnaryOperator<byte[]> frames)
      implements ContentFilter {
    @Override
    public String filterPrompt(String prompt) {
      return prompts.apply(prompt);
    }

    @Override
    public byte[] filterFrame(byte[] rgb, int index, VideoInfo video) {
      return frames.apply(rgb);
    }
  }

  private static Runnable check(UnaryOperator<String> prompts, UnaryOperator<byte[]> frames) {
    return ContentFilterContract.of(new Filter(prompts, frames), "a panda", "a war")::check;
  }

  private static Runnable checkPrompts(UnaryOperator<String> prompts) {
    return check(prompts, rgb -> rgb);
  }

  private static Runnable checkFrames(UnaryOperator<byte[]> frames) {
    return check(prompt -> prompt, frames);
  }

  private static <T> T refuse(T content) {
    throw new ContentRefusedException("no");
  }

  @Test
  void passesWhatLetsThroughReplacesAndRefuses() {
    check(prompt -> prompt, rgb -> rgb).run();
    check(prompt -> prompt.replace("war", "peace"), rgb -> new byte[rgb.length]).run();
    check(ContentFilterContractTest::refuse, ContentFilterContractTest::refuse).run();
  }

  @Test
  void findsNothingInThePlaceOfContent() {
    assertBroken(checkPrompts(prompt -> null), "returns null from filterPrompt");
    assertBroken(checkPrompts(prompt -> ""), "returns a blank text for a prompt");
    assertBroken(checkFrames(rgb -> null), "returns null from filterFrame");
  }

  @Test
  void findsAFrameOfAnotherSize() {
    assertBroken(
        checkFrames(rgb -> Arrays.copyOf(rgb, 12)),
        "returns 12 bytes from filterFrame, expected 384");
  }

  @Test
  void findsAnotherExceptionThanARefusal() {
    assertBroken(
        checkPrompts(
            prompt -> {
              throw new IllegalArgumentException(prompt);
            }),
        "fails in filterPrompt, expected a ContentRefusedException");
  }

  @Test
  void findsAnswersThatDependOnWhatWasSeenBefore() {
    AtomicInteger seen = new AtomicInteger();
    assertBroken(
        checkPrompts(prompt -> prompt + seen.getAndIncrement()),
        "answers in another way when it is asked again");
  }

  @Test
  void findsAnswersThatDependOnTheThread() {
    Thread own = Thread.currentThread();
    assertBroken(
        checkPrompts(prompt -> Thread.currentThread() == own ? prompt : refuse(prompt)),
        "answers in another way when several threads ask");
  }

  @Test
  void findsALeak() {
    assertBroken(
        checkFrames(
            rgb -> {
              new Scalar(1).retainReference();
              return rgb;
            }),
        "leaves native objects behind");
  }
}
