package io.t2v.contract;

import io.t2v.ContentFilter;
import io.t2v.ContentRefusedException;
import io.t2v.Provenance;
import io.t2v.VideoInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;

/**
 * What the pipeline relies on, checked for any filter:
 *
 * <pre>{@code
 * ContentFilterContract.of(new MyFilter(), "a panda eats bamboo").check();
 * }</pre>
 *
 * <p>Texts and frames come back, whole or replaced, or are refused with a {@link
 * ContentRefusedException}, never in another way; the answer is the same for the same content,
 * whatever was seen before, and on every thread; no native object is left behind. Immutable.
 */
public final class ContentFilterContract extends PlugInContract {
  private static final VideoInfo VIDEO = new VideoInfo(16, 8, 2, 8, Provenance.unknown());
  private static final int THREADS = 3;
  private static final long SEED = 5;

  private final ContentFilter filter;
  private final List<String> prompts;

  private ContentFilterContract(ContentFilter filter, List<String> prompts) {
    super(filter);
    this.filter = filter;
    this.prompts = prompts;
  }

  /**
   * Takes a filter.
   *
   * @param filter to be checked
   * @param prompts some that it lets through, replaces and refuses
   * @return the contract
   */
  public static ContentFilterContract of(ContentFilter filter, String... prompts) {
    return new ContentFilterContract(filter, List.of(prompts));
  }

  @Override
  public void check() {
    requireConstant("allowsPreviews", filter::allowsPreviews);
    long before = Pointer.totalCount();
    List<Object> first = answers();
    require(answers().equals(first), "answers in another way when it is asked again");
    List<CompletableFuture<List<Object>>> together = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      together.add(CompletableFuture.supplyAsync(this::answers));
    }
    for (CompletableFuture<List<Object>> answers : together) {
      require(answers.join().equals(first), "answers in another way when several threads ask");
    }
    require(Pointer.totalCount() <= before, "leaves native objects behind");
  }

  /** To prompts, the empty one included, to negative prompts, and to frames. */
  private List<Object> answers() {
    List<Object> answers = new ArrayList<>();
    for (String prompt : prompts) {
      answers.add(answer("filterPrompt", () -> text(prompt, filter.filterPrompt(prompt))));
      answers.add(answer("filterNegativePrompt", () -> filter.filterNegativePrompt(prompt)));
    }
    answers.add(answer("filterPrompt", () -> filter.filterPrompt("")));
    answers.add(answer("filterNegativePrompt", () -> filter.filterNegativePrompt("")));
    Random random = new Random(SEED);
    for (int i = 0; i < VIDEO.frames(); i++) {
      byte[] rgb = new byte[3 * VIDEO.width() * VIDEO.height()];
      random.nextBytes(rgb);
      int index = i;
      answers.add(answer("filterFrame", () -> frame(filter.filterFrame(rgb, index, VIDEO))));
    }
    return answers;
  }

  private String text(String prompt, String filtered) {
    requireResult("filterPrompt", filtered);
    require(!filtered.isBlank() || prompt.isBlank(), "returns a blank text for a prompt");
    return filtered;
  }

  private List<Byte> frame(byte[] rgb) {
    requireResult("filterFrame", rgb);
    int length = 3 * VIDEO.width() * VIDEO.height();
    require(
        rgb.length == length, "returns %s bytes from filterFrame, expected %s", rgb.length, length);
    List<Byte> bytes = new ArrayList<>();
    for (byte one : rgb) {
      bytes.add(one);
    }
    return bytes;
  }

  private Object answer(String method, Supplier<Object> question) {
    try {
      return requireResult(method, question.get());
    } catch (ContentRefusedException e) {
      return "refused: " + e.getMessage();
    } catch (RuntimeException e) {
      throw new AssertionError(
          broken("fails in " + method + ", expected a ContentRefusedException").getMessage(), e);
    }
  }
}
